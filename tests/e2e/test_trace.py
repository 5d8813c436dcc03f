# SPDX-License-Identifier: Apache-2.0
"""`bongsu trace`: what is asked for, all of it, exactly once."""

import re
import shutil
import signal
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from secrets import token_hex

import pytest
from support.container import ContainerHost
from support.monitor import Event, get, has_argument, is_action
from support.running import until

pytestmark = pytest.mark.kernel

STORM = 10_000
STORM_EXIT_CODES, STORM_NAP_EVERY = 251, 10  # of programs/storm.c
NAP_MS = 3
COLUMNS = 100


def nanoseconds(event: Event, name: str) -> int:
    """A date as nanoseconds since 1970: Python's own dates end at microseconds."""
    text = get(event, name)
    found = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z", text)
    assert found, f"{name}: {text} is no date with nanoseconds in UTC"
    return int(datetime.fromisoformat(found[1] + "+00:00").timestamp()) * 10**9 + int(found[2])


def lost(log: str) -> int:
    found = re.search(r"(\d+) events? shown, (\d+) lost", log)
    assert found, f"no summary on stderr: {log}"
    return int(found[2])


@pytest.fixture
def comm(tmp_path: Path) -> Iterator[str]:
    """The name of a program of our own, /bin/true otherwise; as long as a comm may be."""
    name = f"t{token_hex(7)}"
    shutil.copy("/bin/true", tmp_path / name)
    yield name


def run(tmp_path: Path, comm: str, *arguments: str) -> int:
    child = subprocess.Popen([comm, *arguments], executable=tmp_path / comm)
    assert child.wait() == 0
    return child.pid


@pytest.mark.parametrize("transport", ["ring", "perf"])
def test_a_storm_is_told_exactly_once(
    trace: Callable, compiled: Callable, marker: str, tmp_path: Path, transport: str
) -> None:
    tracer = trace("exec,fork,exit", "--transport", transport)
    storm = subprocess.Popen([compiled("storm"), str(STORM), marker, tmp_path / "record", str(NAP_MS)])
    assert storm.wait() == 0
    record = [tuple(map(int, line.split())) for line in (tmp_path / "record").read_text().splitlines()]
    assert len(record) == STORM
    tracer.events.wait(lambda e: is_action("exit")(e) and get(e, "process.pid") == storm.pid)
    assert tracer.stop(signal.SIGINT) == 0
    assert lost(tracer.err.text()) == 0, tracer.err.text()

    own = tracer.events.where(lambda e: get(e, "process.parent.pid") == storm.pid)
    by_action = {action: [e for e in own if is_action(action)(e)] for action in ("fork", "exec", "exit")}
    assert {action: len(events) for action, events in by_action.items()} == dict.fromkeys(by_action, STORM)
    # Each child's three events, found by what identifies a process, in the order in which the parent made them.
    forks, execs, exits = ({get(e, "process.entity_id"): e for e in events} for events in by_action.values())
    assert forks.keys() == execs.keys() == exits.keys()
    assert len(forks) == STORM, "two processes have one entity id"
    ordered = sorted(forks, key=lambda entity: nanoseconds(forks[entity], "@timestamp"))
    assert [get(forks[entity], "process.pid") for entity in ordered] == [pid for pid, _, _ in record]

    parents = {get(e, "process.parent.entity_id") for e in own}
    assert len(parents) == 1
    beyond_ns: dict[int, list[int]] = {0: [], NAP_MS: []}
    for number, (entity, (pid, code, measured_ns)) in enumerate(zip(ordered, record, strict=True)):
        fork, execution, end = forks[entity], execs[entity], exits[entity]
        nap_ms = NAP_MS if number % STORM_NAP_EVERY == 0 else 0
        assert get(execution, "process.pid") == get(end, "process.pid") == pid
        assert get(execution, "process.args")[1:] == ["--child", marker, str(number), str(nap_ms)]
        assert get(end, "process.args")[3] == str(number)
        assert get(end, "process.exit_code") == code == number % STORM_EXIT_CODES
        assert get(end, "process.exit_signal") is None
        duration_ns = get(end, "event.duration")
        # The parent looks before and after: what it saw holds what the kernel saw. The child knows how long it slept.
        assert nap_ms * 1_000_000 < duration_ns <= measured_ns, f"child {number}"
        beyond_ns[nap_ms].append(measured_ns - duration_ns)
        start_ns = nanoseconds(fork, "process.start")
        assert start_ns <= nanoseconds(fork, "@timestamp") <= nanoseconds(execution, "@timestamp")
        assert nanoseconds(execution, "@timestamp") <= nanoseconds(end, "@timestamp")
    # Of one child it may be much: the parent has to wait for a processor before it can look.
    assert all(statistics.median(differences) < 1_000_000 for differences in beyond_ns.values())


