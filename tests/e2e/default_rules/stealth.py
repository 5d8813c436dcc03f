# SPDX-License-Identifier: Apache-2.0
from support.box import Box

from default_rules import trigger


@trigger("kernel-thread-masquerade")
def comm_of_a_kworker(box: Box) -> None:
    box.python('open("/proc/self/comm", "w").write("kworker/0:1")')


@trigger("kernel-thread-masquerade")
def arguments_of_a_kworker(box: Box) -> None:
    box.run(["/bin/bash", "-c", "exec -a '[kworker/u8:2]' /bin/true"])
