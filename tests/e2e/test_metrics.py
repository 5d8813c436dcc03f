# SPDX-License-Identifier: Apache-2.0
"""The health and metrics server: what a probe and a scrape get."""

import http.client
import os
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.monitor import Command, has_argument
from support.rules import marked, write_rules
from support.running import until

pytestmark = pytest.mark.kernel

# The text format: prometheus.io/docs/instrumenting/exposition_formats
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)?\}})? ([-+0-9.eE]+|NaN|[+-]Inf)")
KINDS = {"counter", "gauge", "histogram", "summary", "untyped"}


@dataclass
class Metrics:
    kinds: dict[str, str] = field(default_factory=dict)
    helps: set[str] = field(default_factory=set)
    samples: dict[tuple[str, str], float] = field(default_factory=dict)

    def value(self, name: str, *labels: str) -> float:
        """The sum of the samples of a metric with all these labels: 0 where there is none yet."""
        assert name in self.kinds, f"no metric {name}"
        return sum(v for (n, text), v in self.samples.items() if n == name and all(label in text for label in labels))


def parse(text: str) -> Metrics:
    metrics = Metrics()
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split(" ", 3)[2]
            assert name not in metrics.helps, f"told twice: {line}"
            metrics.helps.add(name)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert kind in KINDS and name not in metrics.kinds, line
            metrics.kinds[name] = kind
        elif line:
            sample = SAMPLE.fullmatch(line)
            assert sample, f"not a sample: {line}"
            name, labels, value = sample[1], sample[2] or "", float(sample[3])
            assert (name, labels) not in metrics.samples, f"told twice: {line}"
            base = re.sub(r"_(bucket|sum|count)$", "", name)
            kind = metrics.kinds.get(name) or metrics.kinds.get(base)
            assert kind, f"no TYPE before {line}"
            assert kind != "counter" or (name.endswith("_total") and value >= 0), line
            metrics.samples[name, labels] = value
    assert metrics.helps == metrics.kinds.keys()
    return metrics


class Histogram:
    """One of a family's, picked by a label: its buckets by their bound, and how many there were."""

    def __init__(self, metrics: Metrics, name: str, label: str) -> None:
        assert metrics.kinds[name] == "histogram", name
        self.buckets: dict[float, float] = {}
        for (sample, labels), value in metrics.samples.items():
            if sample == f"{name}_bucket" and label in labels:
                [bound] = re.findall(r'le="([^"]*)"', labels)
                self.buckets[float(bound)] = value
        [self.count] = (v for (n, labels), v in metrics.samples.items() if n == f"{name}_count" and label in labels)
        [self.sum] = (v for (n, labels), v in metrics.samples.items() if n == f"{name}_sum" and label in labels)
        assert list(self.buckets) == sorted(self.buckets) and self.buckets[float("inf")] == self.count
        assert list(self.buckets.values()) == sorted(self.buckets.values()), "each bucket holds those below it"
        assert self.sum <= sum(b * v for b, v in self.buckets.items() if b != float("inf")) or self.count == 0


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: str


def ask(monitor: Command, path: str, method: str = "GET", body: bytes | None = None) -> Answer:
    connection = http.client.HTTPConnection(*monitor.address(), timeout=15)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read().decode())
    finally:
        connection.close()


@pytest.fixture
def monitor(watch: Callable, receive: Callable, marker: str, tmp_path: Path) -> Command:
    rules = write_rules(tmp_path / "rules.json", marked(marker))
    return watch(rules, "--listen", "127.0.0.1:0", "--webhook", receive().url)


def test_health(monitor: Command) -> None:
    assert ask(monitor, "/healthz").status == 200
    assert ask(monitor, "/readyz").status == 200
    assert ask(monitor, "/healthz", "HEAD").status == 200


