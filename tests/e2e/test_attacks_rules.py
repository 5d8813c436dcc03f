# SPDX-License-Identifier: Apache-2.0
"""A rules folder that somebody else fills while the monitor runs: whatever is in it, the monitor goes on with the
rules that it had or with those that are good, says what is wrong in one line, and shows nothing of files that are no
rules."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.monitor import Command, get, has_argument
from support.rules import marked, rule, write_rules
from support.running import until

pytestmark = pytest.mark.kernel

MIB = 1 << 20
SECRET = "not-for-you"
ESCAPES = "\x1b]0;owned\x07\x1b[2J\n\x9b"
LONGEST_MESSAGE = 4096


def deep(levels: int) -> str:
    return '{"rules": ' + "[" * levels


def huge(folder: Path) -> None:
    (folder / "more.json").write_text('{"rules": []' + " " * (5 * MIB) + "}")


def all_too_large(folder: Path) -> None:
    for number in range(18):
        (folder / f"more-{number:02}.json").write_text('{"rules": []' + " " * (4 * MIB - 100) + "}")


def many_files(folder: Path) -> None:
    """The one too many has a name that would steer a terminal."""
    for number in range(1000):
        (folder / f"{number:04}.json").write_text('{"rules": []}')
    (folder / f"a{ESCAPES}.json").write_text('{"rules": []}')


def folders_in_folders(folder: Path) -> None:
    path = folder
    for _ in range(40):
        path = path / "d"
        path.mkdir()
    write_rules(path / "rules.json", rule("too-deep", {}))


def link_out(folder: Path) -> None:
    secret = folder.parent / "secret"
    secret.write_text(f"root:{SECRET}:1:0\n")
    (folder / "more.json").symlink_to(secret)


def device(folder: Path) -> None:
    (folder / "more.json").symlink_to("/dev/zero")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "more.json")


def emptied(folder: Path) -> None:
    (folder / "rules.json").write_text('{"rules": []}')


def removed(folder: Path) -> None:
    (folder / "rules.json").unlink()


def switched_off(folder: Path) -> None:
    write_rules(folder / "off.json", {"extends": "marked", "enabled": False})


# What is done to the folder, and a word of the answer.
REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a huge file": (huge, "larger than 4 MiB"),
    "files that are huge together": (all_too_large, "larger than 64 MiB"),
    "a thousand files": (many_files, "more than 1000 rule files"),
    "folders in folders": (folders_in_folders, "nested too deep"),
    "deep nesting": (lambda folder: (folder / "more.json").write_text(deep(100_000)), "deep"),
    "a link out of the folder": (link_out, "more.json:1:1"),
    "a link to a device": (device, "neither a file nor a directory"),
    "a pipe": (pipe, "neither a file nor a directory"),
    "bytes": (lambda folder: (folder / "more.json").write_bytes(os.urandom(MIB)), "more.json:1:"),
    "no rules any more": (emptied, "no rule"),
    "no files any more": (removed, "no rule"),
    "all rules switched off": (switched_off, "no rule"),
}


class Folder:
    """Filled as the case wants it while the monitor looks on, then as it was."""

    def __init__(self, path: Path, marker: str) -> None:
        self.path = path
        self._marker = marker
        path.mkdir()
        self.mend()

    def mend(self) -> None:
        subprocess.run(["find", self.path, "-mindepth", "1", "-delete"], check=True)
        write_rules(self.path / "rules.json", marked(self._marker))


def log_count(monitor: Command, word: str) -> int:
    return sum(word.encode() in line for line in monitor.err.lines)


def hang_up(monitor: Command, answer: str) -> None:
    """Has the rules read at once, rather than a second after the last change; whether both are done is no matter."""
    before = log_count(monitor, answer)
    monitor.process.send_signal(signal.SIGHUP)
    until(lambda: log_count(monitor, answer) > before, f"'{answer}' once more in the log")


def still_judges(monitor: Command, argument: str) -> None:
    subprocess.run(["/bin/true", argument], check=True)
    monitor.events.wait(lambda a: get(a, "rule.id") == "marked" and has_argument(argument)(a))


def test_what_cannot_be_rules_changes_nothing_and_is_told(watch: Callable, marker: str, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "rules.d", marker)
    monitor = watch(folder.path)
    for number, (case, (fill, word)) in enumerate(REFUSED.items()):
        fill(folder.path)
        hang_up(monitor, "rules not reloaded: ")
        told = monitor.events.wait(
            lambda a, word=word: get(a, "rule.id") == "agent-rule-error" and word in get(a, "bongsu.reason")
        )
        assert all(len(get(alert, "message")) <= LONGEST_MESSAGE for alert in told), case
        still_judges(monitor, f"{marker}-{number}")
        folder.mend()
    hang_up(monitor, "rules reloaded: 1")
    assert monitor.stop(signal.SIGTERM) == 0
    assert SECRET not in monitor.err.text() + monitor.out.text()
    steering = set(monitor.err.text()) & {chr(c) for c in [*range(32), *range(0x7F, 0xA0)] if c != ord("\n")}
    assert not steering, monitor.err.text()
    lines = monitor.err.text().strip().split("\n")
    assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z (info|warning|error) ", line) for line in lines), "a line is forged"


def test_hostile_rules_beside_good_ones(watch: Callable, marker: str, tmp_path: Path) -> None:
    """Those that cost too much or take another's id are left out; those that may stay hold nobody up."""
    folder = Folder(tmp_path / "rules.d", marker)
    monitor = watch(folder.path)
    giant = "no end of it. " * (MIB // 14)
    hostile = [
        rule("marked", {}),  # the id of a rule that is there: it would match all, under its name
        rule("too-large", {"process.command_line": {"regex": "((a{100}){100}){100}"}}),
        rule("backtracking", {"process.command_line": {"regex": "(a+)+$|(a|aa)+$|(.*a){20}"}}),
        rule("giant", {"process.args": {"contains": marker}}) | {"message": giant},
        rule("too-deep", json.loads('{"not": ' * 40 + "{}" + "}" * 40)),
        rule("many", {"process.name": [f"n{i}" for i in range(70_000)]}),
        rule(f"id{ESCAPES}", {}),
        rule("forged", {"process.args": {"contains": marker}}) | {"message": f"{ESCAPES} done", "name": f"n{ESCAPES}"},
    ]
    (folder.path / "z.json").write_text(json.dumps({"rules": hostile}))
    hang_up(monitor, "rules reloaded: 5")
    for word in ("marked is taken", "bad regex", "nested", "bad rule id"):
        assert log_count(monitor, word), f"'{word}' is not in the log:\n{monitor.err.text()[-4000:]}"
    bait = "a" * 10_000 + "!"
    subprocess.run(["/bin/true", f"{marker}-1", bait], check=True)
    alerts = monitor.events.wait(has_argument(f"{marker}-1"), 3)
    assert {get(a, "rule.id") for a in alerts} >= {"marked", "giant", "forged"}
    assert all(len(get(a, "message").encode()) <= LONGEST_MESSAGE for a in alerts)
    folder.mend()
    hang_up(monitor, "rules reloaded: 1")
    still_judges(monitor, f"{marker}-2")
    assert monitor.stop(signal.SIGTERM) == 0
    assert "\x1b" not in monitor.err.text() + monitor.out.text()
