# SPDX-License-Identifier: Apache-2.0
"""What the documents say is so: rule files and configurations are good, tables complete, links whole."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.monitor import get
from support.running import run_bongsu, source_dir

ROOT = source_dir()
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
# These name files of the checkout; a path with a placeholder (NAME, x.) or a * is none.
GUIDES = [ROOT / name for name in ("CONTRIBUTING.md", "docs/adding-an-event.md", "docs/adding-a-sink.md",
                                   "docs/security.md", "docs/rules.md", "docs/operations.md")]  # fmt: skip
BLOCK = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
PATH = re.compile(r"`((?:bpf|cmake|docs|rules|scripts|src|tests)/[\w./-]*)`")


def blocks(path: Path) -> list[str]:
    return BLOCK.findall(path.read_text())


def is_rule_file(text: str) -> bool:
    """A block that says "rules" has to be JSON; of a configuration they are paths."""
    if '"rules"' not in text:
        return False
    return any(not isinstance(rule, str) for rule in json.loads(text)["rules"])


def is_configuration(text: str) -> bool:
    return not is_rule_file(text) and bool(re.search(r'^  "(rules|stdout|webhooks|http|sensor)":', text, re.MULTILINE))


def of_all_documents(wanted: Callable[[str], bool]) -> list:
    return [pytest.param(text, id=f"{path.name}-{number}")
            for path in DOCUMENTS for number, text in enumerate(blocks(path)) if wanted(text)]  # fmt: skip


def prose(path: Path) -> str:
    return re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)


def table_words(path: Path, heading: str) -> set[str]:
    """The words in backticks of the first column of a section's tables."""
    section = re.split(r"^## ", path.read_text(), flags=re.MULTILINE)
    [text] = [part for part in section if part.startswith(heading + "\n")]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def test_the_guide_has_rules_to_check() -> None:
    assert len([text for text in blocks(ROOT / "docs/rules.md") if is_rule_file(text)]) >= 5


