# SPDX-License-Identifier: Apache-2.0
"""What the monitor gives up once it watches, and what of its kernel side nobody can change."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.kernel_maps import bpftool, map_id, maps_of
from support.monitor import Command, get
from support.rules import marked, rule, write_rules
from support.running import environment, until

pytestmark = pytest.mark.kernel

# include/uapi/linux/capability.h
DAC_READ_SEARCH, IPC_LOCK, SYS_PTRACE, SYS_ADMIN, PERFMON, BPF = 2, 14, 19, 21, 38, 39


def bits(*capabilities: int) -> int:
    return sum(1 << capability for capability in capabilities)


def threads(pid: int) -> Iterator[dict[str, str]]:
    """What the kernel says of each thread."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        yield dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines() if ":\t" in line)


def tell_exec(monitor: Command, marker: str, name: str) -> None:
    subprocess.run(["/bin/true", f"{marker}-{name}"], check=True)
    monitor.events.wait(lambda a: f"{marker}-{name}" in (get(a, "process.args") or []))


@pytest.fixture
def rules(tmp_path: Path, marker: str) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    write_rules(folder / "exec.json", marked(marker))
    return folder


def test_every_thread_has_given_up_what_it_does_not_need(watch: Callable, rules: Path, receive: Callable) -> None:
    monitor = watch(rules, "--webhook", receive().url)  # so that there are threads of sinks
    found = list(threads(monitor.pid))
    assert len(found) > 2, found
    for thread in found:
        for kind in ("CapPrm", "CapEff", "CapBnd"):
            assert int(thread[kind], 16) & ~bits(DAC_READ_SEARCH, SYS_PTRACE, PERFMON, BPF) == 0, thread
        assert int(thread["CapInh"], 16) == int(thread["CapAmb"], 16) == 0, thread
        assert thread["NoNewPrivs"] == "1" and thread["Seccomp"] == "2", thread
    assert any(b"capabilities kept: " in line for line in monitor.err.lines)
    assert monitor.stop(signal.SIGTERM) == 0


def test_confined_it_still_attaches_what_new_rules_need(
    watch: Callable, rules: Path, marker: str, tmp_path: Path
) -> None:
    monitor = watch(rules)
    opened = rule("opened", {"file.path": {"contains": marker}}, event="open")
    bound = rule("bound", {"process.name": "no such program"}, event=["bind", "mount", "ptrace", "memfd"])
    write_rules(rules / "more.json", opened, bound)
    until(lambda: any(b"rules reloaded: 3" in line for line in monitor.err.lines), "the reload")
    path = tmp_path / f"{marker}-after"
    path.write_text("x")
    path.read_text()
    monitor.events.wait(lambda a: get(a, "rule.id") == "opened" and get(a, "file.path") == str(path))
    assert {thread["Seccomp"] for thread in threads(monitor.pid)} == {"2"}
    assert monitor.stop(signal.SIGTERM) == 0


def test_perf_buffers_keep_the_right_to_lock_memory(watch: Callable, rules: Path, marker: str) -> None:
    monitor = watch(rules, "--transport", "perf")
    [kept] = {thread["CapEff"] for thread in threads(monitor.pid)}
    assert int(kept, 16) & bits(IPC_LOCK, SYS_ADMIN) == bits(IPC_LOCK)
    tell_exec(monitor, marker, "seen")
    assert monitor.stop(signal.SIGTERM) == 0


def test_confinement_can_be_turned_off(watch: Callable, rules: Path) -> None:
    own = {line.split(":\t")[0]: line.split(":\t")[1] for line in Path("/proc/self/status").read_text().splitlines()}
    monitor = watch(rules, env=environment(BONGSU_CONFINE="false"))
    for thread in threads(monitor.pid):
        assert thread["CapEff"] == own["CapEff"] and thread["Seccomp"] == own["Seccomp"]
    assert monitor.stop(signal.SIGTERM) == 0


def test_what_is_fixed_for_its_life_cannot_be_changed_by_anybody(watch: Callable, rules: Path) -> None:
    """Whose events are left out, above all the monitor's own: with that changed it would be blind and not know."""
    monitor = watch(rules)
    constants = {name: info for name, info in maps_of(monitor.pid).items() if name.endswith(".rodata")}
    assert constants
    for name, info in constants.items():
        assert info["frozen"] == "1", name
        before = bpftool("map", "dump", "id", info["map_id"])
        size = str(bpftool("map", "show", "id", info["map_id"])["bytes_value"])
        zeroes = ["0"] * int(size)
        update = ["bpftool", "map", "update", "id", info["map_id"], "key", "0", "0", "0", "0", "value", *zeroes]
        done = subprocess.run(update, capture_output=True, text=True)
        assert done.returncode != 0 and "Operation not permitted" in done.stdout + done.stderr, done
        assert bpftool("map", "dump", "id", info["map_id"]) == before
    assert monitor.stop(signal.SIGTERM) == 0


def test_a_cgroup_that_another_mutes_is_told_and_heard_again(watch: Callable, rules: Path, marker: str) -> None:
    muted = 1  # BONGSU_PLACE_MUTED of bpf/wire/wire.h
    monitor = watch(rules)
    identifier = str(map_id(monitor.pid, "places"))
    key = list((0x7FFF_FFFF_FFFF).to_bytes(8, "little") + (0).to_bytes(8, "little"))
    entry = ["key", *map(str, key), "value", *map(str, muted.to_bytes(4, "little"))]
    bpftool("map", "update", "id", identifier, *entry)
    alert = monitor.events.wait(lambda a: get(a, "rule.id") == "agent-tamper")[0]
    assert get(alert, "bongsu.event") == "map places"
    assert get(alert, "event.severity") == 5
    rows = [[int(byte, 16) for byte in row["key"]] for row in bpftool("map", "dump", "id", identifier)]
    assert key not in rows
    tell_exec(monitor, marker, "after")
    assert monitor.stop(signal.SIGTERM) == 0


def test_a_low_port_is_bound_with_the_one_right_for_it(
    start: Callable[..., Command], rules: Path
) -> None:
    monitor = start("run", "--rules", rules, "--listen", "127.0.0.1:987", "--format", "json")
    monitor.wait_ready()
    net_bind_service = 10
    for thread in threads(monitor.pid):
        kept = int(thread["CapEff"], 16)
        assert kept & bits(net_bind_service) and not kept & bits(SYS_ADMIN), thread
    assert monitor.stop(signal.SIGTERM) == 0
