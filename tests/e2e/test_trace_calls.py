# SPDX-License-Identifier: Apache-2.0
"""`bongsu trace` of what processes do by system calls: opens, reads, writes, memory, and execs that fail."""

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex

import pytest
from support.container import ContainerHost
from support.monitor import Command, Event, get, has_argument, is_action
from support.running import run_bongsu, until

pytestmark = pytest.mark.kernel

COLUMNS = 100
FAILED, USAGE = 1, 2
MAPPED_BYTES, READ_BYTES, WRITTEN_BYTES = 12288, 7, 5  # of programs/calls.c
NOBODY = 65534


def of_pid(pid: int) -> Callable[[Event], bool]:
    return lambda event: get(event, "process.pid") == pid


def has_path(path: Path) -> Callable[[Event], bool]:
    return lambda event: get(event, "file.path") == str(path)


def end(tracer: Command) -> str:
    """Ends it in good order: what it says on stderr."""
    assert tracer.stop(signal.SIGINT) == 0, tracer.describe()
    return tracer.err.text()


@pytest.fixture
def calls(compiled: Callable, open_folder: Path) -> Path:
    """programs/calls.c under a name that no other process has; as long as a comm may be."""
    return Path(shutil.copy(compiled("calls"), open_folder / f"t{token_hex(7)}"))


@pytest.fixture
def data(open_folder: Path, marker: str) -> Path:
    path = open_folder / f"{marker}.data"
    path.write_bytes(b"." * 100)
    path.chmod(0o666)
    return path


def test_an_exec_that_fails_tells_what_was_asked_for(trace: Callable, marker: str, tmp_path: Path) -> None:
    missing, plain, script = (tmp_path / f"{marker}-{name}" for name in ("missing", "plain", "script"))
    plain.write_text("no program")
    script.write_text("#!/bin/sh\nexit 0\n")
    script.chmod(0o755)
    tracer = trace("exec,exec_failed")
    shell = subprocess.Popen(["/bin/sh", "-c", f"{missing}; {plain}; {script}"], stderr=subprocess.DEVNULL)
    assert shell.wait() == 0
    tracer.events.wait(lambda e: is_action("exec")(e) and has_argument(str(script))(e), 2)
    end(tracer)
    failed = tracer.events.where(lambda e: is_action("exec_failed")(e) and marker in (get(e, "file.path") or ""))
    assert [(get(e, "file.path"), get(e, "error.code"), get(e, "event.outcome")) for e in failed] == [
        (str(missing), "ENOENT", "failure"), (str(plain), "EACCES", "failure"),
    ]  # fmt: skip
    assert {get(e, "process.parent.pid") for e in failed} == {shell.pid}


def test_a_comm_at_the_fork_and_after_the_exec(trace: Callable, calls: Path, data: Path) -> None:
    tracer = trace("fork,exec")
    child = subprocess.Popen([calls, "open", data])
    assert child.wait() == 0
    tracer.events.wait(lambda e: is_action("exec")(e) and of_pid(child.pid)(e))
    end(tracer)
    before, after = tracer.events.where(of_pid(child.pid))
    assert get(before, "event.action") == "fork"
    assert get(before, "process.thread.name") == Path("/proc/self/comm").read_text().rstrip("\n")
    assert get(after, "event.action") == "exec"
    assert get(after, "process.thread.name") == calls.name


