# SPDX-License-Identifier: Apache-2.0
"""Whether an alert is as docs/alert.schema.json says."""

import functools
import json
from typing import Any

from jsonschema import Draft202012Validator
from support.running import source_dir

# Of one rule and event: a rule that floods costs no more.
ENOUGH = 20

_seen: dict[tuple[str, str, bool], int] = {}


@functools.cache
def validator() -> Draft202012Validator:
    schema = json.loads((source_dir() / "docs/alert.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def check_alert(alert: dict[str, Any]) -> None:
    kind = (alert["rule"]["id"], alert["event"]["action"], "bongsu" in alert)
    if _seen.setdefault(kind, 0) == ENOUGH:
        return
    _seen[kind] += 1
    errors = [f"{error.json_path}: {error.message[:200]}" for error in validator().iter_errors(alert)]
    assert not errors, f"an alert is not as its schema says: {errors}: {alert}"
