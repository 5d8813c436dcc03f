# SPDX-License-Identifier: Apache-2.0
"""The BPF maps that a program holds, and what another process can do to them with bpftool."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any


def bpftool(*arguments: str) -> Any:
    done = subprocess.run(["bpftool", "-j", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, f"bpftool {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return json.loads(done.stdout) if done.stdout.strip() else None


def map_id(pid: int, name: str) -> int:
    """Of the map with that name which the process holds: others on this machine may have the same name."""
    maps = maps_of(pid)
    assert name in maps, f"process {pid} holds no map {name}"
    return int(maps[name]["map_id"])


def maps_of(pid: int) -> dict[str, dict[str, str]]:
    """Each map that the process holds, by its name: what the kernel says of it (proc_pid_fdinfo(5))."""
    found = {}
    for info in Path(f"/proc/{pid}/fdinfo").iterdir():
        fields = dict(re.findall(r"^(\w+):\s*(\S+)$", info.read_text(), re.MULTILINE))
        if "map_id" in fields:
            found[bpftool("map", "show", "id", fields["map_id"])["name"]] = fields
    return found


def entry(identifier: int, key: int = 0) -> list[str]:
    """The value at a 32-bit key, byte by byte, as bpftool takes it too."""
    looked_up = bpftool("map", "lookup", "id", str(identifier), "key", *_key(key))
    return [byte.removeprefix("0x") for byte in looked_up["value"]]


def set_entry(identifier: int, value: list[str], key: int = 0) -> None:
    bpftool("map", "update", "id", str(identifier), "key", *_key(key), "value", "hex", *value)


def entries(identifier: int) -> list[tuple[int, list[str]]]:
    """Of a map with 32-bit keys, those whose values are not all zero."""
    rows = [
        (int.from_bytes((int(byte, 16) for byte in row["key"]), "little"), [b.removeprefix("0x") for b in row["value"]])
        for row in bpftool("map", "dump", "id", str(identifier))
    ]
    return [(key, value) for key, value in rows if any(byte != "00" for byte in value)]


def count_entries(identifier: int) -> int:
    return len(bpftool("map", "dump", "id", str(identifier)))


def _key(key: int) -> list[str]:
    return ["hex", *(f"{byte:02x}" for byte in key.to_bytes(4, "little"))]
