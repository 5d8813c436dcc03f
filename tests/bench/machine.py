# SPDX-License-Identifier: Apache-2.0
"""Where and of what the figures are."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def _value(path: str, key: str) -> str:
    for line in Path(path).read_text().splitlines():
        name, _, value = line.partition("=" if "=" in line else ":")
        if name.strip() == key:
            return value.strip().strip('"')
    return ""


def _commit() -> str:
    def git(*arguments: str) -> str:
        ran = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True)
        return ran.stdout.strip() if ran.returncode == 0 else ""

    commit = git("rev-parse", "HEAD")
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "src", "bpf", "rules")
    return commit + (" and changes" if commit and changed else "")


def give_back(folder: Path) -> None:
    """Under sudo, what is written into the checkout belongs to whoever owns that."""
    owner = ROOT.stat()
    if os.geteuid() == 0 and owner.st_uid != 0 and folder.resolve().is_relative_to(ROOT):
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner.st_uid, owner.st_gid)


def describe(monitor: Path) -> dict[str, Any]:
    memory_kib = int(_value("/proc/meminfo", "MemTotal").split()[0])
    return {
        "cpu": _value("/proc/cpuinfo", "model name"),
        "cpus": len(os.sched_getaffinity(0)),
        "memory_mib": memory_kib // 1024,
        "virtual": "hypervisor" in _value("/proc/cpuinfo", "flags").split(),
        "kernel": platform.release(),
        "system": _value("/etc/os-release", "PRETTY_NAME"),
        "load_at_start": os.getloadavg()[0],
        "monitor": subprocess.run([monitor, "version"], capture_output=True, text=True).stdout.splitlines()[0],
        "commit": _commit(),
    }
