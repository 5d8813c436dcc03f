# SPDX-License-Identifier: Apache-2.0
"""scripts/soak: a minute of it, which is enough for all but whether memory is flat, and its verdict on series that are
known."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.running import PATIENCE_S, environment, program, source_dir

SOAK = source_dir() / "scripts/soak"
sys.path += [str(source_dir() / "tests/soak"), str(source_dir() / "tests/bench")]


def soak(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SOAK, *arguments], env=environment(), stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=4 * PATIENCE_S)  # fmt: skip


@pytest.mark.kernel
def test_a_minute(tmp_path: Path) -> None:
    ran = soak("--minutes", "1", "--seed", "1", "--monitor", program(), "--json", tmp_path / "soak.json")
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    told = json.loads((tmp_path / "soak.json").read_text())
    assert told["good"] and told["seed"] == 1
    assert {finding["good"] for finding in told["verdict"]} == {True, None}
    assert [finding["what"] for finding in told["verdict"] if finding["good"] is None] == [
        "memory, descriptors and threads are flat"
    ]
    assert all(steps > 0 for steps in told["loads"].values()), told["loads"]
    assert told["findings"] > 0 and told["judged_events"] > 1000
    for name in ("resident memory", "descriptors", "threads", "containers known"):
        assert len(told["values"][name]["medians_of_thirds"]) == 3
        assert name in ran.stdout
    assert "s of 60" in ran.stderr, "how far it is"


MIB = 1 << 20


@pytest.mark.parametrize(
    ("what", "resident", "flat"),
    [
        ("noise", lambda second: 60 * MIB + (second * 7919 % 13) * MIB / 10, True),
        ("warms up, then flat", lambda second: min(second, 150) * MIB / 5, True),
        ("one peak late", lambda second: 60 * MIB + (40 * MIB if 500 < second < 520 else 0), True),
        ("a slow leak", lambda second: 60 * MIB + second * 12_000, False),
        ("a step late", lambda second: 60 * MIB + (5 * MIB if second > 380 else 0), False),
    ],
)  # fmt: skip
def test_what_is_flat(what: str, resident: object, flat: bool) -> None:
    from samples import VALUES, Series, judge

    series = Series()
    for second in range(600):
        for value in VALUES:
            series.values[value.name].append(resident(second) if value.name == "resident memory" else 10)  # type: ignore[operator]
        series.times_s.append(float(second))
    verdict = {judged.value.name: judged.flat for judged in judge(series, long_enough=True)}
    assert verdict["resident memory"] is flat, what
    assert verdict["descriptors"] is True and verdict["containers known"] is None
    assert {judged.flat for judged in judge(series, long_enough=False)} == {None}


@pytest.mark.parametrize(
    "arguments", [("--nonsense",), ("--minutes",), ("--minutes", "soon"), ("--minutes", "0"), ("--seed", "x")]
)
def test_a_wrong_command_line_is_told(arguments: tuple[str, ...]) -> None:
    ran = soak(*arguments)
    assert ran.returncode == 2 and "soak: " in ran.stderr, ran.stderr
