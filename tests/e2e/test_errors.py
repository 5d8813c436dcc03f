# SPDX-License-Identifier: Apache-2.0
"""What goes wrong is told in one clear line, with what to do, and an exit code that says so."""

import json
import re
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.monitor import get, has_argument
from support.rules import marked, rule, write_rules
from support.running import environment, program, run_bongsu

FAILED, USAGE = 1, 2
NEVER_SEEN = re.compile(
    r"terminate called|what\(\)|Traceback|Sanitizer|std::|backtrace|core dumped|internal error|exception|0x[0-9a-f]{6}",
    re.IGNORECASE,
)
LONGEST_LINE = 400


def assert_one_clear_line(result: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Exit code, silence on stdout, one line on stderr with all the words; a usage error may add a hint at --help."""
    told = f"exit code {result.returncode}\nstdout: {result.stdout}\nstderr: {result.stderr}"
    assert result.returncode == code, told
    assert result.stdout == "", told
    lines = result.stderr.splitlines()
    assert len(lines) == 1 or (code == USAGE and len(lines) == 2 and "--help" in lines[1]), told
    assert lines[0].startswith("bongsu: "), told
    assert not NEVER_SEEN.search(result.stderr), told
    assert len(lines[0]) <= LONGEST_LINE, told
    for word in words:
        assert word.lower() in lines[0].lower(), f"'{word}' is not in the line; {told}"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return write_rules(tmp_path / "rules.json", marked("never"))


WATCHING = {"run": ("run", "--listen", "off", "--rules"), "trace": ("trace", "exec")}


@pytest.mark.kernel
@pytest.mark.parametrize("command", ["run", "trace"])
def test_an_ordinary_user(open_folder: Path, command: str) -> None:
    # Copies: the checkout may lie where only its owner may look.
    binary = shutil.copy(program(), open_folder / "bongsu")
    rules = write_rules(open_folder / "rules.json", marked("never"))
    arguments = [*WATCHING[command], *([rules] if command == "run" else [])]
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    result = run_bongsu(*arguments, before=nobody, binary=binary)
    assert_one_clear_line(result, FAILED, "permitted", "root", "sudo")


@pytest.mark.kernel
@pytest.mark.parametrize("command", ["run", "trace"])
def test_a_kernel_without_btf(rules: Path, command: str) -> None:
    arguments = [*WATCHING[command], *([rules] if command == "run" else [])]
    # In a mount namespace of its own, /sys/kernel/btf is empty.
    hide = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /sys/kernel/btf && exec "$@"', "hide"]
    result = run_bongsu(*arguments, before=hide)
    assert_one_clear_line(result, FAILED, "/sys/kernel/btf/vmlinux", "CONFIG_DEBUG_INFO_BTF")


@pytest.mark.kernel
def test_a_port_in_use(rules: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        result = run_bongsu("run", "--rules", rules, "--listen", address)
    assert_one_clear_line(result, FAILED, address, "in use", "--listen")


@pytest.mark.parametrize("command", [("run", "--listen", "off", "--rules"), ("rules", "check"), ("rules", "test")])
def test_a_rules_path_that_is_missing(tmp_path: Path, command: tuple[str, ...]) -> None:
    result = run_bongsu(*command, tmp_path / "not-there")
    assert_one_clear_line(result, FAILED, "not-there", "a rule file or a directory")


BROKEN_RULES = {
    "broken JSON": ('{"rules": [\n  {"id": "a",,}\n]}', ":2:", []),
    "an empty file": ("", "", []),
    "not UTF-8": (b'{"rules": [{"id": "\xff"}]}', ":1:", []),
    "an unknown field": (
        json.dumps({"rules": [rule("a", {"process.nmae": "sh"})]}),
        ":1:",
        ["process.nmae", "did you mean process.name?"],
    ),
    "an unknown event": (json.dumps({"rules": [rule("a", {}, event="exce")]}), ":1:", ["exce", "did you mean exec?"]),
    "an unknown severity": (json.dumps({"rules": [rule("a", {}, severity="hihg")]}), ":1:", ["hihg", "high"]),
}


@pytest.mark.parametrize("case", BROKEN_RULES)
def test_a_rule_file_of_which_nothing_is_good(tmp_path: Path, case: str) -> None:
    text, place, words = BROKEN_RULES[case]
    path = tmp_path / "broken.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert_one_clear_line(run_bongsu("run", "--listen", "off", "--rules", path), FAILED, f"{path}{place}", *words)

    checked = run_bongsu("rules", "check", path)
    assert checked.returncode == FAILED
    findings = [line for line in checked.stdout.splitlines() if line.startswith(f"{path}{place}")]
    assert len(findings) == 1, checked.stdout
    assert re.match(rf"{re.escape(str(path))}:\d+:\d+: ", findings[0]), findings[0]
    assert all(word in findings[0] for word in words), findings[0]


@pytest.mark.kernel
def test_one_bad_rule_disables_only_itself(start: Callable, marker: str, tmp_path: Path) -> None:
    folder = tmp_path / "rules.d"
    folder.mkdir()
    bad = write_rules(folder / "10-bad.json", rule("bad", {"process.nmae": "sh"}), marked(marker, "beside-it"))
    write_rules(folder / "20-good.json", marked(marker, "in-another-file"))
    (folder / "30-broken.json").write_text("{")

    monitor = start("run", "--listen", "off", "--rules", folder)
    monitor.wait_ready()
    for told in (f"{bad}:", "process.nmae", "did you mean process.name?", "30-broken.json:1:"):
        assert told in monitor.err.text(), f"'{told}' is not in the log:\n{monitor.err.text()}"
    subprocess.run(["/bin/true", marker], check=True)
    alerts = monitor.events.wait(has_argument(marker), 2)
    assert {get(alert, "rule.id") for alert in alerts} == {"beside-it", "in-another-file"}
    assert monitor.stop(15) == 0

    checked = run_bongsu("rules", "check", folder)
    assert checked.returncode == FAILED
    assert f"{bad}:" in checked.stdout
    assert "30-broken.json:1:" in checked.stdout


CONFIGS = {
    "broken JSON": ('{"stdout": {"format" "json"}}', [":1:"]),
    "an unknown key": ('{"stdout": {"fromat": "json"}}', ["stdout/fromat", "did you mean format?"]),
    "a value of the wrong kind": ('{"rules": 3}', ["rules", "array"]),
    "a bad URL": ('{"webhooks": [{"url": "ftp://x/"}]}', ["url", "http"]),
    "a bad time": ('{"webhooks": [{"url": "http://x/", "timeout": "10"}]}', ["timeout", "unit"]),
    "a bad size": ('{"sensor": {"ring_bytes": "8 parsecs"}}', ["ring_bytes", "8MiB"]),
    "a bad severity": ('{"stdout": {"min_severity": "hihg"}}', ["min_severity", "high"]),
    "no such format": ('{"webhooks": [{"url": "http://x/", "format": "slak"}]}', ["format", "did you mean slack"]),
}


@pytest.mark.parametrize("case", CONFIGS)
def test_a_bad_configuration(tmp_path: Path, rules: Path, case: str) -> None:
    text, words = CONFIGS[case]
    path = tmp_path / "config.json"
    path.write_text(text)
    assert_one_clear_line(run_bongsu("config", "check", path), FAILED, str(path), *words)
    assert_one_clear_line(run_bongsu("run", "--config", path, "--rules", rules), FAILED, str(path), *words)


def test_a_template_that_names_what_no_alert_has(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(
        '{"webhooks": [{"name": "chat", "url": "http://x/", "format": "template", "template": {"a": "{rule.nmae}"}}]}'
    )
    result = run_bongsu("config", "check", path)
    assert_one_clear_line(result, FAILED, str(path), "chat", "rule.nmae", "did you mean rule.name?")


def test_a_configuration_that_is_missing(tmp_path: Path) -> None:
    for command in (("config", "check"), ("run", "--config")):
        assert_one_clear_line(run_bongsu(*command, tmp_path / "none.json"), FAILED, "none.json", "no such file")


def test_a_bad_variable(rules: Path) -> None:
    result = run_bongsu("run", "--rules", rules, env=environment(BONGSU_HTTP_LISTNE="off"))
    assert_one_clear_line(result, FAILED, "BONGSU_HTTP_LISTNE", "did you mean BONGSU_HTTP_LISTEN?")


MISUSE = {
    "unknown flag": (["run", "--rulse", "x"], ["--rulse", "did you mean --rules?"]),
    "unknown flag before a command": (["--verison"], ["--verison", "--version"]),
    "unknown command": (["trcae"], ["trcae", "did you mean trace?"]),
    "unknown command below a command": (["rules", "chekc", "x"], ["chekc", "did you mean check?"]),
    "command missing below a command": (["rules"], ["rules"]),
    "argument missing": (["trace"], ["events"]),
    "argument missing, rules check": (["rules", "check"], ["paths"]),
    "value missing": (["run", "--rules"], ["--rules"]),
    "argument too many": (["version", "now"], ["now"]),
    "unknown event": (["trace", "exec,frok"], ["frok", "did you mean fork?"]),
    "no event": (["trace", "exec,"], ["event"]),
    "bad duration": (["trace", "exec", "--duration", "10"], ["--duration", "10", "unit"]),
    "bad duration, minimum": (["trace", "exec", "--min-duration", "soon"], ["--min-duration", "soon", "unit"]),
    "bad count": (["trace", "exec", "--count", "-3"], ["--count"]),
    "bad pid": (["trace", "exec", "--pid", "self"], ["--pid"]),
    "bad format, trace": (["trace", "exec", "--format", "xml"], ["--format", "xml", "json"]),
    "bad format, run": (["run", "--format", "xml"], ["--format", "xml", "json"]),
    "bad transport": (["run", "--transport", "pigeon"], ["--transport", "pigeon", "perf"]),
    "bad scope": (["run", "--scope", "moon"], ["--scope", "moon", "containers"]),
    "bad severity": (["run", "--min-severity", "hihg"], ["--min-severity", "hihg", "high"]),
    "bad URL": (["run", "--webhook", "ftp://127.0.0.1/x"], ["--webhook", "http"]),
    "bad address": (["run", "--listen", "127.0.0.1:http"], ["--listen", "HOST:PORT"]),
    "bad log level": (["run", "--log-level", "loud"], ["loud", "debug"]),
    "bad colour": (["run", "--color", "blue"], ["--color", "blue", "never"]),
    "two forms at once": (["events", "--json", "--markdown"], ["--json", "--markdown"]),
}


@pytest.mark.parametrize("case", MISUSE)
def test_misuse(case: str) -> None:
    arguments, words = MISUSE[case]
    assert_one_clear_line(run_bongsu(*arguments, timeout_s=20), USAGE, *words)


def test_no_command_at_all() -> None:
    result = run_bongsu()
    assert result.returncode == USAGE
    assert result.stdout == ""
    assert "bongsu run" in result.stderr and "--help" in result.stderr


def test_names_with_control_characters_stay_one_line(tmp_path: Path) -> None:
    """What the user typed is told back; a terminal must not obey it."""
    nasty = "a\nb\x1b[31m\x9b"
    for arguments in (["rules", "check", tmp_path / nasty], ["trace", nasty], ["run", "--config", tmp_path / nasty],
                      [nasty], ["run", f"--{nasty}"], ["run", "--scope", nasty]):  # fmt: skip
        result = run_bongsu(*arguments)
        assert result.returncode in (FAILED, USAGE)
        assert "\x1b" not in result.stderr and "\x9b" not in result.stderr, f"{arguments}: {result.stderr!r}"
        assert len(result.stderr.splitlines()) in (1, 2), f"{arguments}: {result.stderr!r}"
