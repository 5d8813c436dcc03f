# SPDX-License-Identifier: Apache-2.0
from support.box import Box

from default_rules import trigger


@trigger("terminal-shell-in-container")
def kubectl_exec_it(box: Box) -> None:
    box.run(["/bin/bash", "-c", "exit"], tty=True)


@trigger("package-manager-in-container")
def apt_get(box: Box) -> None:
    box.sh("apt-get --version")


@trigger("container-client-in-container")
def kubectl(box: Box) -> None:
    box.put("/usr/local/bin/kubectl", "#!/bin/sh\n")
    box.run(["/usr/local/bin/kubectl", "get", "pods"])
