# SPDX-License-Identifier: Apache-2.0
"""What else can be attached: nothing but an empty program, other tools that Debian packages, and the design in which
every event goes to user space. Each is a context manager; one that cannot run here says why (Failed)."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence

import children
from bench import Bench
from children import Argument, Failed
from measure import Attach


@contextlib.contextmanager
def empty_program(bench: Bench) -> Iterator[None]:
    """Two instructions on sys_exit: below this no monitor that is attached there can come."""
    process = children.start([bench.work / "attach"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)  # fmt: skip
    if process.stdout.readline() != "attached\n":
        process.wait()
        raise Failed(process.stderr.read().strip())
    try:
        yield
    finally:
        children.stop(process)


@contextlib.contextmanager
def _tool(bench: Bench, command: Sequence[Argument], ready: str = "") -> Iterator[None]:
    """One that prints all it sees; ready when its log says so, else once it has printed a program that was started for
    that: some say that they attach long before they have."""
    log = bench.folder / "peer.log"
    lines = bench.folder / "peer.out"
    with log.open("wb") as errors, lines.open("wb") as out:
        process = children.start(command, stdout=subprocess.DEVNULL if ready else out, stderr=errors)
    try:
        deadline = time.monotonic() + 60
        while not (ready in log.read_text(errors="replace") if ready else b"true" in lines.read_bytes()):
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failed(_reason(log.read_text(errors="replace")) or f"exit code {process.poll()}, without a word")
            children.run(["/bin/true"])
            time.sleep(0.05)
        yield
        if process.poll() is not None:
            raise Failed(f"it ended meanwhile: {_reason(log.read_text(errors='replace'))}")
    finally:
        children.stop(process)
        lines.unlink()


def _reason(log: str) -> str:
    """The line that tells most: the first that names an error, else the last."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if "rror" in line or "nable" in line or "FATAL" in line]
    return (telling or lines[-1:] or [""])[0][:200]


# Every event of these to user space through one perf buffer a CPU, as JSON.
ALL_EVENTS = "exec,fork,exit,open,unlink,rename,connect,accept"


def peers(bench: Bench) -> dict[str, Attach]:
    """By the name that the report uses."""

    def find(*names: str) -> str:
        for name in names:
            if found := shutil.which(name, path="/usr/sbin:/usr/bin:/usr/share/bpftrace/tools:/usr/share/bcc/tools"):
                return found
        raise Failed(f"{names[0]} is not installed")

    def bpftrace(name: str) -> Attach:
        return lambda: _tool(bench, [find("bpftrace"), find(name)])

    def bpfcc(name: str) -> Attach:
        return lambda: _tool(bench, [find(name)])

    def every_event() -> contextlib.AbstractContextManager[None]:
        command = [bench.program, "trace", ALL_EVENTS, "--transport", "perf", "--format", "json"]
        return _tool(bench, command, ready="tracing")

    return {
        "every event to user space": every_event,
        "bpftrace execsnoop.bt": bpftrace("execsnoop.bt"),
        "bpftrace opensnoop.bt": bpftrace("opensnoop.bt"),
        "bpfcc execsnoop": bpfcc("execsnoop-bpfcc"),
        "bpfcc opensnoop": bpfcc("opensnoop-bpfcc"),
        "sysdig": lambda: _tool(bench, [find("sysdig")]),
        "sysdig, its modern probe": lambda: _tool(bench, [find("sysdig"), "--modern-bpf"]),
    }


def installed_version(package: str) -> str:
    ran = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
    return ran.stdout if ran.returncode == 0 else ""


def versions() -> dict[str, str]:
    return {name: installed_version(name) for name in ("bpftrace", "bpfcc-tools", "sysdig", "wrk") if
            installed_version(name)} | {"libbpf": installed_version("libbpf1")}  # fmt: skip


