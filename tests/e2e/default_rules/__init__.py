# SPDX-License-Identifier: Apache-2.0
"""Triggers: for each default rule an action that really does what the rule is about.

A rule without one fails the suite. To add one, write this into the file of the rule's theme in this folder:

    @trigger("shadow-file-read")                             # the rule's id; then what the box needs, see below
    def cat_as_root(box: Box) -> None:                       # the name says what is done
        box.sh("cat /etc/shadow")

and run it: `sudo BONGSU=build/release/bongsu pytest tests/e2e/test_default_rules.py -k shadow-file-read`
(pytest of the pinned tools in ~/.cache/bongsu). It passes when an alert of that rule about this box has come. Several
triggers for one rule are several tests; name the ways round the rule too. More than one @trigger on a function is fine.

The box (support/box.py) is a new container as Docker makes one: its image is this machine without /tmp, homes and the
checkout, its first process sleeps, and nothing that is written in it stays. It can be asked for more:

    @trigger("...", capabilities=["CAP_SYS_ADMIN"])          # besides Docker's; privileged=True for everything
    @trigger("...", mounts=[bind("/etc", "/host/etc", "ro"), tmpfs("/data")])          # from support.box_spec
    @trigger("...", host_namespaces=["pid", "network"])      # hostPID, hostNetwork
    @trigger("...", init=["/usr/sbin/nginx", "-g", "daemon off;"], user=33, environment={"A": "b"}, read_only=True)
    @trigger("...", internet=True)                           # connections to any address arrive at the box itself

and do:

    box.run(["id"], user=33, tty=True)     # like kubectl exec -it; user= and capabilities= for this one process
    box.sh("a | b")                        # /bin/sh -c; a failure is no error unless check=True
    box.python("syscall('setns', 3, 0)")   # the source comes on stdin, so no rule sees it in an argument. syscall(name,
                                           # ...) makes any system call and returns -errno when it is refused
    box.start(["redis-server"])            # goes on until the box ends
    box.put("/usr/local/bin/x", b"...")    # a file that comes from outside, in the box's upper layer
    box.monitor_pid                        # the monitor's process on the host

A rule about the host has a @host_trigger instead; its function gets a Host (support/host.py) with run, sh, python,
folder and monitor_pid. Its alert is told from others by its ancestors, so what it does must be a descendant of what
run() starts.

Nothing here may change the machine or load it: no sysctl is written, no module loaded; what the kernel refuses is tried
where the rule is about the attempt. Wait for conditions (until() in box.python), do not sleep.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Action = Callable[[Any], None]


@dataclass(frozen=True)
class Trigger:
    rule: str
    action: Action
    on_host: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.rule}-{self.action.__name__}"


_triggers: list[Trigger] = []


def trigger(rule: str, **options: Any) -> Callable[[Action], Action]:
    """In a Box made with these options."""

    def register(action: Action) -> Action:
        _triggers.append(Trigger(rule, action, options=options))
        return action

    return register


def host_trigger(rule: str) -> Callable[[Action], Action]:
    """On the host."""

    def register(action: Action) -> Action:
        _triggers.append(Trigger(rule, action, on_host=True))
        return action

    return register


def triggers() -> list[Trigger]:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return _triggers
