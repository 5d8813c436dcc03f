# SPDX-License-Identifier: Apache-2.0
from support.box import Box

from default_rules import trigger


@trigger("privileged-shell-in-container", privileged=True)
def exec_into_privileged(box: Box) -> None:
    box.sh("true")


@trigger("namespace-tool-in-container")
def unshare(box: Box) -> None:
    box.run(["/usr/bin/unshare", "--user", "--map-root-user", "true"])


@trigger("namespace-tool-in-container", capabilities=["CAP_SYS_ADMIN", "CAP_SYS_PTRACE"])
def nsenter_as_an_applet(box: Box) -> None:
    box.run(["/bin/busybox", "nsenter", "-t", "1", "-u", "true"])
