#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints gcovr's summary by room, and holds it to what is promised (scripts/coverage)."""

import json
import sys
from collections import defaultdict
from pathlib import Path

PROMISED = {"rules": 90, "identity": 90, "sinks": 90}
PROMISED_OF_ALL = 85


def main() -> int:
    lines: dict[str, list[int]] = defaultdict(lambda: [0, 0])  # run, all
    for file in json.loads(Path(sys.argv[1]).read_text())["files"]:
        room = Path(file["filename"]).parts[1]
        for name in (room, "all of src"):
            lines[name][0] += file["line_covered"]
            lines[name][1] += file["line_total"]
    short = []
    rows = sorted(lines.items(), key=lambda row: (row[0] == "all of src", row[0]))
    print(f"{'room':<12} {'lines':>7} {'run':>7} {'share':>8}  promised")
    for room, (run, total) in rows:
        promised = PROMISED_OF_ALL if room == "all of src" else PROMISED.get(room)
        share = 100 * run / total if total else 100
        print(f"{room:<12} {total:>7} {run:>7} {share:>7.1f}%  {f'{promised}%' if promised else '-'}")
        if promised is not None and share < promised:
            short.append(f"{room}: {share:.1f} % of the lines, {promised} % are promised")
    for line in short:
        print(f"coverage: {line}", file=sys.stderr)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