def test_metrics_are_well_formed(monitor: Command) -> None:
    answer = ask(monitor, "/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    metrics = parse(answer.body)
    assert all(name.startswith(("bongsu_", "process_")) for name in metrics.kinds), metrics.kinds


def test_counters_move(monitor: Command, marker: str) -> None:
    count = 20

    def matched(metrics: Metrics) -> float:
        return metrics.value("bongsu_rule_matches_total", 'rule="marked"')

    before = parse(ask(monitor, "/metrics").body)
    for _ in range(count):
        subprocess.run(["/bin/true", marker], check=True)
    monitor.events.wait(has_argument(marker), count)
    until(lambda: matched(parse(ask(monitor, "/metrics").body)) >= count, "the execs in the metrics")
    after = parse(ask(monitor, "/metrics").body)
    assert after.value("bongsu_records_total", 'event="exec"') >= count
    judged = [metrics.value("bongsu_judged_events_total", 'event="exec"') for metrics in (before, after)]
    assert judged[1] >= judged[0] + count
    assert matched(after) == count
    assert after.value("bongsu_lost_records_total") == 0

    def delivered(sink: str) -> float:
        metrics = parse(ask(monitor, "/metrics").body)
        return metrics.value("bongsu_sink_alerts_total", f'sink="{sink}"', 'outcome="delivered"')

    for sink in ("stdout", "webhook-1"):
        until(lambda sink=sink: delivered(sink) == count, f"all alerts delivered to {sink}")
    gone_down = [key for key, value in before.samples.items()
                 if before.kinds.get(key[0]) == "counter" and after.samples.get(key, 0) < value]  # fmt: skip
    assert not gone_down, "a counter never goes down"
    assert before.kinds == after.kinds


def test_latencies_are_measured(monitor: Command, marker: str) -> None:
    count = 200  # more than one of 64, and each of them alerts
    for _ in range(count):
        subprocess.run(["/bin/true", marker], check=True)
    monitor.events.wait(has_argument(marker), count)

    def histogram(name: str, label: str) -> Histogram:
        return Histogram(parse(ask(monitor, "/metrics").body), name, label)

    alerting = 'events="alerting"'
    until(lambda: histogram("bongsu_event_latency_seconds", alerting).count >= count, "a latency of each event")
    assert histogram("bongsu_event_latency_seconds", alerting).count == count
    sampled = histogram("bongsu_event_latency_seconds", 'events="sampled"')
    assert count // 64 <= sampled.count
    for sink in ("stdout", "webhook-1"):
        name, label = "bongsu_alert_delivery_seconds", f'sink="{sink}"'
        until(
            lambda name=name, label=label: histogram(name, label).count == count, f"a delivery time of each to {sink}"
        )
        assert histogram(name, label).sum > 0
    took = histogram("bongsu_event_latency_seconds", alerting)
    assert 0 < took.sum / took.count < 10, "seconds, of the same clock"


def test_it_tells_its_own_cost(monitor: Command) -> None:
    before = parse(ask(monitor, "/metrics").body)
    status = Path(f"/proc/{monitor.pid}/status").read_text()
    resident = before.value("process_resident_memory_bytes")
    [shown] = re.findall(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    assert 0.5 < resident / (int(shown) * 1024) < 2
    descriptors = len(list(Path(f"/proc/{monitor.pid}/fd").iterdir()))
    assert abs(before.value("process_open_fds") - descriptors) <= 4  # the request's connection, the folder itself
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    started = int(Path(f"/proc/{monitor.pid}/stat").read_text().rsplit(")", 1)[1].split()[19]) / os.sysconf(
        "SC_CLK_TCK"
    )
    age = time.time() - before.value("process_start_time_seconds")
    assert abs(age - (uptime - started)) < 3

    def cpu() -> float:
        return parse(ask(monitor, "/metrics").body).value("process_cpu_seconds_total")

    until(lambda: cpu() > before.value("process_cpu_seconds_total"), "asking costs CPU time")


def test_how_full_the_rings_are(monitor: Command) -> None:
    metrics = parse(ask(monitor, "/metrics").body)
    assert metrics.value("bongsu_ring_bytes", 'ring="lifecycle"') == 8 << 20
    assert 0 <= metrics.value("bongsu_ring_used_bytes", 'ring="lifecycle"') <= 8 << 20


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_only_reading_is_served(monitor: Command, path: str, method: str) -> None:
    answer = ask(monitor, path, method, b"x" * 10)
    assert answer.status in (404, 405), f"{method} {path}: {answer.status}"
    assert ask(monitor, "/healthz").status == 200


@pytest.mark.parametrize("path", ["/", "/nothing", "/metrics/..", "//etc/passwd", "/%2e%2e/etc/passwd", "/metricsx"])
def test_unknown_paths(monitor: Command, path: str) -> None:
    answer = ask(monitor, path)
    assert answer.status == 404
    assert "root:" not in answer.body


def test_it_is_gone_when_the_monitor_is(monitor: Command) -> None:
    address = monitor.address()
    assert monitor.stop(15) == 0
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(*address, timeout=5).request("GET", "/healthz")


def test_nothing_listens_when_it_is_off(watch: Callable, marker: str, tmp_path: Path) -> None:
    monitor = watch(write_rules(tmp_path / "rules.json", marked(marker)), "--listen", "off")
    inodes = {m[1] for link in Path(f"/proc/{monitor.pid}/fd").iterdir()
              if (m := re.fullmatch(r"socket:\[(\d+)\]", str(link.readlink())))}  # fmt: skip
    listening = "0A"  # TCP_LISTEN of net/tcp_states.h
    for table in ("tcp", "tcp6"):
        rows = [line.split() for line in Path(f"/proc/{monitor.pid}/net/{table}").read_text().splitlines()[1:]]
        assert not [row for row in rows if row[3] == listening and row[9] in inodes]
