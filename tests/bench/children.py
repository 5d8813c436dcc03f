# SPDX-License-Identifier: Apache-2.0
"""Every process that the benchmark starts: whatever ends the script, they end too, each by its own pid."""

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Argument = str | Path
PATIENCE_S = 120.0

_running: list[subprocess.Popen[Any]] = []


class Failed(Exception):
    """Something that was to be measured could not be; the text says why."""


def say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def environment() -> dict[str, str]:
    """Ours without what would steer the monitor: BONGSU_* are its settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("BONGSU")}


def start(command: Sequence[Argument], **options: Any) -> subprocess.Popen[Any]:
    options.setdefault("stdin", subprocess.DEVNULL)
    process = subprocess.Popen([str(part) for part in command], env=environment(), **options)
    _running.append(process)
    return process


def stop(process: subprocess.Popen[Any], signal_number: int = signal.SIGTERM, patience_s: float = 20) -> int:
    if process.poll() is None:
        process.send_signal(signal_number)
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process in _running:
        _running.remove(process)
    return process.returncode


def finish(process: subprocess.Popen[Any], patience_s: float = PATIENCE_S) -> str:
    """Waits for one that ends by itself; its stdout, where that is a pipe."""
    try:
        out, error = process.communicate(timeout=patience_s)
    except subprocess.TimeoutExpired:
        stop(process, signal.SIGKILL)
        raise Failed(f"{process.args[0]}: still running after {patience_s:g} s") from None
    _running.remove(process)
    if process.returncode != 0:
        raise Failed(f"{' '.join(process.args)}: exit code {process.returncode}: {(error or '').strip()[-400:]}")
    return out or ""


def run(command: Sequence[Argument], patience_s: float = PATIENCE_S, **options: Any) -> str:
    """Runs it to its end; what it wrote to stdout."""
    options.setdefault("stderr", subprocess.PIPE)
    return finish(start(command, stdout=subprocess.PIPE, text=True, **options), patience_s)


def run_json(command: Sequence[Argument], **options: Any) -> Any:
    return json.loads(run(command, **options))


def until(condition: Any, what: str, patience_s: float = PATIENCE_S, every_s: float = 0.01) -> Any:
    deadline = time.monotonic() + patience_s
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise Failed(f"not within {patience_s:g} s: {what}")
        time.sleep(every_s)
    return value


def end_all() -> None:
    for process in reversed(_running[:]):
        with contextlib.suppress(OSError):
            stop(process, patience_s=5)


def _leave(number: int, frame: Any) -> None:
    sys.exit(128 + number)


def end_with_us() -> None:
    """Signals become an exit, and the exit ends what runs."""
    atexit.register(end_all)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
