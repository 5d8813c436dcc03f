# SPDX-License-Identifier: Apache-2.0
"""The monitor under test is the victim where that does it no harm; else a program of its name in the box."""

from pathlib import Path

from support.box import Box
from support.box_spec import bind
from support.host import Host
from support.running import program
from support.stand_in import stand_in, start_named

from default_rules import host_trigger, trigger

A_MONITOR = start_named("bongsu")
BPF_MAP_GET_FD_BY_ID = 14
NO_SUCH_ID = f"""
attribute = ctypes.create_string_buffer(struct.pack("<I", 0x7ffffff0), 128)
syscall("bpf", {BPF_MAP_GET_FD_BY_ID}, attribute, 128)
"""


@trigger("monitor-signalled")
def killed(box: Box) -> None:
    box.python(f"{A_MONITOR}\nvictim.kill()")


@trigger("monitor-signalled")
def stopped_for_a_while(box: Box) -> None:
    box.python(f"{A_MONITOR}\nvictim.send_signal(signal.SIGSTOP)")  # it ends with the box


@host_trigger("monitor-traced")
def its_memory_read(host: Host) -> None:
    host.python(f"""
buffer = ctypes.create_string_buffer(8)
class Piece(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
ours, theirs = Piece(ctypes.addressof(buffer), 8), Piece(0x1000, 8)  # nothing is mapped there
syscall("process_vm_readv", {host.monitor_pid}, ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0)
""")


@trigger("monitor-traced", capabilities=["CAP_SYS_PTRACE"])
def attached(box: Box) -> None:
    box.python(f"{A_MONITOR}\nsyscall('ptrace', 16, victim.pid, 0, 0)")  # PTRACE_ATTACH


@host_trigger("bpf-objects-of-others-opened")
def a_map_by_its_number(host: Host) -> None:
    host.python(NO_SUCH_ID)


@trigger("bpf-objects-opened-from-container")
def a_map_from_a_container(box: Box) -> None:
    box.python(NO_SUCH_ID)


@host_trigger("monitor-verify")
def asked_to_verify(host: Host) -> None:
    """All of `bongsu verify` is in test_verify.py; the monitor here listens nowhere."""
    host.run([program(), "verify", "--monitor-verify", "trigger"], check=True)


@trigger("monitor-verify", mounts=[bind(str(Path(program()).resolve()), "/usr/bin/bongsu", "ro")])
def from_a_container(box: Box) -> None:
    box.run(["/usr/bin/bongsu", "verify", "--monitor-verify", "trigger"], check=True)


@trigger("monitor-file-changed")
def a_rule_added(box: Box) -> None:
    box.sh(
        "mkdir -p /etc/bongsu/rules.d; echo '{}' > /etc/bongsu/rules.d/own.json",
        check=True,
    )


@trigger("monitor-file-changed")
def the_program_replaced(box: Box) -> None:
    box.sh("cp /bin/true /srv/x; mv /srv/x /usr/local/bin/bongsu", check=True)


@trigger("monitor-file-removed")
def its_alerts_removed(box: Box) -> None:
    box.put("/var/log/bongsu/alerts.json", "x")
    box.sh("rm /var/log/bongsu/alerts.json", check=True)


@trigger("monitor-rules-read-from-container")
def its_settings_read(box: Box) -> None:
    box.put("/host/etc/bongsu/config.json", "{}")
    box.run(["/bin/cat", "/host/etc/bongsu/config.json"], check=True)


@trigger("monitor-service-stopped")
def its_service_masked(box: Box) -> None:
    stand_in(box, "systemctl", "mask", "--now", "bongsu.service")


@trigger("monitor-service-stopped")
def killed_by_its_name(box: Box) -> None:
    box.run(["/usr/bin/pkill", "-9", "bongsu"])


@trigger("processes-frozen", privileged=True, mounts=[bind("/sys/fs/cgroup", "/sys/fs/cgroup", "rw")])
def a_group_frozen(box: Box) -> None:
    """A process of the box, in a group below the box's own."""
    box.python("""
FILES = {"freezer.state": ("FROZEN", "THAWED"), "cgroup.freeze": ("1", "0")}
def groups():
    mounts = [line.split() for line in open("/proc/self/mountinfo") if " - cgroup" in line]
    for line in open("/proc/self/cgroup"):
        _, controllers, path = line.rstrip().split(":", 2)
        for mount in mounts:
            if (mount[mount.index("-") + 1] == "cgroup2") if not controllers else controllers in mount[-1].split(","):
                yield mount[4] + path + "/frozen"
frozen = []
for group in groups():
    try:
        os.mkdir(group)
    except OSError as error:
        print(group, error)
        continue
    victim = os.fork()
    if victim == 0:
        signal.pause()
    try:
        for name, (hold, release) in FILES.items():
            path = f"{group}/{name}"
            if os.path.exists(path):
                with open(f"{group}/cgroup.procs", "w") as procs: procs.write(str(victim))
                with open(path, "w") as state: state.write(hold)
                with open(path, "w") as state: state.write(release)
                frozen.append(path)
    finally:
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
        os.rmdir(group)
print(frozen)
assert frozen
""")


@trigger("monitor-impersonated")
def a_borrowed_name(box: Box) -> None:
    box.python('open("/proc/self/comm", "w").write("bongsu")')


@trigger("monitor-path-mounted-over", capabilities=["CAP_SYS_ADMIN"])
def empty_rules(box: Box) -> None:
    box.sh("mkdir -p /etc/bongsu; mount -t tmpfs none /etc/bongsu")


@trigger("monitor-path-mounted-over", capabilities=["CAP_SYS_ADMIN"])
def nothing_in_proc(box: Box) -> None:
    box.sh("mount -t tmpfs none /proc", check=True)


@host_trigger("monitor-moved")
def into_a_group_of_its_own(host: Host) -> None:
    host.python("""
import subprocess
name = os.path.abspath("bongsu")
os.symlink("/usr/bin/sleep", name)
group = next(f"{line.split()[4]}/bongsu-{os.getpid()}" for line in open("/proc/self/mountinfo")
             if " - cgroup2 " in line or " - cgroup " in line and line.rstrip().endswith(",pids"))
os.mkdir(group)
victim = subprocess.Popen([name, "60"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    with open(f"{group}/cgroup.procs", "w") as procs: procs.write(str(victim.pid))
finally:
    victim.kill()
    victim.wait()
    os.rmdir(group)
""")
