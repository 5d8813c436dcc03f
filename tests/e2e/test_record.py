# SPDX-License-Identifier: Apache-2.0
"""`bongsu record`, `run --record` and `replay`: what was recorded gives the alerts that the run gave."""

import json
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.container import ContainerHost, usable_runtimes
from support.monitor import Command, get, has_argument
from support.rules import marked, rule, write_rules
from support.running import run_bongsu, until

pytestmark = pytest.mark.kernel

HEAD_BYTES = 12  # the magic and the format's version, before the zstd stream
RUNTIME = next((runtime for runtime, reason in usable_runtimes().items() if not reason), None)


@pytest.fixture
def containers(tmp_path: Path) -> Iterator[ContainerHost]:
    assert RUNTIME
    host = ContainerHost(tmp_path / "containers", RUNTIME)
    try:
        yield host
    finally:
        host.close()


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return tmp_path / "run.rec"


@pytest.fixture
def rules(tmp_path: Path, marker: str) -> Path:
    # "marked" alerts each time; "throttled" holds back all but the first and rolls them up.
    return write_rules(
        tmp_path / "rules.json",
        marked(marker) | {"throttle": False, "message": "{process.command_line} in {container.id|\"the host\"}"},
        marked(f"{marker}-loop", "throttled") | {"throttle": {"by": ["process.executable"], "per": "10s", "max": 1}},
        rule("opened", {"file.path": {"contains": marker}}, event="open") | {"throttle": False},
        rule("exited", {"container.id": {"exists": True}}, event="exit", severity="low"),
    )  # fmt: skip


def finished(command: Command) -> list[bytes]:
    code = command.stop(signal.SIGTERM, 30)
    assert code == 0, command.describe()
    return command.out.lines


def replay(*arguments: str | Path, code: int = 0) -> tuple[list[str], str]:
    result = run_bongsu("replay", *arguments)
    assert result.returncode == code, f"{result.returncode}: {result.stderr}"
    return result.stdout.splitlines(), result.stderr


def plain_bytes(recording: Path) -> bytes:
    """What is in it, also of one that breaks off."""
    unzstd = shutil.which("zstd")
    assert unzstd, "zstd is missing: scripts/setup test installs it"
    return subprocess.run([unzstd, "-dc"], input=recording.read_bytes()[HEAD_BYTES:], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False).stdout  # fmt: skip


def work(marker: str, folder: Path, count: int = 30) -> None:
    for number in range(count):
        subprocess.run(["/bin/true", f"{marker}-loop", str(number)], check=True)
    secret = folder / f"{marker}-opened"
    secret.write_text("x")
    subprocess.run(["/bin/cat", secret], check=True, stdout=subprocess.DEVNULL)


def test_a_replay_gives_the_same_alerts_byte_for_byte(
    watch: Callable, containers: ContainerHost, rules: Path, recording: Path, marker: str, tmp_path: Path
) -> None:
    # What was there before the monitor is read from /proc, and that too is in the recording.
    old = subprocess.Popen(["/bin/sh", "-c", "read -r line; /bin/true $0-old; :", marker], stdin=subprocess.PIPE)
    monitor = watch(rules, "--record", recording)
    assert stat.S_IMODE(recording.stat().st_mode) == 0o600
    work(marker, tmp_path)
    container = containers.new()
    containers.run(container, ["/bin/sh", "-c", f"/bin/busybox true {marker}-inner; exit 0"])
    assert old.stdin is not None
    old.stdin.write(b"\n")
    old.stdin.close()
    old.wait()
    monitor.events.wait(has_argument(f"{marker}-inner"))
    monitor.events.wait(has_argument(f"{marker}-old"))
    live = [line.decode() for line in finished(monitor)]

    alerts = [json.loads(line) for line in live]
    fired = [get(alert, "rule.id") for alert in alerts]
    assert fired.count("marked") >= 32
    assert {"throttled", "opened", "exited"} <= set(fired), "the run is not what it should be"
    assert any(get(alert, "bongsu.rollup.count") for alert in alerts), "nothing was rolled up"
    assert any(get(alert, "container.id") == container.id for alert in alerts)
    assert any("-old" in str(get(alert, "process.args")) and get(alert, "process.parent.args") for alert in alerts)
    assert len({get(alert, "event.id") for alert in alerts}) == len(alerts)

    again, summary = replay(recording, "--rules", rules)
    assert again == live
    assert f"{len(live)} alerts" in summary
    assert "records/s" in summary
    against = json.loads(run_bongsu("rules", "test", rules, "--against", recording, "--json").stdout)
    assert {told["id"]: told["count"] for told in against["fired"]}["marked"] == fired.count("marked")
    twice, _ = replay(recording, "--rules", rules)
    assert twice == live

    # Other rules, other severities: what the run would have said.
    none, _ = replay(recording, "--rules", write_rules(tmp_path / "none.json", marked(f"{marker}-never")))
    assert none == []
    high, _ = replay(recording, "--rules", rules, "--min-severity", "high")
    assert high == [line for line in live if '"severity":"low"' not in line]


