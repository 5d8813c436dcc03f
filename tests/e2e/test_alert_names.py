# SPDX-License-Identifier: Apache-2.0
"""The names of an alert's members against the published lists: ECS (a copy of the sets in use) and the semantic
conventions of OpenTelemetry (the package that OpenTelemetry makes of them)."""

import importlib
import pkgutil
import re
from pathlib import Path
from typing import NamedTuple

import opentelemetry.semconv._incubating.attributes as attributes
import pytest
from support.running import run_bongsu, source_dir

ECS = Path(__file__).parent / "standards/ecs-8.17.0.csv"
# What Elasticsearch takes for a field of the type: a number is taken for a keyword, a list of values for one value.
FITTING = {
    "string": {"keyword", "wildcard", "match_only_text", "ip"},
    "string_list": {"keyword", "wildcard", "ip"},
    "integer": {"long", "keyword"},
    "boolean": {"boolean"},
    "date": {"date"},
}


class Member(NamedTuple):
    name: str
    type: str
    origin: str
    attribute: str


def members() -> list[Member]:
    page = run_bongsu("alerts", "reference").stdout
    rows = re.findall(r"^\| `(\S+)` \| (\w+) \| \w* ?\| (\w+) \| (?:`(\S+)`[^|]*)?\|", page, re.MULTILINE)
    return [Member(*row) for row in rows]


def of_origin(origin: str) -> list[Member]:
    return [member for member in members() if member.origin == origin]


def ecs() -> dict[str, str]:
    lines = ECS.read_text().splitlines()
    return dict(line.split(",") for line in lines if not line.startswith("#"))


def attribute_names() -> set[str]:
    names = set()
    for module in pkgutil.iter_modules(attributes.__path__, attributes.__name__ + "."):
        constants = vars(importlib.import_module(module.name))
        names |= {value for key, value in constants.items() if key.isupper() and isinstance(value, str)}
    return names


def test_every_member_is_read() -> None:
    schema = (source_dir() / "docs/alert.schema.json").read_text()
    assert len(members()) == schema.count('"description": "') >= 150


def test_what_we_call_ecs_is_there_with_a_type_that_fits() -> None:
    published = ecs()
    wrong = [f"{member.name}: {member.type} for {published.get(member.name)}" for member in of_origin("ECS")
             if published.get(member.name) not in FITTING[member.type]]  # fmt: skip
    assert not wrong
    assert len(of_origin("ECS")) >= 60


@pytest.mark.parametrize("origin", ["own", "OTel"])
def test_names_that_are_not_ecs_do_not_meet_it(origin: str) -> None:
    """Neither the same name, nor an object where ECS has a value, nor a value where it has an object."""
    published = ecs()
    leaves = {name for name, kind in published.items() if kind not in ("object", "nested")}
    for member in of_origin(origin):
        parts = member.name.split(".")
        above = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
        assert not above & leaves, member.name
        assert not any(name.startswith(member.name + ".") for name in published), member.name


def test_attributes_are_in_the_conventions() -> None:
    known = attribute_names()
    assert len(known) >= 500
    told = [member for member in members() if member.attribute]
    assert len(told) >= 40
    assert not [member for member in told if member.attribute not in known]
    assert {member.attribute for member in of_origin("OTel")} == {member.name for member in of_origin("OTel")}


def test_what_we_call_our_own_is_not_one_of_theirs() -> None:
    assert not [member.name for member in of_origin("own") if member.name in attribute_names()]