@pytest.mark.parametrize("transport", ["ring", "perf"])
def test_what_calls_were_given_and_answered(trace: Callable, calls: Path, data: Path, transport: str) -> None:
    tracer = trace("memory,open,read,write,close", "--comm", calls.name, "--transport", transport)
    child = subprocess.run([calls, "each", data], capture_output=True, text=True, check=True)
    answered = {name: int(value) for name, value in (line.split() for line in child.stdout.splitlines())}
    tracer.events.wait(is_action("close"))
    assert "0 lost" in end(tracer)
    assert {get(e, "process.thread.name") for e in tracer.events.all()} == {calls.name}

    def values(action: str, *names: str, where: Callable[[Event], bool] = lambda e: True) -> list[tuple]:
        return [tuple(get(e, n) for n in names) for e in tracer.events.where(is_action(action)) if where(e)]

    def mapped(event: Event) -> bool:
        return get(event, "memory.address") == answered["mmap"] and get(event, "memory.length") == MAPPED_BYTES

    [(protection, flags)] = values("mmap", "memory.protection", "memory.flags", where=mapped)
    assert protection == ["PROT_READ", "PROT_WRITE"]
    assert flags == ["MAP_PRIVATE", "MAP_ANONYMOUS"]
    assert values("mprotect", "memory.protection", where=mapped) == [(["PROT_READ"],)]
    assert len(values("munmap", "memory.address", where=mapped)) == 1
    assert (answered["brk"],) in values("brk", "memory.break")
    fd = answered["open"]
    assert values("open", "file.path", "file.descriptor", "file.open_flags") == [(str(data), fd, ["read", "write"])]
    own = has_path(data)
    assert values("read", "file.descriptor", "io.bytes", where=own) == [(fd, READ_BYTES)]
    assert values("write", "file.descriptor", "io.bytes", where=own) == [(fd, WRITTEN_BYTES)]
    assert (fd,) in values("close", "file.descriptor")
    order = [get(e, "event.action") for e in tracer.events.all() if own(e) or is_action("close")(e)]
    assert order[:4] == ["open", "read", "write", "close"]


def test_a_family_is_its_events(trace: Callable, calls: Path, data: Path) -> None:
    tracer = trace("memory", "--comm", calls.name)
    subprocess.run([calls, "each", data], capture_output=True, check=True)
    tracer.events.wait(is_action("brk"), 1)
    tracer.events.wait(is_action("munmap"), 1)
    end(tracer)
    assert {get(e, "event.action") for e in tracer.events.all()} == {"mmap", "munmap", "mprotect", "brk"}


@pytest.fixture
def busybox(open_folder: Path) -> Path:
    """A program that makes no calls but those it is for: it needs no loader."""
    found = shutil.which("busybox")
    assert found, "busybox is missing: scripts/setup test installs it"
    return Path(shutil.copy(found, open_folder / f"t{token_hex(7)}"))


