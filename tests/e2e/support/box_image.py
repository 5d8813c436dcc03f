# SPDX-License-Identifier: Apache-2.0
"""The image that Boxes share: an overlay over the machine's own root, so that every program here is "in the image".

Below the upper layer of each box lies one of ours that hides what no image holds: the checkout, homes, other people's
folders. Nothing of the machine is written: upper layers live on a tmpfs of bounded size.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from support.container import Pods
from support.running import source_dir

# The folders of the machine that are the image; the others of its root are not there.
IMAGE = ("bin", "boot", "etc", "lib", "lib32", "lib64", "libx32", "opt", "sbin", "srv", "usr", "var")
EMPTY = {"dev": 0o755, "home": 0o755, "media": 0o755, "mnt": 0o755, "proc": 0o555, "root": 0o700, "run": 0o755,
         "sys": 0o555, "tmp": 0o1777, "var/tmp": 0o1777, "run/lock": 0o1777, "var/cache": 0o755}  # fmt: skip
LAYERS_BYTES = 2 << 30


class BoxImage:
    """Makes root file systems below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runner: tuple[str, ...] = ()  # stands before the runtime's commands
        folder.mkdir(parents=True)
        _run("mount", "-t", "tmpfs", "-o", f"size={LAYERS_BYTES},mode=0755", "bongsu-e2e", str(folder))
        self.pods = Pods()
        self._mask = folder / "mask"
        self._make_mask()

    def _make_mask(self) -> None:
        self._mask.mkdir(mode=0o755)
        for entry in Path("/").iterdir():
            if entry.name not in IMAGE and entry.name not in EMPTY:
                os.mknod(self._mask / entry.name, 0o020000, 0)  # a whiteout: filesystems/overlayfs.rst
        for name, mode in EMPTY.items():
            self._hide(name, mode)
        checkout = source_dir().resolve()
        if checkout.parts[1] in IMAGE:
            self._hide(str(checkout.relative_to("/")), 0o755)

    def _hide(self, name: str, mode: int) -> None:
        path = self._mask / name
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        os.setxattr(path, "trusted.overlay.opaque", b"y")

    def mount(self, name: str, layers: Sequence[Path] = ()) -> Path:
        """A root file system whose upper layer is empty. `layers`: more of the image, the first on top."""
        base = self.folder / name
        upper, work, merged = base / "upper", base / "work", base / "rootfs"
        for path in (base, upper, work, merged):
            path.mkdir(mode=0o755)
        lower = ":".join(str(path) for path in (*layers, self._mask, "/"))
        options = f"lowerdir={lower},upperdir={upper},workdir={work}"
        _run("mount", "-t", "overlay", "-o", options, "bongsu-e2e", str(merged))
        return merged

    def unmount(self, name: str) -> None:
        base = self.folder / name
        if (base / "rootfs").is_mount():
            _run("umount", str(base / "rootfs"))
        _run("rm", "-rf", "--one-file-system", str(base))

    def close(self) -> None:
        self.pods.close()
        _run("umount", str(self.folder))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