@pytest.mark.parametrize("text", of_all_documents(is_rule_file))
def test_a_rule_file_is_good_and_passes_its_tests(text: str, tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    path.write_text(text)
    checked = run_bongsu("rules", "check", path)
    assert checked.returncode == 0 and "0 errors, 0 warnings" in checked.stdout, checked.stdout
    tested = run_bongsu("rules", "test", path)
    assert tested.returncode == 0 and re.search(r"^[1-9]\d* tests? passed, 0 failed", tested.stdout), tested.stdout
    for rule in json.loads(text)["rules"]:
        assert "extends" in rule or {test["expect"] for test in rule["tests"]} == {"alert", "none"}, rule["id"]


@pytest.mark.parametrize("text", of_all_documents(is_configuration))
def test_a_configuration_is_good(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)
    checked = run_bongsu("config", "check", path)
    assert checked.returncode == 0, checked.stderr


def first_rule() -> str:
    return next(text for text in blocks(ROOT / "docs/rules.md") if is_rule_file(text))


def test_the_mistake_of_the_guide_is_told_as_it_says(tmp_path: Path) -> None:
    folder = tmp_path / "my-rules"
    folder.mkdir()
    (folder / "whoami.json").write_text(first_rule().replace('"process.name": "whoami" },\n      "m',
                                                             '"process.nmae": "whoami" },\n      "m'))  # fmt: skip
    [told] = re.findall(r"^my-rules/whoami\.json:.*$", (ROOT / "docs/rules.md").read_text(), re.MULTILINE)
    lines = run_bongsu("rules", "check", folder).stdout.splitlines()
    assert lines[0].removeprefix(f"{tmp_path}/") == told


@pytest.mark.kernel
def test_the_first_rule_of_the_guide_alerts(watch: Callable, tmp_path: Path) -> None:
    path = tmp_path / "whoami.json"
    path.write_text(first_rule())
    monitor = watch(path)
    child = subprocess.Popen(["whoami"], stdout=subprocess.DEVNULL)
    assert child.wait() == 0
    [alert] = monitor.events.wait(lambda event: get(event, "process.pid") == child.pid)
    assert get(alert, "rule.id") == "asked-who-they-are"
    assert get(alert, "message") == f"{get(alert, 'process.parent.name')} ran whoami in the host"


def test_the_commands_of_the_guide_say_what_it_shows(tmp_path: Path) -> None:
    """Each `$ bongsu rules ...` of the guide, in a folder as the guide has made it by then."""
    folder = tmp_path / "my-rules"
    folder.mkdir()
    (folder / "whoami.json").write_text(first_rule())
    shown = re.findall(r"^\$ bongsu (rules .*)\n((?:.+\n)+?)```", (ROOT / "docs/rules.md").read_text(), re.MULTILINE)
    assert len(shown) >= 2
    for command, output in shown:
        assert run_bongsu(*command.split(), cwd=tmp_path).stdout == output, command


def test_every_operator_is_in_the_table() -> None:
    sources = (ROOT / "src/rules/operators").glob("*.cpp")
    names = {name for source in sources for name in re.findall(r'\{"(\w+)", ', source.read_text())}
    assert len(names) >= 10
    assert table_words(ROOT / "docs/rules.md", "Operators") == names


def test_every_metric_is_in_the_table() -> None:
    sources = ("src/cli/pipeline_metrics.cpp", "src/cli/sink_metrics.cpp", "src/control/process_metrics.cpp",
               "src/control/server.cpp")
    names = {name for path in sources for name in re.findall(r'"((?:bongsu|process)_\w+)"', (ROOT / path).read_text())}
    assert len(names) >= 10
    assert table_words(ROOT / "docs/operations.md", "Metrics") == names


def test_every_flag_of_run_is_told() -> None:
    flags = set(re.findall(r"^ +(--[\w-]+)", run_bongsu("run", "--help").stdout, re.MULTILINE))
    assert len(flags) >= 8
    assert flags - {"--help"} <= table_words(ROOT / "docs/operations.md", "Running")


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target, anchor in LINK.findall(prose(path)):
        file = (path.parent / target).resolve() if target else path
        assert file.exists(), f"{path.name}: {target}"
        assert not anchor or anchor in anchors(file), f"{path.name}: {target}#{anchor}"


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_files_that_are_named_exist(path: Path) -> None:
    names = [name for name in PATH.findall(path.read_text()) if not re.search(r"NAME|/x[._]|_x\.", name)]
    missing = [name for name in names if not (ROOT / name).exists()]
    assert not missing


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_lines_are_short(path: Path) -> None:
    assert not [line for line in path.read_text().splitlines() if len(line) > 120]


def promises() -> list[str]:
    """The items of docs/security.md that promise something, each on one line."""
    text = (ROOT / "docs/security.md").read_text()
    promising = text[text.index("## What it gives up") : text.index("## Limits")]
    items = re.findall(r"^- (.*?)(?=^- |^#|\Z)", promising, re.MULTILINE | re.DOTALL)
    return [" ".join(item.split()) for item in items]


def files_of(part: str) -> list[Path]:
    """Where a test of that part may be: `e2e/x`, `cluster/x`, `unit`, `kernel`."""
    if part in ("unit", "kernel"):
        return sorted((ROOT / "tests" / part).rglob("*_test.cpp"))
    suite, _, name = part.partition("/")
    return [ROOT / "tests/e2e" / ("cluster" if suite == "cluster" else "") / f"test_{name}.py"]


def test_every_promise_of_security_names_tests_that_there_are() -> None:
    sources = {part: "\n".join(path.read_text() for path in files_of(part)) for part in ("unit", "kernel")}
    items = promises()
    assert len(items) > 30
    for item in items:
        promise, _, tests = item.partition(" Test: ")
        assert tests, f"no test: {promise}"
        for named in re.findall(r"`([^`]+)`", tests):
            part, _, test = named.partition("::")
            if not test:
                assert named.startswith("scripts/") and (ROOT / named).exists(), f"no script {named}: {promise}"
                continue
            suite, _, name = test.rpartition(".")
            pattern = rf"\bTEST(_[FP])?\({suite},\s*{name}\)" if suite else rf"^def {name}\("
            text = sources[part] if part in sources else files_of(part)[0].read_text()
            assert re.search(pattern, text, re.MULTILINE), f"no test {named}: {promise}"
