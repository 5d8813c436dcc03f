#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Dependencies point one way (ARCHITECTURE.md): no file includes a room that its own room may not see.

Held to the same lines: what src/ROOM/CMakeLists.txt links (USES), the unit tests (their room and what it sees), the
kernel side (wire <- lib <- probes), and libbpf, which only the sensor may see.
"""

import re
from pathlib import Path

from tree import CPP_SUFFIXES, Finding, files_with, line_of, own_files, run_check

# base <- events <- {sensor, identity, rules} <- alert <- payload <- sinks <- cli; config and http beside events,
# control and confine under cli; recording and kubernetes above identity, beside rules.
DIRECT: dict[str, set[str]] = {
    "base": set(),
    "http": {"base"},
    "events": {"base"},
    "config": {"base"},
    "sensor": {"events"},
    "identity": {"events"},
    "recording": {"identity"},
    "kubernetes": {"http", "identity"},
    "rules": {"events"},
    "alert": {"sensor", "identity", "rules"},
    "payload": {"alert"},
    "sinks": {"payload", "config", "http"},
    "control": {"base"},
    "confine": {"base"},
    "cli": {"sinks", "control", "confine", "recording", "kubernetes"},
}
# The kernel side, by folder of bpf/. A folder sees itself too, but no probe sees another.
KERNEL_SIDE: dict[str, set[str]] = {
    "wire": {"wire", "vmlinux"},
    "vmlinux": set(),
    "lib": {"wire", "vmlinux", "lib"},
    "probes": {"wire", "vmlinux", "lib"},
}
SEES_WIRE = {"events", "sensor", "identity", "recording"}
SEES_LIBBPF = {"sensor"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"(?P<own>[^"\n]+)"|<(?P<system>[^>\n]+)>)', re.MULTILINE)
ROOM_LINE = re.compile(r"bongsu_room\(\s*(?P<name>\w+)(?:\s+USES(?P<uses>[^)]*))?\)")


def closure(direct: dict[str, set[str]], rooms: set[str]) -> set[str]:
    """The rooms, and all they see through others."""
    seen: set[str] = set()
    waiting = list(rooms)
    while waiting:
        room = waiting.pop()
        if room not in seen:
            seen.add(room)
            waiting += direct.get(room, set())
    return seen


ALL_BUT_CLI = closure(DIRECT, set(DIRECT) - {"cli"}) - {"cli"}


class Place:
    """Where a file stands, and what it may see from there."""

    def __init__(self, path: Path) -> None:
        parts = path.parts
        self.known = True
        self.support = False
        self.wire = True
        self.libbpf = False
        self.rooms: set[str] = set()
        if parts[0] == "src":
            room = parts[1] if len(parts) > 2 else ""
            self.name = room
            self.known = room in DIRECT
            self.rooms = closure(DIRECT, {room}) if self.known else set()
            self.wire = room in SEES_WIRE
            self.libbpf = room in SEES_LIBBPF
        elif parts[:2] == ("tests", "unit"):
            room = parts[2] if len(parts) > 3 else ""
            self.name = f"tests/unit/{room}"
            self.known = room in DIRECT
            self.rooms = closure(DIRECT, {room}) if self.known else set()
            self.libbpf = room in SEES_LIBBPF
            self.support = True
        elif parts[0] == "tests":
            self.name = f"tests/{parts[1]}"
            self.rooms = ALL_BUT_CLI
            self.libbpf = "kernel" in parts[1:3]
            self.support = True
        else:
            self.name = parts[0]
            self.known = False


def check_include(root: Path, path: Path, place: Place, own: str | None, system: str | None) -> str | None:
    """What is wrong with one include of user space, or None."""
    if system is not None:
        if system.startswith("bpf/") and not place.libbpf:
            return f"<{system}>: only src/sensor sees libbpf"
        if system.split("/")[0] in DIRECT and (root / "src" / system).exists():
            return f'<{system}>: our own headers are included as "{system}"'
        return None
    assert own is not None
    if own.endswith(".skel.h"):
        return None if place.libbpf else f'"{own}": only src/sensor sees the skeleton'
    first = own.split("/")[0]
    own_test_folder = place.name.removeprefix("tests/") + "/"
    if place.support and (first == "support" or own.startswith(own_test_folder)):
        # A .def is a list of the folder's files, which the build writes.
        there = own.endswith(".def") or (root / "tests" / own).exists()
        return None if there else f'"{own}": no such file below tests/'
    if first == "wire":
        if not place.wire:
            return f'"{own}": only {", ".join(sorted(SEES_WIRE))} see the wire format'
        return None if (root / "bpf" / own).exists() else f'"{own}": no such file below bpf/'
    if first not in DIRECT:
        return f'"{own}": not a room; write it as "room/file.h", from src/'
    if first not in place.rooms:
        return f'"{own}": {place.name} may not see {first} (it sees {", ".join(sorted(place.rooms)) or "nothing"})'
    if not own.endswith(".def") and not (root / "src" / own).exists():
        return f'"{own}": no such file below src/'
    return None


def check_kernel_side(root: Path, path: Path, own: str | None, system: str | None) -> str | None:
    folder = path.parts[1]
    if folder not in KERNEL_SIDE:
        return f"bpf/{folder} is no folder of the kernel side ({', '.join(KERNEL_SIDE)})"
    if system is not None:
        if folder == "wire" or system.startswith("bpf/"):
            return None
        return f"<{system}>: the kernel side sees libbpf's helpers and its own headers only"
    assert own is not None
    first = own.split("/")[0]
    if first not in KERNEL_SIDE[folder]:
        return f'"{own}": bpf/{folder} may not see {first}'
    return None if (root / "bpf" / own).exists() else f'"{own}": no such file below bpf/'


def check_links(root: Path, included: dict[str, dict[str, str]]) -> list[Finding]:
    """The USES lines: nothing the house forbids, and all that the room's files include."""
    findings = []
    uses: dict[str, set[str]] = {}
    where: dict[str, tuple[str, int]] = {}
    for path in own_files(root):
        if path.parts[0] != "src" or path.name != "CMakeLists.txt" or len(path.parts) < 3:
            continue
        text = (root / path).read_text()
        for found in ROOM_LINE.finditer(text):
            name = found["name"]
            where[name] = (str(path), line_of(text, found.start()))
            uses[name] = {use.removeprefix("bongsu_") for use in (found["uses"] or "").split() if
                          use.startswith("bongsu_")}  # fmt: skip
            if name != path.parts[1] or name not in DIRECT:
                findings.append(Finding(*where[name], f"room {name} does not belong in src/{path.parts[1]}"))
                continue
            for use in sorted(uses[name] - closure(DIRECT, {name})):
                findings.append(Finding(*where[name], f"USES bongsu_{use}: {name} may not see {use}"))
            if "LIBBPF" in (found["uses"] or "") and name not in SEES_LIBBPF:
                findings.append(Finding(*where[name], "USES libbpf: only src/sensor sees it"))
    for room, targets in sorted(included.items()):
        linked = closure(uses, {room})
        for target, example in sorted(targets.items()):
            if room in where and target not in linked:
                findings.append(Finding(*where[room], f"USES lacks bongsu_{target}, which {example} includes"))
    return findings