def test_a_process_is_one_in_all_its_events(trace: Callable, marker: str) -> None:
    tracer = trace("exec,fork,exit")
    child = subprocess.Popen(["/bin/sh", "-c", "kill -KILL $$", marker])
    assert child.wait() == -signal.SIGKILL
    tracer.events.wait(lambda e: is_action("exit")(e) and get(e, "process.pid") == child.pid)
    assert tracer.stop(signal.SIGTERM) == 0
    events = tracer.events.where(lambda e: get(e, "process.pid") == child.pid)
    assert [get(e, "event.action") for e in events] == ["fork", "exec", "exit"]
    assert len({get(e, "process.entity_id") for e in events}) == 1
    end = events[-1]
    assert get(end, "process.exit_code") == 128 + signal.SIGKILL
    assert get(end, "process.exit_signal") == "SIGKILL"
    # Of one process, a few milliseconds that other load may take from the clock's two readings.
    from_dates_ns = nanoseconds(end, "@timestamp") - nanoseconds(end, "process.start")
    assert abs(from_dates_ns - get(end, "event.duration")) < 5_000_000
    assert get(events[0], "event.category") == ["process"]
    assert [get(e, "event.type") for e in events] == [["start"], ["start"], ["end"]]


def test_by_comm(trace: Callable, comm: str, marker: str, tmp_path: Path) -> None:
    tracer = trace("exec,exit", "--comm", comm)
    subprocess.run(["/bin/true", marker], check=True)
    pid = run(tmp_path, comm, marker)
    tracer.events.wait(is_action("exit"))
    assert tracer.stop(signal.SIGINT) == 0
    assert [(get(e, "event.action"), get(e, "process.pid")) for e in tracer.events.all()] == [
        ("exec", pid), ("exit", pid),
    ]  # fmt: skip
    assert {get(e, "process.thread.name") for e in tracer.events.all()} == {comm}


def test_by_pid(trace: Callable, marker: str) -> None:
    shell = subprocess.Popen(["/bin/sh"], stdin=subprocess.PIPE, text=True)
    assert shell.stdin is not None
    tracer = trace("exec,fork,exit", "--pid", str(shell.pid))
    subprocess.run(["/bin/true", marker], check=True)
    shell.stdin.write("exec /bin/sleep 0\n")
    shell.stdin.close()
    assert shell.wait() == 0
    tracer.events.wait(is_action("exit"))
    assert tracer.stop(signal.SIGINT) == 0
    assert [(get(e, "event.action"), get(e, "process.pid")) for e in tracer.events.all()] == [
        ("exec", shell.pid), ("exit", shell.pid),
    ]  # fmt: skip


def test_by_container(trace: Callable, marker: str, tmp_path: Path) -> None:
    containers = ContainerHost(tmp_path / "containers", "runc")
    try:
        wanted, other = containers.new(), containers.new()
        one = trace("exec", "--container", wanted.id[:12])
        every = trace("exec", "--container", "any")
        subprocess.run(["/bin/true", f"{marker}-host"], check=True)
        for container in (other, wanted):
            containers.run(container, ["/bin/sh", "-c", "exit 0", marker])
    finally:
        containers.close()
    one.events.wait(has_argument(marker))
    every.events.wait(has_argument(marker), 2)
    for tracer in (one, every):
        assert tracer.stop(signal.SIGINT) == 0
    assert {get(e, "container.id") for e in one.events.all()} == {wanted.id}
    assert [get(e, "container.id") for e in every.events.where(has_argument(marker))] == [other.id, wanted.id]
    assert all(get(e, "container.id") for e in every.events.all())


def test_count(trace: Callable, comm: str, tmp_path: Path) -> None:
    tracer = trace("exec", "--comm", comm, "--count", "3")
    for number in range(5):
        run(tmp_path, comm, str(number))
    assert tracer.wait() == 0
    assert [get(e, "process.args")[1] for e in tracer.events.all()] == ["0", "1", "2"]
    assert "3 events shown" in tracer.err.text()


