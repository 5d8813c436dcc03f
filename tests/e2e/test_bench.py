# SPDX-License-Identifier: Apache-2.0
"""scripts/bench: that it runs and what it leaves; how fast anything is, is no matter here. And docs/performance.md says
what its figures say."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.running import PATIENCE_S, environment, program, source_dir

BENCH = source_dir() / "scripts/bench"
DOCUMENT = source_dir() / "docs/performance.md"
BLOCK = re.compile(r"<!-- bench:([a-z-]+) -->\n(.*?)<!-- /bench -->", re.DOTALL)


def bench(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BENCH, *arguments], env=environment(), stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=2 * PATIENCE_S)  # fmt: skip


@pytest.mark.kernel
def test_a_run_leaves_figures_a_page_and_a_plot(tmp_path: Path) -> None:
    ran = bench("--quick", "--only", "getppid", "--pairs", "1", "--monitor", program(), "--out", tmp_path)
    assert ran.returncode == 0, ran.stderr
    told = json.loads((tmp_path / "slowdown.json").read_text())
    assert told["part"] == "slowdown" and told["quick"] and told["machine"]["kernel"]
    data = told["data"]
    assert set(data["ratios"]) == {"default rules", "no rule on system calls", "an empty program"}, data["refused"]
    for by_workload in data["ratios"].values():
        assert set(by_workload) == {"getppid"} and len(by_workload["getppid"]["runs"]) == 1
        assert by_workload["getppid"]["median"] > 0
    assert [block["variant"] for block in data["blocks"]].count(None) == 4, "nothing attached, around each of the three"
    blocks = dict(BLOCK.findall((tmp_path / "performance.md").read_text()))
    assert "| getppid, which no rule watches |" in blocks["slowdown"]
    assert "| not measured |" in blocks["must-show"] and "getppid" in blocks["must-show"]
    assert ElementTree.parse(tmp_path / "slowdown.svg").getroot().tag.endswith("svg")


def test_the_page_is_what_its_figures_say(tmp_path: Path) -> None:
    for path in (source_dir() / "docs/performance").glob("*.json"):
        shutil.copy(path, tmp_path)
    shutil.copy(DOCUMENT, tmp_path)
    ran = bench("--tables", "--out", tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / DOCUMENT.name).read_text() == DOCUMENT.read_text(), "run scripts/bench --tables"
    empty = [name for name, text in BLOCK.findall(DOCUMENT.read_text()) if not text.strip()]
    assert not empty, f"never measured: {empty}"


@pytest.mark.parametrize("arguments", [("--only", "nonsense"), ("--pairs",), ("--nonsense",)])
def test_a_wrong_command_line_is_told(arguments: tuple[str, ...], tmp_path: Path) -> None:
    ran = bench(*arguments, *(("--monitor", program(), "--out", tmp_path) if "--only" in arguments else ()))
    assert ran.returncode != 0 and "bench: " in ran.stderr, ran.stderr
