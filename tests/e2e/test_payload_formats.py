# SPDX-License-Identifier: Apache-2.0
"""The forms of bodies, judged by those they are made for: a real Alertmanager, the protocol buffers of OpenTelemetry,
the SDKs of CloudEvents and Slack. There is no Elasticsearch here: what its bulk API takes is written down below after
its reference, as a stand-in.

payloads/alerts.jsonl was written by `bongsu run`: containers of a pod, a program of the host, the monitor itself.
"""

import copy
import datetime
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from slack_sdk.models.blocks import Block
from support.alertmanager import Alertmanager
from support.monitor import get
from support.running import environment, program, run_bongsu, source_dir, until

ALERTS = Path(__file__).parent / "payloads/alerts.jsonl"
Alert = dict[str, Any]


def long_one(alert: Alert) -> Alert:
    """As much as an alert can hold of arguments, and not all of it letters."""
    made = copy.deepcopy(alert)
    made["event"]["id"] = "01a2002b-ffff-7160-8ceb-854a0228bcde"
    made["process"]["args"] = ["/bin/sh", "é&<>\"'\\" * 2000]
    made["process"]["command_line"] = made["message"] = " ".join(made["process"]["args"])
    return made


def labelled(alert: Alert) -> Alert:
    """With what the API server says of the pod."""
    made = copy.deepcopy(alert)
    made["event"]["id"] = "01a2002b-eeee-7160-8ceb-854a0228bcde"
    made["k8s"]["pod"]["label"] = {"app": "web", "app.kubernetes.io/name": "shop"}
    made["k8s"]["deployment"] = {"name": "web"}
    return made


def alive() -> Alert:
    return {
        "@timestamp": "2026-11-21T22:13:11.215086028Z",
        "event": {"id": "01a2002b-dddd-7160-8ceb-854a0228bcde", "kind": "event", "severity": 1, "action": "heartbeat"},
        "host": {"name": "node-a"}, "bongsu": {"count": 4711},
        "rule": {"id": "agent-heartbeat", "name": "Bongsu is alive", "severity": "info"}, "tags": ["agent"],
        "message": "4711 events judged",
    }  # fmt: skip


@pytest.fixture(scope="module")
def alerts() -> list[Alert]:
    written = [json.loads(line) for line in ALERTS.read_text().splitlines()]
    in_pod = next(alert for alert in written if get(alert, "k8s.pod.name"))
    assert {get(alert, "event.action") for alert in written} >= {"exec", "open", "connect", "rule_error"}
    return [*written, long_one(in_pod), labelled(in_pod), alive()]


Render = Callable[..., bytes]