@pytest.mark.parametrize("shape", ["json", "text"])
def test_a_summary_adds_up_exactly(trace: Callable, busybox: Path, shape: str) -> None:
    blocks, block_bytes = 777, 1000
    tracer = trace("read,write", "--summary", "--comm", busybox.name, "--format", shape)
    copier = subprocess.Popen(
        ["dd", "if=/dev/zero", "of=/dev/null", f"bs={block_bytes}", f"count={blocks}"], executable=busybox,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    _, told = copier.communicate()
    assert copier.returncode == 0
    end(tracer)
    written = blocks * block_bytes + len(told)  # what it says of itself is written too
    if shape == "json":
        lines = tracer.events.where(of_pid(copier.pid))
        assert {get(e, "process.thread.name") for e in lines} == {busybox.name}
        totals = {get(e, "event.action"): (get(e, "bongsu.bytes"), get(e, "bongsu.errors")) for e in lines}
        assert totals == {"read": (blocks * block_bytes, 0), "write": (written, 0)}
        assert {get(e, "event.action"): get(e, "bongsu.count") for e in lines}["read"] == blocks
        assert len(lines) == len(tracer.events.all()), "only of that comm"
        return
    header, *rows = tracer.out.text().rstrip("\n").split("\n")
    assert header.split() == ["PID", "NAME", "EVENT", "CALLS", "BYTES", "ERRORS"]
    assert all(len(line) <= COLUMNS for line in (header, *rows))
    own = {row.split()[2]: row.split() for row in rows}
    assert own["read"] == [str(copier.pid), busybox.name, "read", str(blocks), str(blocks * block_bytes), "0"]
    assert own["write"][4] == str(written)


@pytest.mark.parametrize("descendants", [True, False])
def test_a_process_and_what_comes_of_it(trace: Callable, calls: Path, data: Path, descendants: bool) -> None:
    script = f"""
    read -r line
    {calls} open {data} 3 &
    wait
    (/bin/sh -c '{calls} open {data} 2; :'; :)
    : <{data}
    """
    shell = subprocess.Popen(["/bin/sh", "-c", script], stdin=subprocess.PIPE)
    tracer = trace("open,exit", "--pid", str(shell.pid), *(["--descendants"] if descendants else []))
    subprocess.run([calls, "open", data], check=True)  # of another
    shell.communicate(b"\n")
    assert shell.returncode == 0
    tracer.events.wait(lambda e: is_action("exit")(e) and of_pid(shell.pid)(e))
    end(tracer)
    opens = tracer.events.where(lambda e: is_action("open")(e) and has_path(data)(e))
    assert len([e for e in opens if of_pid(shell.pid)(e)]) == 1
    assert len(opens) == (6 if descendants else 1)
    ended = {get(e, "process.pid") for e in tracer.events.where(is_action("exit"))}
    assert (len(ended) >= 4) if descendants else (ended == {shell.pid})


def test_by_user(trace: Callable, calls: Path, data: Path) -> None:
    tracer = trace("exec,open", "--uid", str(NOBODY))
    subprocess.run([calls, "open", data], check=True)
    child = subprocess.Popen([calls, "open", data], user=NOBODY)
    assert child.wait() == 0
    tracer.events.wait(lambda e: is_action("open")(e) and has_path(data)(e))
    end(tracer)
    own = tracer.events.where(lambda e: get(e, "process.thread.name") == calls.name)
    assert [(get(e, "event.action"), get(e, "process.pid")) for e in own if not is_action("open")(e)] == [
        ("exec", child.pid),
    ]  # fmt: skip
    assert len([e for e in own if has_path(data)(e)]) == 1
    assert {get(e, "process.user.id") for e in tracer.events.all()} <= {NOBODY, str(NOBODY)}


def test_by_namespace(trace: Callable, calls: Path, data: Path, tmp_path: Path) -> None:
    containers = ContainerHost(tmp_path / "containers", "runc", [calls])
    inside = f"/srv/{calls.name}"
    try:
        container = containers.new()
        host = trace("exec,open", "--namespace", "host")
        contained = trace("exec,open", "--namespace", "containers")
        containers.run(container, [inside, "open", inside, "5"])
        subprocess.run([calls, "open", data, "4"], check=True)
    finally:
        containers.close()

    def own_opens(tracer: Command) -> list[Event]:
        return tracer.events.where(lambda e: is_action("open")(e) and get(e, "process.thread.name") == calls.name)

    until(lambda: len(own_opens(host)) >= 4, "the host's opens")
    until(lambda: len(own_opens(contained)) >= 5, "the container's opens")
    for tracer in (host, contained):
        assert " 0 lost" in end(tracer)
    assert {get(e, "file.path") for e in own_opens(host)} == {str(data)}
    assert not [e for e in host.events.all() if get(e, "container.id")]
    assert {get(e, "file.path") for e in own_opens(contained)} == {inside}
    assert {get(e, "container.id") for e in own_opens(contained)} == {container.id}
    assert len(own_opens(host)) == 4
    assert len(own_opens(contained)) == 5
    assert all(get(e, "container.id") for e in contained.events.all())


def test_perf_buffers_say_which_cpu_lost_what(trace: Callable, calls: Path, data: Path) -> None:
    """Held still until its buffers must be full."""
    tracer = trace("open", "--comm", calls.name, "--transport", "perf")
    tracer.process.send_signal(signal.SIGSTOP)
    count = 100_000
    subprocess.run([calls, "open", data, str(count)], check=True)
    tracer.process.send_signal(signal.SIGINT)
    assert tracer.stop(signal.SIGCONT) == 0
    log = tracer.err.text()
    found = re.search(r"(\d+) events shown, (\d+) lost", log)
    assert found, log
    shown, lost = int(found[1]), int(found[2])
    assert shown + lost == count, log
    assert lost > 0, "the buffers held it all: open more"
    assert re.search(rf"  lost {lost} open: ring_full", log), log
    assert sum(int(number) for number in re.findall(r"  lost (\d+) on cpu \d+", log)) >= lost, log


def test_one_kind_of_hooks(trace: Callable, calls: Path, data: Path) -> None:
    tracer = trace("open", "--hooks", "syscall", "--comm", calls.name)
    subprocess.run([calls, "open", data], check=True)
    tracer.events.wait(has_path(data))
    end(tracer)
    refused = run_bongsu("trace", "open", "--hooks", "tracepoint")
    assert refused.returncode == FAILED, refused.stderr
    assert refused.stderr.count("\n") == 1
    assert "no way to see open here" in refused.stderr
    assert "--hooks tracepoint" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["exec", "--summary"], ["--summary", "nothing to add up"]),
        (["process", "--summary", "--count", "3"], ["--summary", "--count"]),
        (["read", "--summary", "--container", "any"], ["--summary", "--container"]),
        (["opne"], ["unknown event opne", "did you mean open?"]),
        (["exec,"], ["unknown event"]),
        (["exec,flie"], ["unknown event flie", "did you mean file?"]),
        (["heartbeat"], ["unknown event heartbeat"]),
        (["exec", "--descendants"], ["--descendants", "--pid PID"]),
        (["exec", "--duration", "soon"], ["--duration", "soon"]),
    ],
)
def test_what_makes_no_sense_is_one_line(arguments: list[str], words: list[str]) -> None:
    result = run_bongsu("trace", *arguments)
    assert result.returncode == USAGE, result.stderr
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    assert all(word in result.stderr for word in words), result.stderr