def check(root: Path) -> list[Finding]:
    findings = []
    included: dict[str, dict[str, str]] = {}  # room -> room it includes -> an example
    for path in files_with(root, (*CPP_SUFFIXES, ".def"), ("src/", "tests/", "bpf/")):
        if path.parts[:2] == ("tests", "kernel") and path.suffix == ".c":
            continue  # a trigger: a C program by itself
        text = (root / path).read_text()
        kernel_side = path.parts[0] == "bpf"
        place = Place(path)
        if not kernel_side and not place.known:
            findings.append(Finding(str(path), 1, f"{path.parent} is no room ({', '.join(DIRECT)})"))
            continue
        for found in INCLUDE.finditer(text):
            if kernel_side:
                wrong = check_kernel_side(root, path, found["own"], found["system"])
            else:
                wrong = check_include(root, path, place, found["own"], found["system"])
            line = line_of(text, found.start("own") if found["own"] else found.start("system"))
            if wrong is not None:
                findings.append(Finding(str(path), line, wrong))
            elif path.parts[0] == "src" and found["own"]:
                target = found["own"].split("/")[0]
                if target in DIRECT and target != path.parts[1]:
                    included.setdefault(path.parts[1], {}).setdefault(target, f"{path}:{line}")
    return findings + check_links(root, included)


if __name__ == "__main__":
    run_check("include graph", check)
