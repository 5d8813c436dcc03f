#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Brings the cluster up with the image on it, or removes it and says what was left behind.

usage: sudo tests/e2e/cluster/node.py up|down STATE_FILE"""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CLUSTER = ROOT / "scripts/cluster"
ARCHIVE = ROOT / "build/image/bongsu.tar"
SKIPPED = 77
# Folders of a node; and settings of the kernel that a kubelet makes.
FOLDERS = ("/run/containerd", "/var/lib/containerd", "/var/lib/kubelet", "/var/lib/bongsu", "/run/containers",
           "/var/lib/containers", "/var/log/pods", "/var/log/containers", "/etc/cni/net.d", "/var/lib/cni",
           "/etc/kubernetes")  # fmt: skip
SETTINGS = ("vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops")
PROGRAMS = {"etcd", "containerd", "containerd-shim", "kube-apiserver", "kube-controller", "kube-scheduler", "kubelet",
            "kube-proxy", "bongsu-node", "pause"}  # fmt: skip


def run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def names(folder: str) -> list[str]:
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else ["(none)"]


def processes() -> list[str]:
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:  # it has ended
            continue
        if fields["Name"] in PROGRAMS and not fields["State"].startswith(("Z", "X")):
            found.append(fields["Name"])
    return sorted(found)


def machine() -> dict[str, object]:
    """What a cluster could leave behind."""
    return {
        "folders": {folder: names(folder) for folder in FOLDERS},
        "mounts": sorted(line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()),
        "cgroups": sorted(str(path) for path in Path("/sys/fs/cgroup").glob("**/kubepods")),
        "links": names("/sys/class/net"),
        "settings": {name: Path("/proc/sys", name).read_text().strip() for name in SETTINGS},
        "processes": processes(),
        "network namespaces": names("/run/netns"),
    }


def up(state: Path) -> int:
    given = os.environ.get("BONGSU_IMAGE")
    if given is None:
        run(ROOT / "scripts/image", "--with", "buildah", "--output", ARCHIVE)
    # Now: while the image is made, perhaps by a run beside this one, there are mounts that go with it.
    state.write_text(json.dumps(machine()))
    run(CLUSTER, "up")
    run(CLUSTER, "image", given or ARCHIVE)
    return 0


def down(state: Path) -> int:
    run(CLUSTER, "down")
    before = json.loads(state.read_text()) if state.exists() else {}
    now = machine()
    state.unlink(missing_ok=True)
    code = 0
    for what, was in before.items():
        if now[what] != was:
            print(f"{what}: before the cluster {was}, after it {now[what]}")
            code = 1
    return code


def main() -> int:
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in ("up", "down"):
        print(__doc__, file=sys.stderr)
        return 2
    if os.geteuid() != 0:
        print("needs root")
        return SKIPPED
    state = Path(sys.argv[2]) if len(sys.argv) == 3 else ROOT / "build/cluster-before.json"
    state.parent.mkdir(parents=True, exist_ok=True)
    return {"up": up, "down": down}[sys.argv[1]](state)


if __name__ == "__main__":
    sys.exit(main())
