# SPDX-License-Identifier: Apache-2.0
"""Writes what was measured into the document, between <!-- bench:NAME --> and <!-- /bench -->. All else there is
written by hand. A block whose figures are not there stays as it is."""

import json
import re
from pathlib import Path
from typing import Any

import tables
from aims import must_show

import charts

BLOCK = re.compile(r"(<!-- bench:(?P<name>[a-z-]+) -->\n).*?(<!-- /bench -->)", re.DOTALL)

# block -> the parts that it needs, and what makes it of their figures.
BLOCKS: dict[str, tuple[tuple[str, ...], Any]] = {
    "machine": (("slowdown",), tables.machine),
    "slowdown": (("slowdown",), tables.slowdown),
    "agent": (("slowdown",), tables.agent),
    "programs": (("costs",), tables.programs),
    "where": (("costs",), tables.where),
    "idle": (("idle",), tables.idle),
    "memory": (("memory",), tables.memory),
    "startup": (("startup",), tables.startup),
    "latency": (("latency",), tables.latency),
    "floods": (("floods",), tables.floods),
    "rates": (("rates",), tables.rates),
    "rules": (("engine",), tables.rules),
    "default-rules": (("engine",), tables.default_rules),
    "replay": (("engine",), tables.replay),
    "peers": (("peers",), tables.peers),
    "rings": (("rings",), tables.rings),
    "rings-computed": (("rings",), tables.rings_computed),
}


def read(folder: Path) -> dict[str, Any]:
    """part -> what its file says."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def write(folder: Path, document: Path) -> None:
    parts = read(folder)
    charts.write(folder, parts)

    def block(found: re.Match[str]) -> str:
        name = found["name"]
        if name == "must-show":
            text = must_show(parts)
        else:
            needed, make = BLOCKS[name]
            if not all(part in parts for part in needed):
                return found[0]
            text = make(*[parts[part] for part in needed])
        return f"{found[1]}{text.rstrip()}\n{found[3]}" if text else found[0]

    if not document.exists():  # somewhere else than the checkout: a page of its own
        document.write_text("# Measured\n" + "".join(
            f"\n<!-- bench:{name} -->\n<!-- /bench -->\n" for name in ("must-show", *BLOCKS)))  # fmt: skip
    document.write_text(BLOCK.sub(block, document.read_text()))