def test_the_text_of_every_family_fits(trace: Callable, calls: Path, open_folder: Path) -> None:
    deep = open_folder.joinpath(*["a directory with a long name, \x1b[31m"] * 6)
    deep.mkdir(parents=True)
    data = deep / "file"
    data.write_bytes(b"." * 100)
    tracer = trace("file,memory,process,privilege", "--comm", calls.name, "--format", "text")
    subprocess.run([calls, "each", data], capture_output=True, check=True)
    until(lambda: any(b" exit " in line for line in tracer.out.lines), "the exit in the table")
    end(tracer)
    header, *lines = tracer.out.text().rstrip("\n").split("\n")
    assert header.split() == ["TIME", "EVENT", "PID", "PPID", "UID", "CONTAINER", "NAME", "WHAT"]
    assert not [line for line in (header, *lines) if len(line) > COLUMNS]
    assert not [c for c in tracer.out.text() if ord(c) < 32 and c != "\n"]
    by_event = {line.split()[1]: line for line in reversed(lines)}  # the first of each, but of brk the loader's
    assert {"exec", "open", "read", "write", "close", "mmap", "munmap", "mprotect", "brk", "exit"} <= by_event.keys()
    assert re.search(rf"fd \d+ {WRITTEN_BYTES} bytes ", by_event["write"]), by_event["write"]
    assert re.search(r" 0x[0-9a-f]+$", by_event["brk"]), by_event["brk"]
    assert re.search(rf"0x[0-9a-f]+ \+{MAPPED_BYTES}$", by_event["munmap"]), by_event["munmap"]
    assert by_event["open"].endswith("..."), by_event["open"]


def test_json_is_one_object_a_line(trace: Callable, calls: Path, data: Path) -> None:
    tracer = trace("file", "--comm", calls.name)
    subprocess.run([calls, "open", data, "10"], check=True)
    tracer.events.wait(lambda e: is_action("open")(e) and has_path(data)(e), 10)
    end(tracer)
    assert all(isinstance(json.loads(line), dict) for line in tracer.out.lines)
    assert {tuple(get(e, "event.category")) for e in tracer.events.where(is_action("open"))} == {("file",)}
