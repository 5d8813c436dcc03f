# SPDX-License-Identifier: Apache-2.0
"""The OCI configuration of a Box: what Docker gives a container by default, and what a test asks for besides."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

# moby, oci/caps/defaults.go
DEFAULT_CAPABILITIES = (
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID",
    "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL",
    "CAP_AUDIT_WRITE",
)  # fmt: skip
# linux/capability.h, in the order of their numbers
ALL_CAPABILITIES = (
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
    "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
)  # fmt: skip
NAMESPACES = ("pid", "mount", "ipc", "uts", "network")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# moby, oci/defaults.go
MASKED = (
    "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
    "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
)  # fmt: skip
READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
# What a trigger can do to the machine at most.
MEMORY_BYTES = 1 << 30
PROCESSES = 512
Mount = dict[str, Any]


def held_here() -> set[str]:
    """What this machine's root has: a runtime cannot give more."""
    status = Path("/proc/self/status").read_text()
    mask = int(status.split("CapBnd:")[1].split()[0], 16)
    return {name for number, name in enumerate(ALL_CAPABILITIES) if mask >> number & 1}


def bind(source: str | Path, destination: str, *options: str) -> Mount:
    """A folder or file of the host in the box, as a hostPath volume is: Box(mounts=[bind(...)])."""
    return {"destination": destination, "type": "bind", "source": str(source), "options": ["rbind", *options]}


def tmpfs(destination: str, *options: str) -> Mount:
    return {"destination": destination, "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev", *options]}


def standard_mounts(privileged: bool) -> list[Mount]:
    access = "rw" if privileged else "ro"
    secure = ["nosuid", "noexec", "nodev"]
    return [
        {"destination": "/proc", "type": "proc", "source": "proc", "options": secure},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
         "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
        {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
         "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
        {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": [*secure, "mode=1777", "size=64m"]},
        {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": secure},
        {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": [*secure, access]},
    ]  # fmt: skip


def specification(
    *,
    rootfs: Path,
    cgroup: str,
    init: Sequence[str],
    capabilities: Iterable[str],
    privileged: bool,
    mounts: Iterable[Mount],
    host_namespaces: Iterable[str],
    user: int,
    read_only: bool,
    environment: dict[str, str],
    network_of: int | None,
) -> dict[str, Any]:
    wanted = {*ALL_CAPABILITIES} if privileged else {*DEFAULT_CAPABILITIES, *capabilities}
    held = sorted(wanted & held_here())
    shared = set(host_namespaces)
    everything = {"allow": True, "access": "rwm"}
    named = standard_mounts(privileged)
    namespaces = {kind: {"type": kind} for kind in NAMESPACES if kind not in shared}
    if network_of is not None:
        namespaces["network"]["path"] = f"/proc/{network_of}/ns/net"
    if "network" in shared:  # sysfs shows a network namespace, and only its owner may mount it
        named[-1] = {**bind("/sys", "/sys", "ro", "nosuid", "noexec", "nodev"), "type": "none"}
    return {
        "ociVersion": "1.0.2",
        "process": {
            "terminal": False,
            "user": {"uid": user, "gid": user},
            "args": list(init),
            "env": [f"{name}={value}" for name, value in {"PATH": PATH, **environment}.items()],
            "cwd": "/",
            "capabilities": {kind: held for kind in ("bounding", "effective", "permitted")},
        },
        "root": {"path": str(rootfs), "readonly": read_only},
        "hostname": "box",
        "mounts": [*named, *mounts],
        "linux": {
            "cgroupsPath": f"/{cgroup}",
            "resources": {
                "devices": [everything if privileged else {"allow": False, "access": "rwm"}],
                "memory": {"limit": MEMORY_BYTES},
                "pids": {"limit": PROCESSES},
            },
            "namespaces": list(namespaces.values()),
            "maskedPaths": [] if privileged else list(MASKED),
            "readonlyPaths": [] if privileged else list(READ_ONLY),
        },
    }
