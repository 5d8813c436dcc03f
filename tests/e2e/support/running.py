# SPDX-License-Identifier: Apache-2.0
"""Running the program: to its end (run_bongsu), or beside the test with its output gathered as it comes (Running)."""

import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# How long a condition may take that comes by itself: far more than it needs, other load included.
PATIENCE_S = 60.0
POLL_S = 0.01

Argument = str | bytes | Path


def until(condition: Callable[[], Any], what: str, timeout_s: float = PATIENCE_S) -> Any:
    """The first true value of the condition; fails when there is none in time."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s:g} s: {what}")
        time.sleep(POLL_S)


def program() -> str:
    return os.environ.get("BONGSU") or str(source_dir() / "build/release/bongsu")


def source_dir() -> Path:
    return Path(os.environ.get("BONGSU_SOURCE_DIR") or Path(__file__).resolve().parents[3])


def environment(**more: str) -> dict[str, str]:
    """Ours without what would steer the program: BONGSU_* are its settings, NO_COLOR and TERM choose its colours."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("BONGSU") and k not in ("NO_COLOR", "TERM")}
    return kept | more


def run_bongsu(
    *arguments: Argument,
    env: dict[str, str] | None = None,
    before: Sequence[Argument] = (),
    binary: Argument | None = None,
    cwd: Path | None = None,
    timeout_s: float = PATIENCE_S,
) -> subprocess.CompletedProcess[str]:
    """`before` stands in front of the program: setpriv, unshare."""
    return subprocess.run(
        [*before, binary or program(), *arguments], env=env or environment(), cwd=cwd, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, errors="surrogateescape", timeout=timeout_s,
    )  # fmt: skip


def whole_lines(path: Path) -> list[str]:
    """Of a file that is being written, or will be: the lines that have ended."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    return content.rpartition(b"\n")[0].decode().split("\n") if b"\n" in content else []


def peak_kb(pid: int) -> int:
    """The most memory that a process has had resident so far (proc_pid_status(5))."""
    found = re.search(r"^VmHWM:\s*(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found, f"process {pid} has no memory"
    return int(found[1])


class Stream:
    """The lines of one stream so far, as bytes without the newline; `rest` is what no newline has ended."""

    def __init__(self, descriptor: int) -> None:
        self.lines: list[bytes] = []
        self.rest = b""
        self.ended = False
        self._descriptor = descriptor
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while True:
            try:
                block = os.read(self._descriptor, 1 << 16)
            except OSError:  # a terminal whose other side has gone says EIO
                block = b""
            if not block:
                break
            *lines, self.rest = (self.rest + block).split(b"\n")
            self.lines.extend(lines)
        os.close(self._descriptor)
        self.ended = True

    def join_for(self, seconds: float) -> None:
        """To its end, if that comes in time: somebody else may hold it open."""
        self._thread.join(seconds)

    def join(self) -> None:
        self.join_for(PATIENCE_S)
        assert self.ended, "the stream stays open after the program has ended"

    def text(self) -> str:
        return b"\n".join([*self.lines, self.rest]).decode(errors="backslashreplace")


class Running:
    """A program beside the test. Stop it, or leave that to the `start` fixture."""

    def __init__(
        self, command: Sequence[Argument], *, env: dict[str, str] | None = None, stdout: int | None = None
    ) -> None:
        """`stdout`: a descriptor of the test's, for a terminal or a pipe of its own; else it is gathered in `out`."""
        self.process = subprocess.Popen(
            command, env=env or environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if stdout is None else stdout, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stderr is not None
        self.err = Stream(os.dup(self.process.stderr.fileno()))
        self.process.stderr.close()
        self._out: Stream | None = None
        if self.process.stdout is not None:
            self._out = Stream(os.dup(self.process.stdout.fileno()))
            self.process.stdout.close()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def out(self) -> Stream:
        assert self._out is not None, "stdout goes elsewhere"
        return self._out

    def describe(self) -> str:
        return f"exit code {self.process.poll()}, stderr:\n{self.err.text()}"

    def wait_log(self, word: str, timeout_s: float = PATIENCE_S) -> str:
        """The first line on stderr that holds the word."""
        wanted = word.encode()

        def line() -> bytes | None:
            return next((line for line in self.err.lines if wanted in line), None)

        def found_or_ended() -> bool:
            return line() is not None or (self.process.poll() is not None and self.err.ended)

        try:
            until(found_or_ended, f"'{word}' on stderr", timeout_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; {self.describe()}") from None
        found = line()
        assert found is not None, f"the program ended without '{word}' on stderr; {self.describe()}"
        return found.decode(errors="replace")

    def wait(self, timeout_s: float = PATIENCE_S) -> int:
        try:
            code = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {timeout_s:g} s; {self.describe()}") from None
        self.err.join()
        if self._out is not None:
            self._out.join()
        return code

    def stop(self, signal_number: int, timeout_s: float = PATIENCE_S) -> int:
        self.process.send_signal(signal_number)
        return self.wait(timeout_s)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
