# SPDX-License-Identifier: Apache-2.0
"""The schema of rule files accepts what the checker accepts, by the word of a validator that is not ours.

tests/rules_corpus has the files: good ones, and bad ones with one mistake each. What only the checker can see is listed
in beyond_a_schema.json with the reason, and is held to that list.
"""

import json
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from support.running import run_bongsu, source_dir

CORPUS = source_dir() / "tests/rules_corpus"
GOOD = sorted(CORPUS.glob("good/*.json"))
RULES = sorted(path for path in (source_dir() / "rules").glob("*.json") if not path.name.endswith(".schema.json"))
# Those that are no JSON, or are only to one reader and not to another, are not for a schema to judge.
BAD = sorted(path for path in CORPUS.glob("bad/*.json") if not path.name.startswith("json_"))
BEYOND = json.loads((CORPUS / "beyond_a_schema.json").read_text())


@cache
def validator() -> Draft202012Validator:
    result = run_bongsu("rules", "schema")
    assert result.returncode == 0, result.stderr
    schema = json.loads(result.stdout)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def finding(path: Path) -> str:
    """What the validator finds first, or nothing."""
    error = next(validator().iter_errors(json.loads(path.read_text(encoding="utf-8-sig"))), None)
    return "" if error is None else f"{error.json_path}: {error.message[:500]}"


def named(paths: list[Path]) -> dict:
    return {"argvalues": paths, "ids": [path.stem for path in paths]}


@pytest.mark.parametrize("path", **named(GOOD + RULES))
def test_the_schema_accepts_what_is_good(path: Path) -> None:
    assert finding(path) == ""


@pytest.mark.parametrize("path", **named(GOOD))
def test_the_checker_accepts_what_is_good(path: Path) -> None:
    result = run_bongsu("rules", "check", path)
    assert result.returncode == 0, result.stdout
    assert " 0 errors, 0 warnings" in result.stdout


@pytest.mark.parametrize("path", **named(BAD))
def test_the_schema_refuses_what_is_bad(path: Path) -> None:
    told = finding(path)
    if path.name in BEYOND:
        assert told == "", "the schema sees it: take it out of beyond_a_schema.json"
    else:
        assert told != "", "only the checker sees it"


def test_what_is_beyond_a_schema_is_there_and_has_a_reason() -> None:
    assert set(BEYOND) <= {path.name for path in BAD}
    assert all(BEYOND.values())
    assert len(BEYOND) < len(BAD) / 4


def test_fields_and_events_are_explained() -> None:
    definitions = validator().schema["$defs"]
    events = json.loads(run_bongsu("events", "--json").stdout)
    fields = definitions["condition"]["properties"]
    assert {field["name"] for field in events["fields"]} <= set(fields)
    assert all(fields[field["name"]]["description"] == field["doc"] for field in events["fields"])
    assert {event["name"] for event in events["events"]} <= set(definitions["event"]["enum"])
    assert len(definitions["event"]["enum"]) == len(definitions["event"]["enumDescriptions"])
