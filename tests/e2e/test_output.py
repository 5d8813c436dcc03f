# SPDX-License-Identifier: Apache-2.0
"""Whatever a process or file is called: a line of JSON stays one line of JSON, and text cannot move the cursor."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.monitor import Command, Event, get, has_argument, is_action
from support.rules import marked, rule, write_rules
from support.running import Stream, environment, until

pytestmark = pytest.mark.kernel

# Each must come back as it was, or with U+FFFD for each invalid sequence, as Python replaces them too (Unicode 3.9).
NASTY = {
    "newline": b"two\nlines\r\n",
    "quotes": b"\"quoted\" 'single' \\ back\\slash",
    "invalid UTF-8": b"\xff\xfe cut \xe2\x82 surrogate \xed\xa0\x80 long \xc0\xaf high \xf4\x90\x80\x80 end \xf0\x9f",
    "control": bytes(range(1, 32)) + b"\x7f",
    "escape sequence": b"\x1b[2J\x1b[31mred\x1b]0;title\x07\x9b31m",
    "C1": "\u0080\u0085\u009b2J\u009f".encode(),
    "line separators": "a\u2028b\u2029c".encode(),
    "bidirectional": "\u202egnp.exe\u2066\u200f".encode(),
    "beyond the BMP": "\U0001f40d \U000e0001".encode(),
    "JSON in it": b'","container":{"id":"forged"},"x":"',
    "empty": b"",
    "NUL as text": b"\\u0000 \\x00",
    "brackets": b"]}}{[ %s %n {process.name}",
}
ARGUMENTS = list(NASTY.values())
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def shown(value: bytes) -> str:
    return value.decode(errors="replace")


def comm_of(name: bytes) -> str:
    return shown(name[:15])  # TASK_COMM_LEN, without its NUL


@pytest.fixture
def rules(tmp_path: Path, marker: str) -> Path:
    return write_rules(
        tmp_path / "rules.json",
        marked(marker) | {"message": "{process.name} with {process.command_line}"},
        rule("renamed", {"process.args": {"contains": marker}}, event="rename_comm"),
    )


def one(monitor: Command, action: str, marker: str) -> Event:
    [event] = monitor.events.wait(lambda e: is_action(action)(e) and has_argument(marker)(e))
    return event


def test_arguments(watch: Callable, receive: Callable, rules: Path, marker: str) -> None:
    receiver = receive()
    monitor = watch(rules, "--webhook", receiver.url)
    subprocess.run([b"/bin/true", marker.encode(), *ARGUMENTS], check=True)
    alert = one(monitor, "exec", marker)
    arguments = [shown(argument) for argument in ARGUMENTS]
    assert get(alert, "process.args") == ["/bin/true", marker, *arguments]
    assert get(alert, "process.command_line") == " ".join(["/bin/true", marker, *arguments])
    assert get(alert, "container") is None, "what an argument says is not what is"
    assert get(alert, "process.args_truncated") is not True
    monitor.stop(15)
    assert receiver.alerts() == [alert]
    assert all(line.isascii() or line.decode() for line in monitor.out.lines)


@pytest.mark.parametrize("case", [name for name, value in NASTY.items() if value and b"/" not in value])
def test_names(watch: Callable, compiled: Callable, rules: Path, marker: str, tmp_path: Path, case: str) -> None:
    """Of the file, the folder it lies in, the working directory, and the comm that the kernel takes from the file."""
    name = NASTY[case]
    folder = os.fsencode(tmp_path) + b"/" + name + b" folder"
    path = folder + b"/" + name
    os.mkdir(folder)
    Path(os.fsdecode(path)).write_bytes(compiled("serve").read_bytes())
    os.chmod(path, 0o755)
    monitor = watch(rules)
    subprocess.run([path, b"/bin/true", marker.encode()], cwd=folder, check=True)
    events = monitor.events.wait(has_argument(marker), 2)
    server, child = (next(e for e in events if len(get(e, "process.args")) == count) for count in (3, 2))
    assert get(server, "process.executable") == shown(path)
    assert get(server, "process.requested_executable") == shown(path)
    assert get(server, "process.name") == shown(name)
    assert get(server, "process.thread.name") == comm_of(name)
    assert get(server, "process.working_directory") == shown(folder)
    assert get(server, "process.args") == [shown(path), "/bin/true", marker]
    assert get(child, "process.parent.name") == shown(name)
    assert get(child, "process.parent.executable") == shown(path)
    assert get(child, "process.ancestors.name")[0] == shown(name)
    monitor.stop(15)


def test_a_comm_that_the_process_chose(watch: Callable, rules: Path, marker: str) -> None:
    chosen = b'\x1b[31m\n"\xff\\'
    pr_set_name = 15  # linux/prctl.h
    script = "import ctypes, sys; ctypes.CDLL(None).prctl(int(sys.argv[2]), bytes.fromhex(sys.argv[3]), 0, 0, 0)"
    monitor = watch(rules)
    subprocess.run([sys.executable, "-S", "-c", script, marker, str(pr_set_name), chosen.hex()], check=True)
    alert = one(monitor, "rename_comm", marker)
    assert get(alert, "process.thread.name") == shown(chosen)
    assert get(alert, "process.previous_thread_name") == Path(sys.executable).name[:15]
    assert get(alert, "process.name") == Path(sys.executable).name, "prctl does not change it"
    monitor.stop(15)


def test_many_arguments(watch: Callable, rules: Path, marker: str) -> None:
    """1 MiB of them: cut, and told."""
    monitor = watch(rules)
    count = 16
    subprocess.run(["/bin/true", marker, *["x" * 65536] * count], check=True)
    alert = one(monitor, "exec", marker)
    assert get(alert, "process.args_truncated") is True
    assert get(alert, "process.args_count") == count + 2
    assert get(alert, "process.args")[:2] == ["/bin/true", marker]
    assert 8192 < len(get(alert, "process.command_line")) <= 16384
    monitor.stop(15)


def assert_plain(text: str, marker: str) -> None:
    """Two lines an alert, nothing in them that a terminal would obey, and all of it legible."""
    own = [line for line in text.split("\n") if marker in line]
    assert own, text
    controls = {c for c in text if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) <= 0x9F}
    assert not controls, f"control characters in the text: {controls}"
    assert not set(text) & set("\u2028\u2029\u202e\u2066\u200f"), "characters that reorder or end a line"
    assert "\\x1b[2J" in text and "\\x0a" in text and "\\xff" in text, f"the value cannot be recovered: {text}"


def provoke(marker: str) -> None:
    """First the worst, so that no cut at the end of a line hides it."""
    nasty = [NASTY["escape sequence"], NASTY["newline"], NASTY["invalid UTF-8"], NASTY["bidirectional"]]
    subprocess.run([b"/bin/true", marker.encode(), *nasty], check=True)


@pytest.mark.parametrize("flags", [(), ("--color", "never")], ids=["no flag", "--color never"])
def test_text_in_a_pipe_has_no_control_characters(
    watch: Callable, rules: Path, marker: str, flags: tuple[str, ...]
) -> None:
    monitor = watch(rules, "--format", "text", *flags)
    provoke(marker)
    until(lambda: any(marker.encode() in line for line in monitor.out.lines), "the alert as text")
    monitor.stop(15)
    text = monitor.out.text()
    assert not text.startswith("{")
    assert "Test rule marked" in text and "HIGH" in text
    assert_plain(text, marker)


def test_colour_where_it_is_asked_for(watch: Callable, rules: Path, marker: str) -> None:
    monitor = watch(rules, "--format", "text", "--color", "always")
    provoke(marker)
    until(lambda: any(marker.encode() in line for line in monitor.out.lines), "the alert as text")
    monitor.stop(15)
    text = monitor.out.text()
    assert COLOUR.search(text), f"no colour: {text!r}"
    assert_plain(COLOUR.sub("", text), marker)


def on_a_terminal(start: Callable, *arguments: str | Path, **env: str) -> tuple[Command, Stream]:
    """The program with a pseudo-terminal as its stdout, and what that shows."""
    ours, its = pty.openpty()
    running = start(*arguments, stdout=its, env=environment(**{"TERM": "xterm-256color"} | env))
    os.close(its)
    return running, Stream(ours)


@pytest.mark.parametrize(
    ("flags", "env", "text", "colour"),
    [
        ((), {}, True, True),
        ((), {"NO_COLOR": "1"}, True, False),
        ((), {"NO_COLOR": ""}, True, True),  # no-color.org: an empty value does not count
        ((), {"TERM": "dumb"}, True, False),
        (("--color", "never"), {}, True, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True, True),
        (("--format", "json"), {}, False, False),
        (("--format", "text", "--color", "never"), {}, True, False),
    ],
)
def test_on_a_terminal(
    start: Callable, rules: Path, marker: str, flags: tuple[str, ...], env: dict[str, str], text: bool, colour: bool
) -> None:
    monitor, screen = on_a_terminal(start, "run", "--listen", "off", "--rules", rules, *flags, **env)
    monitor.wait_ready()
    provoke(marker)
    until(lambda: any(marker.encode() in line for line in screen.lines), "the alert on the terminal")
    assert monitor.stop(15) == 0
    screen.join()
    output = screen.text().replace("\r\n", "\n")
    assert bool(COLOUR.search(output)) == colour, repr(output)
    assert output.startswith("{") != text
    if text:
        assert_plain(COLOUR.sub("", output), marker)


def test_json_in_a_pipe_without_a_flag(watch: Callable, rules: Path, marker: str) -> None:
    monitor = watch(rules)
    provoke(marker)
    one(monitor, "exec", marker)
    monitor.stop(15)
    assert monitor.out.rest == b"", "the last line has no end"
    assert len(monitor.events.all()) == len(monitor.out.lines)
    assert not COLOUR.search(monitor.out.text())


def test_severities_below_the_limit_are_not_shown(watch: Callable, marker: str, tmp_path: Path) -> None:
    rules = write_rules(
        tmp_path / "rules.json", *[marked(marker, s, severity=s) for s in ("info", "low", "medium", "high", "critical")]
    )
    monitor = watch(rules, "--min-severity", "medium")
    subprocess.run(["/bin/true", marker], check=True)
    monitor.events.wait(has_argument(marker), 3)
    monitor.stop(15)
    alerts = monitor.events.where(has_argument(marker))
    assert [get(alert, "rule.severity") for alert in alerts] == ["medium", "high", "critical"]
    assert [get(alert, "event.severity") for alert in alerts] == [3, 4, 5]


def test_scope(watch: Callable, marker: str, tmp_path: Path) -> None:
    rules = write_rules(tmp_path / "rules.json", marked(marker))
    host, containers = watch(rules, "--scope", "host"), watch(rules, "--scope", "containers")
    subprocess.run(["/bin/true", marker], check=True)
    host.events.wait(has_argument(marker))
    # The end of a monitor comes after all that was in its ring.
    assert containers.stop(15) == 0
    assert not containers.events.where(has_argument(marker))
    host.stop(15)
