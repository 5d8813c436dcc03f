# SPDX-License-Identifier: Apache-2.0
"""`bongsu rules check | test | list | explain | schema`, as a person and as a script uses them."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.rules import rule, write_rules
from support.running import environment, program, run_bongsu, source_dir

SHELL = rule("shell", {"process.name": ["sh", "bash"], "not": {"process.parent.name": "cron"}}) | {
    "tags": ["execution"], "attack": ["T1059.004"],
}  # fmt: skip
OPENS = rule("opens", {"file.path": {"prefix": "/etc/"}}, event="open", severity="low")
SCAN = rule("scan", {}, event="connect", severity="medium") | {
    "count": {"by": ["container.id"], "within": "60s", "at_least": 3},
}  # fmt: skip
OFF = rule("off", {}, event="fork") | {"enabled": False}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return write_rules(tmp_path / "rules.json", SHELL, OPENS, SCAN, OFF)


def bongsu(*arguments: Any, code: int = 0, stdin: str = "") -> str:
    result = subprocess.run(
        [program(), *map(str, arguments)], env=environment(), input=stdin, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == code, f"exit code {result.returncode}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def test_list_is_a_table(rules: Path) -> None:
    lines = bongsu("rules", "list", rules).splitlines()
    assert lines[0].split() == ["RULE", "SEVERITY", "EVENTS", "NAME"]
    assert [line.split()[0] for line in lines[1:5]] == ["off", "opens", "scan", "shell"]
    assert "switched off" in lines[1]
    assert lines[4].split()[:3] == ["shell", "high", "exec"]
    assert lines[5] == "4 rules: 2 high, 1 medium, 1 low; 1 switched off"


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (["--severity", "high"], ["off", "shell"]), (["--tag", "execution"], ["shell"]),
        (["--event", "open"], ["opens"]), (["--event", "exec,connect"], ["scan", "shell"]),
        (["--event", "file"], ["opens"]), (["--event", "file.modify"], ["opens"]),
        (["--attack", "T1059"], ["shell"]),
        (["--attack", "T1059.004"], ["shell"]), (["--attack", "T105"], []),
        (["--severity", "high", "--event", "fork"], ["off"]),
    ],
    ids=lambda value: "-".join(value).replace("--", ""),
)  # fmt: skip
def test_list_chooses(rules: Path, arguments: list[str], ids: list[str]) -> None:
    listed = json.loads(bongsu("rules", "list", rules, "--json", *arguments))
    assert [rule["id"] for rule in listed["rules"]] == ids
    last = bongsu("rules", "list", rules, *arguments).splitlines()[-1]
    assert last.startswith(f"{len(ids)} rule{'' if len(ids) == 1 else 's'} of 4")


def test_list_refuses_unknown_events(rules: Path) -> None:
    result = run_bongsu("rules", "list", rules, "--event", "exce")
    assert result.returncode == 2
    assert "did you mean exec?" in result.stderr


def test_list_tells_what_is_wrong_beside_the_good_rules(tmp_path: Path) -> None:
    path = write_rules(tmp_path / "rules.json", SHELL, rule("bad", {"process.nmae": "x"}))
    result = run_bongsu("rules", "list", path, "--long")
    assert result.returncode == 1
    assert "did you mean process.name?" in result.stderr
    for told in ("T1059.004 execution", str(path), "Written by a test."):
        assert told in result.stdout


def with_tests(*tests: dict[str, Any], base: dict[str, Any] = SHELL) -> dict[str, Any]:
    return base | {"tests": list(tests)}


def inline(expect: str, name: str = "t", **fields: Any) -> dict[str, Any]:
    return {"name": name, "expect": expect, "event": {key.replace("__", "."): value for key, value in fields.items()}}


FAILURES = {
    "another value": (inline("alert", process__name="fish"), 'process.name is "fish", asked: one of "sh", "bash"'),
    "no value": (inline("alert"), 'process.name has no value, asked: one of "sh", "bash"'),
    "a not": (inline("alert", process__name="sh", process__parent__name="cron"),
              'process.parent.name is "cron", asked not: "cron"'),
    "it fires": (inline("none", process__name="sh"), 'process.name is "sh" (one of "sh", "bash")'),
    "another event": ({"name": "t", "expect": "alert", "event": {"event.action": "fork"}},
                      "the event is fork, which the rule is not about"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAILURES)
def test_a_failure_names_the_field_that_decided(tmp_path: Path, case: str) -> None:
    test, why = FAILURES[case]
    path = write_rules(tmp_path / "rules.json", with_tests(test))
    lines = bongsu("rules", "test", path, code=1).splitlines()
    asked = "an alert, got none" if test["expect"] == "alert" else "none, got an alert"
    assert re.match(rf'{re.escape(str(path))}:\d+:\d+: shell: "t": expected {asked}: ', lines[0]), lines[0]
    assert why in lines[0]
    assert lines[1] == "0 tests passed, 1 failed"


def test_a_count_says_how_far_it_came(tmp_path: Path) -> None:
    test = {"name": "t", "expect": "alert", "event": {"destination.port": 1}, "repeat": 2}
    path = write_rules(tmp_path / "rules.json", with_tests(test, base=SCAN))
    assert "2 events meet the match, asked: at least 3 within 1m" in bongsu("rules", "test", path, code=1)


def test_test_as_json_and_of_one_rule(tmp_path: Path) -> None:
    shell = with_tests(inline("alert"), inline("none", "u"))
    path = write_rules(tmp_path / "rules.json", shell, with_tests(inline("none"), base=OPENS))
    told = json.loads(bongsu("rules", "test", path, "--json", code=1))
    assert (told["passed"], told["failed"], told["errors"]) == (2, 1, [])
    assert [(test["rule"], test["name"], test["passed"]) for test in told["tests"]] == [
        ("shell", "t", False), ("shell", "u", True), ("opens", "t", True)]  # fmt: skip
    assert "process.name has no value" in told["tests"][0]["why"]
    assert bongsu("rules", "test", path, "--rule", "opens") == "1 test passed, 0 failed\n"
    result = run_bongsu("rules", "test", path, "--rule", "open")
    assert result.returncode == 1 and "did you mean opens?" in result.stderr


def event(action: str, second: int, **fields: Any) -> str:
    """As `trace --format json` has it: nested."""
    nested: dict[str, Any] = {"@timestamp": f"2026-11-21T10:00:{second:02}Z", "event": {"action": action}}
    for name, value in fields.items():
        *groups, last = name.split("__")
        inner = nested
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[last] = value
    return json.dumps(nested)


LOG = "\n".join([
    event("exec", 1, process__name="sh", process__args=["sh", "-c", "id"]), "no json", "",
    event("exec", 2, process__name="ls"), event("open", 3, file__path="/etc/passwd"),
    event("exec", 4, process__name="bash", rule__id="an alert has more"), '{"event": {"action": "exce"}}',
    *[event("connect", second, container__id="c") for second in (5, 6, 7)],
]) + "\n"  # fmt: skip


def test_against_a_log(rules: Path, tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    log.write_text(LOG)
    told = bongsu("rules", "test", rules, "--against", log)
    times = r"first 2026-11-21T10:00:01\S*, last 2026-11-21T10:00:04\S*"
    assert re.search(rf"^ +2  shell \(high\), {times}$", told, re.M), told
    assert re.search(r"^ +line 1: Test rule shell$", told, re.M)
    assert re.search(r"^ +1  opens \(low\), at 2026", told, re.M) and re.search(r"^ +1  scan \(medium\)", told, re.M)
    assert "rule.id is no field of its event, 1 time" in told
    assert told.splitlines()[-1].startswith("7 events, 3 of 3 rules fired; 2 lines unreadable, the first at line 2: ")
    counts = json.loads(bongsu("rules", "test", rules, "--against", "-", "--json", stdin=LOG))
    assert (counts["events"], counts["unreadable"]) == (7, 2)
    assert {fired["id"]: fired["count"] for fired in counts["fired"]} == {"shell": 2, "opens": 1, "scan": 1}
    only = json.loads(bongsu("rules", "test", rules, "--against", log, "--json", "--rule", "opens"))
    assert [fired["id"] for fired in only["fired"]] == ["opens"]


def test_against_a_log_that_is_missing(rules: Path, tmp_path: Path) -> None:
    result = run_bongsu("rules", "test", rules, "--against", tmp_path / "none")
    assert result.returncode == 1 and "No such file" in result.stderr


def test_explain_all_names_what_costs(rules: Path) -> None:
    told = bongsu("rules", "explain", "--rules", rules)
    assert re.search(r"^opens +high +open$", told, re.M) and re.search(r"^shell +cheap +exec$", told, re.M)
    assert "3 rules: 1 cheap, 0 moderate, 2 high" in told
    assert re.search(r"^  open +only what rules name, by path, port, user or thread$", told, re.M), told
    assert re.search(r"^  connect +every one: scan$", told, re.M), told
    assert "instead of open: rename, unlink" in told


def test_explain_tells_what_the_kernel_judges(rules: Path) -> None:
    told = bongsu("rules", "explain", "opens", "--rules", rules)
    line = r'  open +where a part of the path is "etc"$'
    assert re.search("^The kernel tells only\n" + line, told, re.M), told
    told = bongsu("rules", "explain", "shell", "--rules", rules)
    assert re.search("^The kernel tells only\n  exec +every one$", told, re.M), told


def test_explain_a_rule(rules: Path) -> None:
    told = bongsu("rules", "explain", "shell", "--rules", rules)
    for line in ('  process.name is one of "sh", "bash"', "  not:", '    process.parent.name is "cron"', "Cost: cheap"):
        assert line in told, told
    assert re.search(r"^  exec +cheap +rung 1: ", told, re.M), told
    assert "At least 3 events within 1m, for each container.id" in bongsu("rules", "explain", "scan", "--rules", rules)
    result = run_bongsu("rules", "explain", "shel", "--rules", rules)
    assert result.returncode == 1 and "did you mean shell?" in result.stderr


def test_explain_on_an_event(rules: Path, tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_text('{"process.name": "sh", "process.parent.name": "cron"}')
    told = bongsu("rules", "explain", "shell", path, "--rules", rules, code=1)
    assert re.search(r'^  yes  process.name is one of "sh", "bash" +<- "sh"$', told, re.M), told
    assert re.search(r"^  no   not:$", told, re.M)
    assert re.search(r'^    yes  process.parent.name is "cron" +<- "cron"$', told, re.M)
    assert told.splitlines()[-1] == 'shell does not fire: process.parent.name is "cron", asked not: "cron"'
    told = bongsu("rules", "explain", "shell", "-", "--rules", rules, stdin=event("exec", 1, process__name="sh"))
    assert told.splitlines()[-1].startswith('shell fires: process.name is "sh" (one of')


def test_explain_on_several_events(rules: Path) -> None:
    lines = "\n".join(event("connect", second, container__id="c") for second in range(3))
    assert bongsu("rules", "explain", "scan", "-", "--rules", rules, stdin=lines).splitlines()[-1].startswith(
        "scan fires at event 3")  # fmt: skip
    array = "[" + ",".join(lines.splitlines()[:2]) + "]"
    told = bongsu("rules", "explain", "scan", "-", "--rules", rules, code=1, stdin=array)
    assert "scan does not fire: 2 events meet the match, asked: at least 3" in told


EVENTS = {
    "no JSON": ("{", "1:2"), "no event": ("", "no event"), "an unknown event": ('{"event.action": "exce"}', "exec"),
    "a wrong type": ('{"process.pid": "7"}', "process.pid is a whole number"),
    "a number": ("7", "an event is an object"),
}  # fmt: skip


@pytest.mark.parametrize("case", EVENTS)
def test_explain_refuses_what_is_no_event(rules: Path, tmp_path: Path, case: str) -> None:
    text, word = EVENTS[case]
    path = tmp_path / "event.json"
    path.write_text(text)
    result = run_bongsu("rules", "explain", "shell", path, "--rules", rules)
    assert result.returncode == 1 and result.stdout == ""
    assert re.match(r"bongsu: .*event\.json: .*" + re.escape(word), result.stderr), result.stderr


def test_explain_tells_a_typo_in_the_event(rules: Path, tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_text('{"process": {"nmae": "sh"}}')
    result = run_bongsu("rules", "explain", "shell", path, "--rules", rules)
    assert "process.nmae is no field of an event: did you mean process.name?" in result.stderr


def test_the_schema_beside_the_rules_is_no_rule_file() -> None:
    checked = bongsu("rules", "check", source_dir() / "rules")
    assert ".schema.json" not in checked


def test_help_has_examples() -> None:
    for command in ("check", "test", "list", "explain", "schema"):
        told = bongsu("rules", command, "--help")
        assert re.search(rf"^  bongsu rules {command}\b", told, re.M), told
