# SPDX-License-Identifier: Apache-2.0
"""The commands that only tell: help, version, events, doctor, config, rules, completion."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.rules import marked, rule, write_rules
from support.running import program, run_bongsu, source_dir

COMMANDS = [
    (), ("run",), ("trace",), ("rules",), ("rules", "check"), ("rules", "test"), ("events",), ("doctor",), ("verify",),
    ("alerts",), ("alerts", "render"), ("alerts", "schema"), ("config",), ("config", "check"), ("config", "schema"),
    ("completion",),
    ("version",),
]  # fmt: skip


def output(*arguments: str | Path, code: int = 0) -> str:
    result = run_bongsu(*arguments)
    assert result.returncode == code, f"{result.stdout}\n{result.stderr}"
    assert result.stderr == "", result.stderr
    return result.stdout


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command) or "bongsu")
def test_help_has_an_example(command: tuple[str, ...]) -> None:
    text = output(*command, "--help")
    assert text == output(*command, "-h")
    _, _, examples = text.partition("\nExamples:\n")
    assert re.search(rf"^  (sudo |source <\()?bongsu {' '.join(command)}".rstrip(), examples, re.MULTILINE), text
    assert "Usage: " in text
    assert not [line for line in text.splitlines() if len(line) > 160]


def test_help_names_every_command() -> None:
    text = output("--help")
    for command in COMMANDS:
        if len(command) == 1:
            assert re.search(rf"^ +{command[0]} +\S", text, re.MULTILINE), command
    for code in ("0", "1", "2"):
        assert re.search(rf"Exit codes:.*\b{code}\b", text)


def test_help_of_run_names_its_flags() -> None:
    text = output("run", "--help")
    for flag in ("--config", "--rules", "--format", "--webhook", "--min-severity", "--scope", "--listen", "--transport",
                 "--log-level", "--color"):  # fmt: skip
        assert flag in text


def test_version() -> None:
    text = output("version")
    assert re.fullmatch(r"bongsu \d+\.\d+\.\d+\S*\n", text)
    assert output("--version") == text
    [declared] = re.findall(r"project\(bongsu VERSION ([0-9.]+)", (source_dir() / "CMakeLists.txt").read_text())
    assert text.startswith(f"bongsu {declared}")


def test_events_as_json() -> None:
    catalogue = json.loads(output("events", "--json"))
    events = {event["name"]: event for event in catalogue["events"]}
    fields = {field["name"]: field for field in catalogue["fields"]}
    assert {"exec", "fork", "exit", "rename_comm", "container_start", "container_stop"} <= events.keys()
    for name, event in events.items():
        assert event["family"] and event["doc"], name
        assert set(event["fields"]) <= fields.keys(), name
        assert event["family"] == "agent" or event["rungs"], f"{name}: no way to see it"
        for rung in event["rungs"]:
            assert rung["rung"] >= 1 and rung["hook"] and "blind" in rung
    for name, field in fields.items():
        assert field["type"] and field["scope"] and field["doc"], name
    assert "process.exit_code" in events["exit"]["fields"]
    assert "process.exit_code" not in events["exec"]["fields"]


def test_events_as_markdown_are_the_reference() -> None:
    assert output("events", "--markdown") == (source_dir() / "docs/events.md").read_text()


def test_events_as_text() -> None:
    text = output("events")
    for name in ("exec", "container_stop", "process.ancestors.name", "k8s.pod.uid"):
        assert name in text
    assert not [line for line in text.splitlines() if len(line) > 100]


@pytest.mark.kernel
def test_doctor() -> None:
    text = output("doctor")
    for word in ("kernel", "BTF", "privilege", "transport", "ring"):
        assert word in text, text
    for event in ("exec", "fork", "exit", "rename_comm", "container_start", "container_stop"):
        assert re.search(rf"^{event} +\d+ +\S", text, re.MULTILINE), f"no rung for {event}: {text}"


@pytest.mark.kernel
def test_doctor_finds_what_is_missing() -> None:
    hide = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /sys/kernel/btf && exec "$@"', "hide"]
    result = run_bongsu("doctor", before=hide)
    assert result.returncode == 1
    assert re.search(r"^BTF .*CONFIG_DEBUG_INFO_BTF", result.stdout, re.MULTILINE), result.stdout


@pytest.mark.kernel
def test_doctor_as_an_ordinary_user(open_folder: Path) -> None:
    binary = shutil.copy(program(), open_folder / "bongsu")
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    result = run_bongsu("doctor", before=nobody, binary=binary)
    assert result.returncode == 1
    assert re.search(r"^privilege .*sudo", result.stdout, re.MULTILINE), result.stdout


def test_config_check_says_good(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"stdout": {"format": "json"}, "http": {"listen": "off"}}')
    assert "good" in output("config", "check", path)


def test_config_schema() -> None:
    schema = json.loads(output("config", "schema"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"rules", "stdout", "webhooks", "http", "sensor"} <= schema["properties"].keys()
    assert schema["additionalProperties"] is False


def test_the_default_rules_are_clean_and_pass_their_tests() -> None:
    text = output("rules", "check", source_dir() / "rules")
    found = re.search(r"(\d+) files?, (\d+) good rules?, 0 errors", text)
    assert found and int(found[2]) >= 12, text
    assert re.search(r"[1-9]\d* tests? passed, 0 failed", output("rules", "test", source_dir() / "rules"))


def test_rules_check_tells_every_mistake_with_its_place(tmp_path: Path) -> None:
    path = write_rules(
        tmp_path / "rules.json",
        rule("one", {"process.nmae": "sh"}),
        marked("good", "two"),
        rule("three", {"process.pid": {"prefix": "1"}}),
        marked("again", "two"),
    )
    text = output("rules", "check", path, code=1)
    places = [line for line in text.splitlines() if re.match(rf"{re.escape(str(path))}:\d+:\d+: ", line)]
    assert len(places) == 3, text
    line_of_mistake = 1 + path.read_text().splitlines().index('        "process.nmae": "sh"')
    assert places[0].startswith(f"{path}:{line_of_mistake}:9: "), places[0]


def test_rules_test_tells_what_fails(tmp_path: Path) -> None:
    tests = [
        {"name": "right", "expect": "alert", "event": {"event.action": "exec", "process.name": "sh"}},
        {"name": "wrong on purpose", "expect": "none", "event": {"event.action": "exec", "process.name": "sh"}},
    ]
    path = write_rules(tmp_path / "rules.json", rule("shell", {"process.name": "sh"}) | {"tests": tests})
    text = output("rules", "test", path, code=1)
    assert "wrong on purpose" in text
    assert "1 test passed, 1 failed" in text


def test_completion_of_bash(tmp_path: Path) -> None:
    script = tmp_path / "bongsu.bash"
    script.write_text(output("completion", "bash"))
    ask = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bongsu; printf "%s\\n" "${COMPREPLY[@]}"'

    def complete(*words: str) -> list[str]:
        ran = subprocess.run(["bash", "-c", ask, "bash", script, *words], capture_output=True, text=True, check=True)
        assert ran.stderr == ""
        return ran.stdout.split()

    assert {"run", "trace", "rules", "events", "doctor"} <= set(complete("bongsu", ""))
    assert complete("bongsu", "tr") == ["trace"]
    assert set(complete("bongsu", "rules", "")) >= {"check", "test", "list", "explain", "schema"}
    assert complete("bongsu", "run", "--min-s") == ["--min-severity"]
    assert complete("bongsu", "trace", "rename_") == ["rename_comm"]


def test_a_closed_pipe_is_no_crash() -> None:
    ran = subprocess.run(["bash", "-c", '"$0" events | true; exit "${PIPESTATUS[0]}"', program()], capture_output=True)
    assert ran.returncode in (0, 1), ran.stderr
    assert b"terminate" not in ran.stderr
