# SPDX-License-Identifier: Apache-2.0
"""Plots as SVG, beside the JSON: bars with the spread of their runs."""

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

COLOURS = ("#2f6f9f", "#d98032", "#5f9a54", "#9a5f8f", "#8a8a8a", "#b8a13c")
BAR, GAP, LEFT, WIDTH, TOP = 11, 10, 290, 900, 58

# One bar: the middle, and the ends of its whisker.
Bar = tuple[float, float, float]


def bars(title: str, groups: dict[str, dict[str, Bar]], line_at: float | None = None, unit: str = "") -> str:
    """group -> series -> bar; `line_at`: where a line says what nothing would be."""
    series = list(dict.fromkeys(name for of in groups.values() for name in of))
    most = max(bar[2] for of in groups.values() for bar in of.values())
    scale = (WIDTH - LEFT - 70) / most
    height = TOP + sum(len(of) * BAR + GAP for of in groups.values()) + 10
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" '
           f'font-size="11"><rect width="100%" height="100%" fill="white"/>'
           f'<text x="10" y="18" font-size="14">{escape(title)}</text>']  # fmt: skip
    for number, name in enumerate(series):
        x = 10 + number * (WIDTH - 20) // max(len(series), 1)
        out.append(f'<rect x="{x}" y="30" width="10" height="10" fill="{COLOURS[number % len(COLOURS)]}"/>'
                   f'<text x="{x + 14}" y="39">{escape(name)}</text>')  # fmt: skip
    y = TOP
    for group, of in groups.items():
        out.append(f'<text x="{LEFT - 8}" y="{y + len(of) * BAR / 2 + 4}" text-anchor="end">{escape(group)}</text>')
        for name, (middle, low, high) in of.items():
            colour = COLOURS[series.index(name) % len(COLOURS)]
            centre = y + BAR / 2
            out.append(f'<rect x="{LEFT}" y="{y}" width="{middle * scale:.1f}" height="{BAR - 2}" fill="{colour}"/>'
                       f'<path d="M{LEFT + low * scale:.1f} {centre - 1}H{LEFT + high * scale:.1f}" stroke="black"/>'
                       f'<text x="{LEFT + high * scale + 5:.1f}" y="{y + 9}">{middle:.2f}{unit}</text>')  # fmt: skip
            y += BAR
        y += GAP
    if line_at is not None:
        x = LEFT + line_at * scale
        out.append(f'<path d="M{x:.1f} {TOP - 6}V{y}" stroke="black" stroke-dasharray="3 3"/>')
    return "\n".join(out) + "\n</svg>\n"


def _ratios(data: dict[str, Any]) -> dict[str, dict[str, Bar]]:
    return {title: {variant: (of[name]["median"], of[name]["q1"], of[name]["q3"])
                    for variant, of in data["ratios"].items() if name in of}
            for name, title in data["workloads"].items()}  # fmt: skip


def write(folder: Path, parts: dict[str, Any]) -> None:
    titles = {"slowdown": "Time of an operation, nothing attached = 1",
              "peers": "Time of an operation beside other tools, nothing attached = 1"}  # fmt: skip
    for name, title in titles.items():
        if name in parts and any(parts[name]["data"]["ratios"].values()):
            (folder / f"{name}.svg").write_text(bars(title, _ratios(parts[name]["data"]), line_at=1))
    if "rings" in parts:
        groups: dict[str, dict[str, Bar]] = {}
        for row in parts["rings"]["data"]["produce"]:
            rate = row["written_per_second"] / 1e6
            groups.setdefault(f"{row['producers']} producers", {})[
                "one ring" if row["layout"] == "shared" else "a ring each"] = (rate, rate, rate)  # fmt: skip
        (folder / "rings.svg").write_text(bars("Records a second into rings, millions", groups, unit=" M/s"))
