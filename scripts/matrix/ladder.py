# SPDX-License-Identifier: Apache-2.0
"""The events and the rungs of their ladders, as bpf/wire/events has them."""

import re
from pathlib import Path

ROW = re.compile(r'^(EVENT\((?P<event>\w+), "(?P<family>\w+)"|HOOK\((?P<hooked>\w+), (?P<rung>\d)'
                 r"|RETURN_HOOKS\((?P<returned>\w+))", re.MULTILINE)  # fmt: skip
# What a hook's attach point is called in the reasons that the sensor gives for a rung that could not be had.
RETURN_RUNGS = {"fexit/syscall": 2, "tp_btf/sys_exit": 3}


def rung_of(attach: str) -> int:
    return RETURN_RUNGS.get(attach, 1)


def read_ladders(root: Path) -> dict[str, list[int]]:
    """Event -> its rungs, best first; those that are made in user space have none and are left out. By family."""
    families: dict[str, str] = {}
    ladders: dict[str, list[int]] = {}
    for path in sorted((root / "bpf/wire/events").glob("*.def")):
        for row in ROW.finditer(path.read_text()):
            if row["event"]:
                families[row["event"]] = row["family"]
                continue
            rungs = ladders.setdefault(row["hooked"] or row["returned"], [])
            rungs += [rung for rung in ([int(row["rung"])] if row["hooked"] else [2, 3]) if rung not in rungs]
    order = ["process", "container", "file", "network", "privilege", "kernel", "memory"]
    rank = {family: at for at, family in enumerate(order)}
    return dict(sorted(ladders.items(), key=lambda item: rank.get(families[item[0]], len(order))))
