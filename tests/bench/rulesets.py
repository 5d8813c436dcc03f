# SPDX-License-Identifier: Apache-2.0
"""Rule files that the benchmark writes."""

import json
from pathlib import Path
from typing import Any

import children
from monitor import RULES

MARK = "bongsu-bench"  # the program whose exec alerts


def rule(identifier: str, event: str, match: dict[str, Any]) -> dict[str, Any]:
    """Every match is an alert: no throttle."""
    return {"id": identifier, "name": f"Benchmark: {identifier}", "description": "Written by the benchmark.",
            "severity": "high", "event": event, "match": match, "throttle": False}  # fmt: skip


def write(path: Path, *rules: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"rules": list(rules)}))
    return path


def mark(path: Path) -> Path:
    """Alerts on every exec of the marker."""
    return write(path, rule("bench-mark", "exec", {"process.name": MARK}))


def only_events(program: Path, folder: Path, events: set[str]) -> Path:
    """The default rules without those that ask for anything but these events."""
    listed = children.run_json([program, "rules", "list", "--json", RULES])["rules"]
    kept = {item["id"] for item in listed if set(item["events"]) <= events}
    folder.mkdir(exist_ok=True)
    for path in sorted(RULES.glob("*.json")):
        if path.name == "rules.schema.json":
            continue
        content = json.loads(path.read_text())
        if "rules" in content:
            content["rules"] = [item for item in content["rules"] if item.get("id") in kept]
        (folder / path.name).write_text(json.dumps(content))
    children.run([program, "rules", "check", folder])
    return folder
