# SPDX-License-Identifier: Apache-2.0
"""What a process on the host can do to the monitor's own process: each is told with who did it, and judging goes on."""

import errno
import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from support import inside
from support.kernel_maps import bpftool, map_id
from support.monitor import Command, Event, finish, get, has_argument
from support.rules import marked, rule, write_rules
from support.running import source_dir, until

pytestmark = pytest.mark.kernel

MARKER = f"e2e-{token_hex(8)}"
PTRACE_DETACH = 17  # linux/ptrace.h
# In Python with every system call (inside.PRELUDE); {pid} is the monitor.
READ = """
class Piece(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
buffer = ctypes.create_string_buffer(8)
ours, theirs = Piece(ctypes.addressof(buffer), 8), Piece(0x1000, 8)  # nothing is mapped there
syscall("process_vm_{way}", {pid}, ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0)
"""
TRACE = """
def held():
    with open("/proc/{pid}/status") as status:
        return "\\nState:\\tt" in status.read()
if syscall("ptrace", {request}, {pid}, 0, 0) == 0:
    if {request} == 16:
        until(held)
    else:
        syscall("ptrace", 0x4207, {pid}, 0, 0)  # PTRACE_INTERRUPT
        until(held)
    syscall("ptrace", {detach}, {pid}, 0, 0)
"""
STOP = """
os.kill({pid}, signal.SIGSTOP)
def stopped():
    with open("/proc/{pid}/status") as status:
        return "\\nState:\\tT" in status.read()
until(stopped)
os.kill({pid}, signal.SIGCONT)
"""
BY_DESCRIPTOR = """
descriptor = syscall("pidfd_open", {pid}, 0)
assert syscall("pidfd_send_signal", descriptor, signal.SIGCHLD, None, 0) == 0  # harmless, and shows that it arrives
assert syscall("pidfd_send_signal", descriptor, signal.SIGTSTP, None, 0) == 0
os.kill({pid}, signal.SIGCONT)
"""
MEMORY = """
try:
    os.close(os.open("/proc/{pid}/mem", os.O_RDWR))
except OSError as error:
    print(error)
"""
ATTACKS: dict[str, tuple[str, str, str]] = {  # what is done, the rule that tells it, what the alert says of it
    "stopped": (STOP, "monitor-signalled", "SIGSTOP"),
    "stopped by a descriptor": (BY_DESCRIPTOR, "monitor-signalled", "SIGTSTP"),
    "attached to": (TRACE.replace("{request}", "16"), "monitor-traced", "PTRACE_ATTACH"),
    "seized": (TRACE.replace("{request}", "0x4206"), "monitor-traced", "PTRACE_SEIZE"),
    "memory read": (READ.replace("{way}", "readv"), "monitor-traced", "read"),
    "memory written": (READ.replace("{way}", "writev"), "monitor-traced", "write"),
    "memory opened": (MEMORY, "process-memory-file-written", "/mem"),
}


# Each time rather than once in a while.
TOLD_EACH_TIME = ("monitor-signalled", "monitor-traced", "process-memory-file-written", "bpf-objects-of-others-opened")


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """The monitor with default rules. No test harms it."""
    extensions = [{"extends": name, "throttle": False} for name in TOLD_EACH_TIME]
    own = write_rules(tmp_path_factory.mktemp("rules") / "own.json", marked(MARKER), *extensions)
    rules = [source_dir() / "rules" / f"{name}.json" for name in ("lists", "monitor", "privilege")]
    arguments = [word for path in (*rules, own) for word in ("--rules", path)]
    monitor = Command("run", *arguments, "--listen", "off", "--format", "json")
    try:
        monitor.wait_ready()
        yield monitor
        assert monitor.stop(signal.SIGTERM) == 0
    finally:
        finish(monitor)


@pytest.fixture
def marker() -> str:
    """One for all of this file, as there is one monitor."""
    return MARKER


