# SPDX-License-Identifier: Apache-2.0
import shutil

from support.box import Box
from support.box_spec import PATH, tmpfs
from support.stand_in import stand_in, start_named

from default_rules import trigger

NETFILTER = "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)"


@trigger("system-log-removed")
def logins_removed(box: Box) -> None:
    box.put("/var/log/wtmp", "x")
    box.sh("rm /var/log/wtmp", check=True)


@trigger("system-log-removed")
def audit_log_cut(box: Box) -> None:
    box.put("/var/log/audit/audit.log", "x")
    box.run(["/usr/bin/truncate", "-s", "0", "/var/log/audit/audit.log"], check=True)


@trigger("system-log-emptied")
def nothing_written_over_it(box: Box) -> None:
    box.put("/var/log/auth.log", "x")
    box.sh(": > /var/log/auth.log", check=True)


@trigger("shell-history-removed")
def history_linked_to_nothing(box: Box) -> None:
    box.sh("ln -sf /dev/null /root/.bash_history", check=True)


@trigger("shell-history-removed")
def history_removed(box: Box) -> None:
    box.put("/root/.ash_history", "x")
    box.sh("rm /root/.ash_history", check=True)


@trigger("shell-history-disabled")
def history_unset(box: Box) -> None:
    box.sh("unset HISTFILE; true")


@trigger("security-module-disabled")
def audit_off(box: Box) -> None:
    stand_in(box, "auditctl", "-e", "0")


@trigger("security-module-setting-changed")
def an_audit_rule_added(box: Box) -> None:
    box.sh(
        "mkdir -p /etc/audit/rules.d; echo -D >> /etc/audit/rules.d/audit.rules",
        check=True,
    )


@trigger("firewall-flushed", capabilities=["CAP_NET_ADMIN"])
def all_rules_flushed(box: Box) -> None:
    if shutil.which("iptables", path=PATH):
        box.sh("iptables -F", check=True)  # of the box's own network
    else:
        stand_in(box, "iptables", "-F")


@trigger("netfilter-socket-in-container")
def packet_filter_socket(box: Box) -> None:
    box.python(NETFILTER)


@trigger("security-program-killed")
def a_sensor_killed(box: Box) -> None:
    box.python(start_named("falco") + "victim.kill()")


@trigger("security-service-stopped")
def killed_by_name(box: Box) -> None:
    box.run(["/usr/bin/pkill", "-9", "-f", "falcon-sensor"])


@trigger("security-service-stopped")
def uninstalled(box: Box) -> None:
    box.run(["/usr/bin/dpkg", "--no-act", "--purge", "auditd"])


@trigger("clock-changed")
def the_date_set(box: Box) -> None:
    box.run(["/bin/date", "-s", "2019-01-01"])  # Docker's capabilities do not suffice


@trigger("container-started-unconfined")
def no_seccomp(box: Box) -> None:
    stand_in(box, "docker", "run", "--security-opt", "seccomp=unconfined", "alpine")


@trigger("kernel-log-cleared")
def the_kernels_messages(box: Box) -> None:
    box.run(["/bin/dmesg", "-C"])  # refused


@trigger("immutable-flag-changed")
def made_immutable(box: Box) -> None:
    box.put("/srv/file", "x")
    box.run(["/usr/bin/chattr", "+i", "/srv/file"])  # refused


@trigger("file-capabilities-changed", mounts=[tmpfs("/data")])
def capabilities_given(box: Box) -> None:
    box.sh("cp /bin/true /data/x && setcap cap_net_raw+ep /data/x", check=True)