def test_the_events_of_a_recording_are_those_of_trace(recording: Path, marker: str, start: Callable) -> None:
    recorder = start("record", recording)
    recorder.wait_log("recording")
    subprocess.run(["/bin/true", f"{marker}-event"], check=True)
    finished(recorder)
    lines, summary = replay(recording, "--events")
    events = [json.loads(line) for line in lines]
    marked_events = [event for event in events if has_argument(f"{marker}-event")(event)]
    assert [get(event, "event.action") for event in marked_events] == ["exec", "exit"]
    assert f"{len(events)} events" in summary
    assert f"{len(events)} events in" in recorder.err.text()


def test_what_is_masked_is_not_in_the_file(recording: Path, marker: str, rules: Path, start: Callable) -> None:
    recorder = start("record", recording, "--rules", rules, "--mask", "process.args,file.path")
    recorder.wait_log("recording")
    for _ in range(3):
        subprocess.run(["/bin/cat", f"/etc/{marker}"], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(["/bin/cat", "/etc/hostname"], check=True, stdout=subprocess.DEVNULL)
    finished(recorder)
    inside = plain_bytes(recording)
    assert marker.encode() not in inside
    assert b"/etc/hostname" not in inside
    assert b'"masked":["process.args","file.path"]' in inside
    lines, _ = replay(recording, "--events")
    commands = {get(json.loads(line), "process.command_line") for line in lines}
    assert "*" * len("/bin/cat") + " " + "*" * len("/etc/hostname") in commands


def test_what_a_killed_recorder_leaves_is_replayed_as_far_as_it_goes(
    watch: Callable, rules: Path, recording: Path, marker: str
) -> None:
    monitor = watch(rules, "--record", recording)
    subprocess.run(["/bin/true", f"{marker}-killed"], check=True)
    monitor.events.wait(has_argument(f"{marker}-killed"))
    until(lambda: f"{marker}-killed".encode() in plain_bytes(recording), "the record is in the file")
    monitor.kill()
    lines, error = replay(recording, "--rules", rules, code=1)
    assert any(f"{marker}-killed" in line for line in lines)
    assert "breaks off" in error
    assert "last whole frame" in error


def test_what_is_no_recording_of_ours_is_refused(tmp_path: Path, rules: Path, recording: Path, start: Callable) -> None:
    finished_by_count = run_bongsu("record", recording, "--count", "1", "--duration", "10s")
    assert finished_by_count.returncode == 0, finished_by_count.stderr
    whole = recording.read_bytes()

    def refused(content: bytes) -> str:
        other = tmp_path / "other.rec"
        other.write_bytes(content)
        result = run_bongsu("replay", other, "--rules", rules)
        assert result.returncode == 1
        assert result.stdout == ""
        assert len(result.stderr.splitlines()) == 1, result.stderr
        return result.stderr

    assert "is no recording" in refused(b"garbage")
    assert "is no recording" in refused(b"")
    assert "no header" in refused(whole[:20])
    assert "format 3" in refused(whole[:8] + b"\x03" + whole[9:])
    # Of another version: the header says which, and what its records look like.
    inside = plain_bytes(recording)
    start_of_layout = inside.index(b'"layout":"') + len(b'"layout":"')
    other_layout = inside[:start_of_layout] + b"0" * 16 + inside[start_of_layout + 16 :]
    packed = subprocess.run(["zstd", "-c"], input=other_layout, stdout=subprocess.PIPE, check=True).stdout
    assert "was made by bongsu" in refused(whole[:HEAD_BYTES] + packed)

    again = run_bongsu("record", recording, "--count", "1")
    assert again.returncode == 1
    assert "is there already" in again.stderr
    assert recording.read_bytes() == whole
    forced = run_bongsu("record", recording, "--force", "--count", "1", "--duration", "10s")
    assert forced.returncode == 0, forced.stderr


def test_mistakes_are_told_before_anything_is_recorded(recording: Path) -> None:
    for arguments, said in {
        ("record", recording, "opne"): "did you mean open?",
        ("record", recording, "--mask", "process.arg"): "did you mean process.args?",
        ("record", recording, "--mask", "process.pid"): "these can be masked",
        ("record", recording, "--max-bytes", "12"): "1MiB or more",
        ("record", recording, "--duration", "long"): "a number with a unit",
        ("replay", recording): "--rules PATH",
    }.items():
        result = run_bongsu(*arguments)
        assert result.returncode in (1, 2)
        assert said in result.stderr
        assert not recording.exists()