@pytest.fixture(scope="module")
def render(alerts: list[Alert], tmp_path_factory: pytest.TempPathFactory) -> Render:
    """render(FORMAT, FLAG...): all alerts, as the program words them."""
    path = tmp_path_factory.mktemp("alerts") / "alerts.jsonl"
    path.write_text("".join(json.dumps(alert, ensure_ascii=False, separators=(",", ":")) + "\n" for alert in alerts))

    def run(name: str, *flags: str | Path) -> bytes:
        command = [program(), "alerts", "render", "--format", name, *flags, path]
        done = subprocess.run(command, env=environment(), capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    return run


def lines(body: bytes) -> list[Any]:
    assert body.endswith(b"\n")
    return [json.loads(line) for line in body.splitlines()]


def test_json_is_the_alert_and_several_are_an_array(render: Render, alerts: list[Alert]) -> None:
    assert lines(render("json")) == alerts
    assert lines(render("json", "--batch", "100")) == [alerts]


def test_ndjson_is_a_line_an_alert(render: Render, alerts: list[Alert]) -> None:
    assert lines(render("ndjson", "--batch", "100")) == alerts


# CloudEvents' own SDK


def read_event(event: Any) -> Any:
    headers = {"content-type": "application/cloudevents+json"}
    return from_http_event(HTTPMessage(headers, json.dumps(event).encode()))


def test_cloudevents_are_read_by_their_sdk(render: Render, alerts: list[Alert]) -> None:
    structured = lines(render("cloudevents"))
    [batch] = lines(render("cloudevents", "--batch", "100"))
    assert batch == structured
    seen = set()
    for event, alert in zip(map(read_event, structured), alerts, strict=True):
        assert event.get_specversion() == "1.0"
        assert event.get_type() == ("bongsu.heartbeat" if alert["rule"]["id"] == "agent-heartbeat" else "bongsu.alert")
        assert event.get_subject() == alert["rule"]["id"]
        assert event.get_source() == "/bongsu/node-a"
        assert event.get_id() == alert["event"]["id"]
        assert event.get_extension("severity") == alert["rule"]["severity"]
        assert abs(event.get_time() - datetime.datetime.fromisoformat(alert["@timestamp"][:26] + "+00:00")) < (
            datetime.timedelta(milliseconds=1)
        )
        assert event.get_data() == alert
        seen.add((event.get_source(), event.get_id()))
    assert len(seen) == len(alerts)


# Slack's own SDK, and the limits it does not know


def texts(block: Any) -> Iterator[str]:
    if isinstance(block, dict):
        if isinstance(block.get("text"), str):
            yield block["text"]
        for value in block.values():
            yield from texts(value)
    elif isinstance(block, list):
        for value in block:
            yield from texts(value)


def check_message(message: dict[str, Any]) -> None:
    assert set(message) == {"text", "blocks"} and message["text"]
    assert 1 <= len(message["blocks"]) <= 50
    for block, parsed in zip(message["blocks"], Block.parse_all(message["blocks"]), strict=True):
        assert parsed.to_dict() == block, "the SDK does not know all of it"  # it checks as it writes
        for field in block.get("fields", []):
            assert len(field["text"]) <= 2000
        for text in texts(block):
            assert 1 <= len(text) <= 3000
            rest = text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
            assert not set(rest) & set("&<>"), "something is not escaped"
    assert len(json.dumps(message, ensure_ascii=False)) < 40_000


def test_slack_messages_are_good_to_its_sdk(render: Render, alerts: list[Alert]) -> None:
    single = lines(render("slack"))
    assert len(single) == len(alerts)
    for message, alert in zip(single, alerts, strict=True):
        check_message(message)
        whole = json.dumps(message, ensure_ascii=False)
        assert alert["rule"]["name"] in whole
        pod = get(alert, "k8s.pod.name")
        assert not pod or f"shop/{pod}" in whole
    several = lines(render("slack", "--batch", "1000"))
    for message in several:
        check_message(message)
    assert len(several) < len(alerts)


# OpenTelemetry's protocol buffers, read strictly


def attributes(pairs: Any) -> dict[str, Any]:
    found = {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}
    assert len(found) == len(pairs), "a key stands twice"
    return found


def test_otlp_is_an_export_request(render: Render, alerts: list[Alert]) -> None:
    [body] = render("otlp", "--batch", "100").splitlines()
    request = json_format.Parse(body, ExportLogsServiceRequest(), ignore_unknown_fields=False)
    told = {}
    for logs in request.resource_logs:
        resource = attributes(logs.resource.attributes)
        assert resource["service.name"] == "bongsu" and resource["host.name"] == "node-a"
        [scope] = logs.scope_logs
        assert scope.scope.name == "bongsu" and scope.scope.version == resource["service.version"]
        for record in scope.log_records:
            told[attributes(record.attributes)["event.id"]] = (resource, record)
    assert len(request.resource_logs) == len(
        {json.dumps([alert.get("k8s"), alert.get("container")]) for alert in alerts}
    )
    assert len(told) == len(alerts)
    numbers = {"info": 9, "low": 10, "medium": 13, "high": 17, "critical": 21}
    for alert in alerts:
        resource, record = told[alert["event"]["id"]]
        assert record.body.string_value == alert["message"]
        assert record.severity_text == alert["rule"]["severity"]
        assert record.severity_number == numbers[record.severity_text]
        when = datetime.datetime.fromtimestamp(record.time_unix_nano // 10**9, datetime.UTC)
        assert when.isoformat()[:19] == alert["@timestamp"][:19]
        assert f"{record.time_unix_nano % 10**9:09}" == alert["@timestamp"][20:29]
        assert resource.get("k8s.pod.name") == get(alert, "k8s.pod.name")
        found = attributes(record.attributes)
        assert found.get("process.pid") == get(alert, "process.pid")
        assert found.get("process.executable.path") == get(alert, "process.executable")
        arguments = found.get("process.command_args")
        assert (arguments and [one.string_value for one in arguments.values]) == get(alert, "process.args")


# Alertmanager itself


@pytest.fixture
def alertmanager(tmp_path: Path, receive: Callable) -> Iterator[tuple[Alertmanager, Any]]:
    receiver = receive()
    running = Alertmanager(tmp_path / "alertmanager", receiver.url)
    try:
        yield running, receiver
    finally:
        running.close()


def test_alertmanager_takes_alerts_and_tells_of_old_ones_too(
    alertmanager: tuple[Alertmanager, Any], render: Render, alerts: list[Alert]
) -> None:
    running, receiver = alertmanager
    [body] = render("alertmanager", "--batch", "100").splitlines()
    sent = json.loads(body)
    assert len(sent) == len(alerts)
    assert running.post(body) == 200
    labels = {json.dumps(alert["labels"], sort_keys=True) for alert in sent}
    held = until(lambda: (now := running.alerts()) and len(now) == len(labels) and now, "Alertmanager has them all")
    assert {json.dumps(alert["labels"], sort_keys=True) for alert in held} == labels
    # A rule that fired several times in a container is one alert, with what was found last.
    shell = [alert for alert in held if alert["labels"].get("rule_id") == "shell-in-pod"]
    assert len(shell) == 2, "one of the pod, one of the host"
    assert {alert["labels"].get("namespace") for alert in shell} == {"shop", None}
    # The alerts are days or years old by now: those who are to be told are told all the same.
    until(lambda: len([one for message in receiver.alerts() for one in message["alerts"]]) >= len(labels),
          "all are told")  # fmt: skip
    assert {message["status"] for message in receiver.alerts()} == {"firing"}
    # It ends by itself, after Alertmanager's resolve_timeout.
    for alert in held:
        assert alert["status"]["state"] == "active"
        left = datetime.datetime.fromisoformat(alert["endsAt"]) - datetime.datetime.now(datetime.UTC)
        assert datetime.timedelta(minutes=3) < left <= datetime.timedelta(minutes=5, seconds=5)


def test_the_watchdog_stays_one_alert_as_long_as_heartbeats_come(
    alertmanager: tuple[Alertmanager, Any], render: Render
) -> None:
    running, _ = alertmanager
    [heartbeat] = [one for body in render("alertmanager").splitlines() for one in json.loads(body)
                   if one["labels"]["alertname"] == "BongsuWatchdog"]  # fmt: skip
    ends = []
    for second in (11, 12):
        heartbeat["startsAt"] = f"2026-11-21T22:13:{second}Z"
        assert running.post(json.dumps([heartbeat]).encode()) == 200
        [held] = until(running.alerts, "it is there")
        assert held["labels"] == {"alertname": "BongsuWatchdog", "severity": "none", "source": "bongsu",
                                  "node": "node-a"}  # fmt: skip
        ends.append(datetime.datetime.fromisoformat(held["endsAt"]))
    assert ends[0] < ends[1]


# The bulk API of Elasticsearch: a stand-in after its reference


class BulkStandIn:
    """https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk: pairs of lines, of which the first
    has one action; the last line ends with a newline; `create` fails with 409 where there is such a document."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], Any] = {}

    def post(self, body: bytes, index: str | None = None) -> dict[str, Any]:
        assert body.endswith(b"\n"), "the bulk request must be terminated by a newline"
        rows = body[:-1].split(b"\n")
        assert len(rows) % 2 == 0
        items = []
        for action_line, document in zip(rows[::2], rows[1::2], strict=True):
            [(action, target)] = json.loads(action_line).items()
            assert action == "create" and set(target) <= {"_index", "_id"}, "a data stream takes nothing else"
            key = (target.get("_index") or index, target["_id"])
            assert key[0] and 1 <= len(key[1].encode()) <= 512
            known = key in self.documents
            if not known:
                self.documents[key] = json.loads(document)
                assert "@timestamp" in self.documents[key], "a data stream wants it"
            items.append({"create": {"_id": key[1], "status": 409 if known else 201}})
        return {"took": 1, "errors": any(item["create"]["status"] > 201 for item in items), "items": items}


def test_elastic_bodies_create_each_document_once(render: Render, alerts: list[Alert]) -> None:
    server = BulkStandIn()
    body = render("elastic", "--batch", "100", "--index", "logs-bongsu-default")
    assert server.post(body)["errors"] is False
    again = server.post(body)
    assert again["errors"] and {item["create"]["status"] for item in again["items"]} == {409}
    assert list(server.documents.values()) == alerts
    assert {index for index, _ in server.documents} == {"logs-bongsu-default"}
    assert BulkStandIn().post(render("elastic", "--batch", "100"), index="of-the-url")["errors"] is False


# Templates, and the command


def test_a_template_is_filled_in(render: Render, alerts: list[Alert], tmp_path: Path) -> None:
    template = tmp_path / "page.json"
    template.write_text(json.dumps({
        "title": "[{rule.severity}] {rule.name}", "where": '{k8s.pod.name|host.name|"somewhere"}',
        "pid": "{process.pid}", "labels": "{k8s.pod.label}", "all": "{alert}", "text": "{{literal}}",
    }))  # fmt: skip
    for filled, alert in zip(lines(render("template", "--template", template)), alerts, strict=True):
        assert filled == {
            "title": f"[{alert['rule']['severity']}] {alert['rule']['name']}",
            "where": get(alert, "k8s.pod.name") or "node-a", "pid": get(alert, "process.pid"),
            "labels": get(alert, "k8s.pod.label"), "all": alert, "text": "{literal}",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ('{"a": ["{rule.nmae}"]}', 'at /a/0: unknown field "rule.nmae": did you mean rule.name?'),
        ('{"a": }', "1:7"),
    ],
)
def test_a_bad_template_is_told_with_its_place(template: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text(template)
    done = run_bongsu("alerts", "render", "--template", path, ALERTS)
    assert done.returncode == 1 and done.stdout == "" and told in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--format", "jsn", str(ALERTS)], 2, "jsn"),
        (["--format", "slack", "--template", "x.json", str(ALERTS)], 2, "leave one of --template and --format away"),
        (["/nowhere"], 1, "cannot read /nowhere"),
        (["--template", "/nowhere", str(ALERTS)], 1, "cannot read /nowhere"),
        ([__file__], 1, "test_payload_formats.py:1: not a JSON object"),
        ([], 2, "file is required"),
    ],
)
def test_mistakes_are_told(arguments: list[str], code: int, told: str) -> None:
    done = run_bongsu("alerts", "render", *arguments)
    assert done.returncode == code and told in done.stderr, done.stderr
    assert len(done.stderr.splitlines()) == 1


# The document

DOCUMENT = source_dir() / "docs/payloads.md"
BLOCK = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"^```sh\nbongsu alerts render ([^\n]*) alert\.jsonl\n```\n\n" + BLOCK.pattern[1:], BLOCK.flags)


def documented() -> tuple[Alert, list[tuple[str, str]], Any]:
    """The alert of the examples, each command with what it prints, the template."""
    text = DOCUMENT.read_text()
    alert = json.loads(BLOCK.findall(text)[0])
    [template] = [json.loads(block)["webhooks"][0]["template"]
                  for block in BLOCK.findall(text)
                  if '"template": {\n        ' in block]  # fmt: skip
    return alert, SHOWN.findall(text), template


def values(text: str) -> list[Any]:
    """JSON values one after the other, however they are laid out."""
    found, decoder = [], json.JSONDecoder()
    while text := text.strip():
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


def test_the_document_shows_what_is_sent(tmp_path: Path) -> None:
    alert, shown, template = documented()
    (tmp_path / "alert.jsonl").write_text(json.dumps(alert, ensure_ascii=False) + "\n")
    (tmp_path / "page.json").write_text(json.dumps(template))
    formats = {re.sub(r"--format (\w+).*|--template.*", r"\1", flags) for flags, _ in shown}
    assert formats == {"cloudevents", "slack", "alertmanager", "otlp", "elastic", ""}
    version = run_bongsu("version").stdout.split()[1]
    for flags, block in shown:
        printed = run_bongsu("alerts", "render", *flags.split(), "alert.jsonl", cwd=tmp_path)
        assert printed.returncode == 0, printed.stderr
        ours = printed.stdout.replace(f'"{version}"', f'"{alert["agent"]["version"]}"')
        assert values(ours) == values(block), flags


def test_the_document_has_a_section_for_each_format() -> None:
    sections = re.findall(r"^## (.*)$", DOCUMENT.read_text(), re.MULTILINE)
    [choices] = re.findall(r"--format TEXT:\{(.*?)\}", run_bongsu("alerts", "render", "--help").stdout)
    assert sorted(sections) == sorted(choices.split(","))
