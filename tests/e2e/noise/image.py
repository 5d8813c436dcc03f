# SPDX-License-Identifier: Apache-2.0
"""The layer that makes the machine's own root an image of servers: the packages that scripts/setup has fetched, users,
and entry points that do what those of the official images do."""

import os
import shutil
import subprocess
from pathlib import Path

PACKAGES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bongsu/servers"
FILES = Path(__file__).resolve().parent / "files"

# Those that the packages would have made when they were installed.
USERS = {
    "postgres": "postgres:x:70:70:PostgreSQL:/var/lib/postgresql:/bin/bash",
    "redis": "redis:x:71:71:redis:/data:/usr/sbin/nologin",
    "app": "app:x:1000:1000:app:/home/app:/bin/sh",
}
GROUPS = {"postgres": "postgres:x:70:", "redis": "redis:x:71:", "app": "app:x:1000:", "crontab": "crontab:x:72:"}


def server_layer(folder: Path) -> Path:
    layer = folder / "servers"
    layer.mkdir(mode=0o755)
    for package in sorted(PACKAGES.glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", package, layer], check=True)
    _merge_usr(layer)
    for path in sorted(FILES.rglob("*")):
        if path.is_file():
            target = layer / path.relative_to(FILES)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            target.chmod(0o755 if path.suffix == ".sh" else 0o644)
    _add_lines(layer, "etc/passwd", USERS)
    _add_lines(layer, "etc/group", GROUPS)
    (layer / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    return layer


def _add_lines(layer: Path, name: str, entries: dict[str, str]) -> None:
    lines = (Path("/") / name).read_text().splitlines()
    known = {line.split(":")[0] for line in lines}
    lines += [line for entry, line in entries.items() if entry not in known]
    (layer / name).write_text("\n".join(lines) + "\n")


def _merge_usr(layer: Path) -> None:
    """Packages of Debian 12 still ship /lib/...: here that would hide the link of the layer below."""
    for name in ("bin", "sbin", "lib", "lib64"):
        if (layer / name).is_dir():
            shutil.copytree(layer / name, layer / "usr" / name, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(layer / name)


def postgres_programs(layer: Path) -> str:
    """The folder of initdb and postgres inside the box; their package puts them into no PATH."""
    for root in (Path("/"), layer):
        for found in sorted(root.glob("usr/lib/postgresql/*/bin/postgres"), reverse=True):
            return f"/{found.parent.relative_to(root)}"
    raise AssertionError("postgres is missing: run 'sudo scripts/setup test'")
