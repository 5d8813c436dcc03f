# SPDX-License-Identifier: Apache-2.0
"""Rule files that the tests write."""

import json
from pathlib import Path
from typing import Any

Rule = dict[str, Any]


def rule(
    identifier: str, match: dict[str, Any], event: str = "exec", severity: str = "high", throttle: Any = False
) -> Rule:
    """Every match is an alert of its own unless a test asks for a throttle."""
    return {
        "id": identifier,
        "name": f"Test rule {identifier}",
        "description": "Written by a test.",
        "severity": severity,
        "event": event,
        "match": match,
        "throttle": throttle,
    }


def marked(marker: str, identifier: str = "marked", **more: Any) -> Rule:
    """Every exec with the marker in an argument: what else happens on the machine does not match."""
    return rule(identifier, {"process.args": {"contains": marker}}, **more)


def write_rules(path: Path, *rules: Rule) -> Path:
    path.write_text(json.dumps({"rules": list(rules)}, indent=2))
    return path