def test_duration(trace: Callable, comm: str, tmp_path: Path) -> None:
    started = time.monotonic()
    tracer = trace("exec", "--comm", comm, "--duration", "1500ms")
    run(tmp_path, comm)
    assert tracer.wait() == 0
    assert time.monotonic() - started >= 1.5
    assert len(tracer.events.all()) == 1


def test_min_duration_is_about_exits_alone(trace: Callable, comm: str, marker: str, tmp_path: Path) -> None:
    tracer = trace("exec,exit", "--min-duration", "300ms")
    short = run(tmp_path, comm, marker)
    long = subprocess.Popen(["/bin/sh", "-c", "read -r line || :", marker], stdin=subprocess.PIPE)
    lived_from = time.monotonic()
    tracer.events.wait(lambda e: is_action("exec")(e) and get(e, "process.pid") == long.pid)
    # It lives until this test lets it go; that it is long enough is the condition.
    until(lambda: time.monotonic() - lived_from > 0.35, "350 ms have passed")
    long.communicate(b"\n")
    tracer.events.wait(lambda e: is_action("exit")(e) and get(e, "process.pid") == long.pid)
    assert tracer.stop(signal.SIGINT) == 0
    actions = Counter((get(e, "event.action"), get(e, "process.pid")) for e in tracer.events.all())
    assert actions[("exec", short)] == actions[("exec", long.pid)] == actions[("exit", long.pid)] == 1
    assert actions[("exit", short)] == 0
    assert all(get(e, "event.duration") >= 300_000_000 for e in tracer.events.where(is_action("exit")))


def test_the_text_table(trace: Callable, comm: str, tmp_path: Path) -> None:
    tracer = trace("exec,fork,exit", "--format", "text")
    nasty = ["\x1b[31m\n", "much too long for a line " * 20, "ü€" * 100]
    child = subprocess.Popen(["0", *nasty], executable=tmp_path / comm)
    assert child.wait() == 0
    pid = child.pid
    until(lambda: sum(str(pid).encode() in line and comm.encode() in line for line in tracer.out.lines) >= 2,
          "exec and exit in the table")  # fmt: skip
    assert tracer.stop(signal.SIGINT) == 0
    header, *lines = tracer.out.text().rstrip("\n").split("\n")
    assert header.split() == ["TIME", "EVENT", "PID", "PPID", "UID", "CONTAINER", "NAME", "WHAT"]
    too_wide = [line for line in (header, *lines) if len(line) > COLUMNS]
    assert not too_wide, too_wide[0]
    assert all(re.match(r"\d\d:\d\d:\d\d\.\d{3} \S+ +\d+ +(\d+|-) ", line) for line in lines)
    assert not [c for c in tracer.out.text() if ord(c) < 32 and c != "\n"]
    own = [line for line in lines if f" {pid} " in line]
    assert [line.split()[1] for line in own][-2:] == ["exec", "exit"]
    assert re.search(r" 0 \\x1b\[31m\\x0a much too [a-z ]*\.\.\.$", own[-2]), own[-2]
    assert re.search(r"code 0 after \d+\.\d\d ms$", own[-1]), own[-1]


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_the_end_tells_how_many_and_what_was_lost(
    trace: Callable, comm: str, tmp_path: Path, signal_number: int
) -> None:
    tracer = trace("exec", "--comm", comm)
    run(tmp_path, comm)
    tracer.events.wait(has_argument(comm))
    assert tracer.stop(signal_number) == 0
    assert "1 events shown, 0 lost" in tracer.err.text() or "1 event shown, 0 lost" in tracer.err.text()
    assert tracer.out.rest == b""


def test_a_flood_that_nobody_reads_is_counted(trace: Callable, compiled: Callable, marker: str, tmp_path: Path) -> None:
    """Held still until its ring must be full: what was lost is told, and what is shown is in order."""
    tracer = trace("exec,fork,exit")
    tracer.process.send_signal(signal.SIGSTOP)
    count = 20_000
    subprocess.run([compiled("storm"), str(count), marker, tmp_path / "record"], check=True)
    tracer.process.send_signal(signal.SIGINT)
    assert tracer.stop(signal.SIGCONT) == 0
    told = lost(tracer.err.text())
    storms = tracer.events.where(lambda e: is_action("exec")(e) and "--child" in (get(e, "process.args") or []))
    shown = [int(get(e, "process.args")[3]) for e in storms if has_argument(marker)(e)]
    assert shown == sorted(set(shown))
    assert len(shown) < count, "the ring held it all: make the storm larger"
    assert told >= count - len(shown), tracer.err.text()
    assert "ring_full" in tracer.err.text()
