#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ruff over every Python file: syntax, names, likely mistakes, import order, line length."""

import json
import subprocess
from pathlib import Path

from tree import Finding, files_with, run_check, tool


def check(root: Path) -> list[Finding]:
    paths = [str(path) for path in files_with(root, (".py",))]
    if not paths:
        return []
    config = Path(__file__).resolve().parent / "ruff.toml"
    ran = subprocess.run(
        [tool("ruff"), "check", "--no-cache", "--quiet", "--config", str(config), "--output-format=json", *paths],
        cwd=root, capture_output=True, text=True,
    )  # fmt: skip
    if ran.returncode > 1:
        return [Finding(paths[0], 1, f"ruff failed: {ran.stderr.strip()[:500]}")]
    return [
        Finding(str(Path(item["filename"]).relative_to(root)), item["location"]["row"],
                f"{item['message']} [{item['code'] or 'syntax'}]")
        for item in json.loads(ran.stdout)
    ]  # fmt: skip


if __name__ == "__main__":
    run_check("python lint", check)
