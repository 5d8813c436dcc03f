# SPDX-License-Identifier: Apache-2.0
from support.box import Box
from support.stand_in import KNOCK, ask, ask_many, knock, stand_in

from default_rules import trigger


@trigger("reconnaissance-burst")
def who_and_where_am_i(box: Box) -> None:
    box.sh("whoami; id; uname -a; hostname; ps; mount; ip address; ss -lnt; w")


@trigger("container-surroundings-read")
def a_search_for_a_way_out(box: Box) -> None:
    box.python("""
for path in ("/proc/1/cgroup", "/proc/1/mountinfo", "/proc/1/status", "/proc/partitions", "/proc/version",
             "/proc/sys/kernel/core_pattern", "/proc/cmdline", "/proc/filesystems"):
    open(path, "rb").close()
""")


@trigger("kernel-addresses-read")
def symbols_by_cat(box: Box) -> None:
    box.sh("head -c 100 /proc/kallsyms", check=True)


@trigger("kernel-hardening-read")
def which_defences(box: Box) -> None:
    box.sh("cd /proc/sys/kernel; cat randomize_va_space kptr_restrict dmesg_restrict perf_event_paranoid")


@trigger("kubernetes-permissions-asked")
def can_i(box: Box) -> None:
    stand_in(box, "kubectl", "auth", "can-i", "--list")


@trigger("kubernetes-permissions-asked")
def review_by_hand(box: Box) -> None:
    review = "https://127.0.0.1/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    box.run(["/usr/bin/curl", "-sk", "-X", "POST", review])


@trigger("cluster-component-contacted", internet=True)
def the_kubelet(box: Box) -> None:
    knock(box, "10.0.0.4", 10250)


@trigger("wildcard-service-lookup")
def all_services(box: Box) -> None:
    ask(box, "any.any.svc.cluster.local", "SRV")


@trigger("service-names-enumerated")
def a_word_list(box: Box) -> None:
    ask_many(box, "name%d.default.svc.cluster.local", 60)


@trigger("reverse-lookup-sweep")
def names_of_a_network(box: Box) -> None:
    ask_many(box, "%d.0.0.10.in-addr.arpa", 40, "PTR")


@trigger("port-scan")
def ports_of_the_box_itself(box: Box) -> None:
    box.python(f"{KNOCK}\nfor port in range(1, 41): knock('127.0.0.1', port)")


@trigger("port-scan", internet=True)
def ports_of_another(box: Box) -> None:
    box.sh(
        "for p in $(seq 1 30); do (: < /dev/tcp/10.0.0.7/$p) 2> /dev/null; done",
        shell="/bin/bash",
    )


@trigger("address-sweep", internet=True)
def a_worm(box: Box) -> None:
    box.python(f"{KNOCK}\nfor i in range(60): knock('10.1.0.%d' % i, 6379)")


@trigger("refused-connections")
def nobody_waits(box: Box) -> None:
    box.python("""
for i in range(150):
    with socket.socket() as s: s.connect_ex(("127.0.0.1", 9))
""")


@trigger("container-api-over-network", internet=True)
def an_open_docker_port(box: Box) -> None:
    box.run(["/usr/bin/curl", "-s", "-m", "2", "http://10.0.0.7:2375/version"])


@trigger("offensive-container-tool")
def a_script_for_a_way_out(box: Box) -> None:
    box.put("/srv/linpeas.sh", "true\n")
    box.run(["/bin/sh", "/srv/linpeas.sh"])


@trigger("network-tables-read")
def neighbours(box: Box) -> None:
    box.run(["/bin/cat", "/proc/net/arp"], check=True)


@trigger("processes-enumerated")
def every_command_line(box: Box) -> None:
    box.python("""
def child():
    pid = os.fork()
    if pid == 0:
        signal.pause()
    return pid
children = [child() for _ in range(25)]
for pid in children: open(f"/proc/{pid}/cmdline").read()
for pid in children: os.kill(pid, signal.SIGKILL)
""")


@trigger("security-program-searched")
def is_there_a_sensor(box: Box) -> None:
    box.sh("ps aux | grep -iE 'falco|auditd|clamd'")