def attack(folder: Path, name: str, source: str) -> str:
    """By a program of a name of its own, so that alerts can be told apart; what it printed."""
    program = folder / name
    program.symlink_to(sys.executable)
    done = subprocess.run([program, "-"], input=inside.python_source(source), capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def of(identifier: str, who: str) -> Callable[[Event], bool]:
    return lambda alert: get(alert, "rule.id") == identifier and get(alert, "process.name") == who


def still_judges(monitor: Command, argument: str) -> None:
    subprocess.run(["/bin/true", argument], check=True)
    monitor.events.wait(lambda alert: get(alert, "rule.id") == "marked" and has_argument(argument)(alert))


def test_whoever_lays_hands_on_it_is_told(victim: Command, marker: str, tmp_path: Path) -> None:
    for number, (deed, (source, identifier, word)) in enumerate(ATTACKS.items()):
        name = f"{marker}-{number}"
        attack(tmp_path, name, source.replace("{pid}", str(victim.pid)).replace("{detach}", str(PTRACE_DETACH)))
        told = victim.events.wait(of(identifier, name))
        about = [alert for alert in told if word in json.dumps(alert["process"]) + str(get(alert, "file.path"))]
        assert about, f"{deed}: {told}"
        still_judges(victim, f"{marker}-after-{number}")


def test_another_monitor_tells_who_killed_it(watch: Callable, victim: Command, marker: str, tmp_path: Path) -> None:
    other = watch(write_rules(tmp_path / "other.json", marked(marker, "other")))
    name = f"{marker}-killer"
    attack(tmp_path, name, f"os.kill({other.pid}, signal.SIGKILL)")
    assert other.wait() == -signal.SIGKILL
    [alert] = victim.events.wait(of("monitor-signalled", name))
    assert get(alert, "process.signal") == "SIGKILL"
    assert get(alert, "process.target.pid") == other.pid
    assert get(alert, "rule.severity") == "critical"
    still_judges(victim, f"{marker}-after")


REACH = """
def bpf(command, *words):
    return syscall("bpf", command, ctypes.create_string_buffer(struct.pack(f"<{len(words)}I", *words), 128), 128)
MAP_BY_ID, LINK_BY_ID, DETACH, UPDATE = 14, 30, 34, 29  # linux/bpf.h
for link in {links}:
    opened = bpf(LINK_BY_ID, link, 0, 0)
    assert opened > 0, opened
    print(bpf(DETACH, opened))
assert bpf(MAP_BY_ID, {map}, 0, 0) > 0
"""


def links_of(pid: int) -> list[int]:
    infos = (path.read_text() for path in Path(f"/proc/{pid}/fdinfo").iterdir())
    return [int(found[1]) for info in infos if (found := re.search(r"^link_id:\s*(\d+)$", info, re.MULTILINE))]


def test_its_links_cannot_be_detached_by_others(victim: Command, marker: str, tmp_path: Path) -> None:
    links = links_of(victim.pid)
    assert links
    source = REACH.replace("{links}", repr(links)).replace("{map}", str(map_id(victim.pid, "settings")))
    refused = {int(line) for line in attack(tmp_path, f"{marker}-bpf", source).split()}
    assert refused == {-errno.EOPNOTSUPP}  # the kernel has no such operation for these kinds
    told = victim.events.wait(of("bpf-objects-of-others-opened", f"{marker}-bpf"), len(links) + 1)
    assert {get(alert, "bpf.command") for alert in told} == {"BPF_LINK_GET_FD_BY_ID", "BPF_MAP_GET_FD_BY_ID"}
    still_judges(victim, f"{marker}-after")


def test_handlers_that_another_took_away_are_told_and_put_back(watch: Callable, marker: str, tmp_path: Path) -> None:
    """On rung 3 this map leads from a call to the program that tells it: without its entry the call is not seen."""
    opened = rule("opened", {"file.path": {"contains": marker}}, event="open")
    monitor = watch(write_rules(tmp_path / "rules.json", opened), "--hooks", "syscall")
    identifier = map_id(monitor.pid, "handlers")
    good = bpftool("map", "dump", "id", str(identifier))
    assert good
    for row in good:
        key = [byte.removeprefix("0x") for byte in row["key"]]
        bpftool("map", "delete", "id", str(identifier), "key", "hex", *key)
    monitor.events.wait(lambda a: get(a, "rule.id") == "agent-tamper" and get(a, "bongsu.event") == "map calls")
    until(lambda: bpftool("map", "dump", "id", str(identifier)) == good, "the handlers are in their places")
    path = tmp_path / f"{marker}-seen"
    path.write_text("x")
    monitor.events.wait(lambda a: get(a, "rule.id") == "opened" and get(a, "file.path") == str(path))
    assert monitor.stop(signal.SIGTERM) == 0
