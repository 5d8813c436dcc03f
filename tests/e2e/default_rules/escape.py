# SPDX-License-Identifier: Apache-2.0
"""Ways out of a container. What would reach the machine is opened and closed, or refused by the kernel."""

import atexit
import shutil
import tempfile
from pathlib import Path

from support.box import Box
from support.box_spec import bind

from default_rules import trigger

# The parent of what runs in a box with the host's pid namespace is the runtime, on the host.
HOST = "root = f'/proc/{os.getppid()}/root'\n"
SEES_HOST = {"host_namespaces": ["pid"], "capabilities": ["CAP_SYS_PTRACE", "CAP_SYS_ADMIN"]}

_folder = Path(tempfile.mkdtemp(prefix="bongsu-e2e-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
RUNTIME_SOCKET = _folder / "docker.sock"
RUNTIME_SOCKET.touch()


@trigger("privileged-shell-in-container", privileged=True)
def exec_into_privileged(box: Box) -> None:
    box.sh("true")


@trigger("namespace-tool-in-container")
def unshare(box: Box) -> None:
    box.run(["/usr/bin/unshare", "--user", "--map-root-user", "true"])


@trigger("namespace-tool-in-container", capabilities=["CAP_SYS_ADMIN", "CAP_SYS_PTRACE"])
def nsenter_as_an_applet(box: Box) -> None:
    box.run(["/bin/busybox", "nsenter", "-t", "1", "-u", "true"])


@trigger("cgroup-release-agent-written", privileged=True, mounts=[bind("/sys/fs/cgroup", "/sys/fs/cgroup", "ro")])
def write_release_agent(box: Box) -> None:
    """Of a hierarchy of its own, in which no group ever becomes empty; else the machine's is opened."""
    box.python("""
import glob
if (result := syscall("mount", b"cgroup", b"/mnt", b"cgroup", 0, b"none,name=bongsu-e2e")) == 0:
    try:
        with open("/mnt/release_agent", "w") as agent: agent.write("/x")
    finally:
        assert syscall("umount2", b"/mnt", 0) == 0
else:
    print("mount:", errno.errorcode[-result])
    for path in glob.glob("/sys/fs/cgroup/*/release_agent") or ["/sys/fs/cgroup/release_agent"]:
        syscall("open", path.encode(), os.O_WRONLY)
""")


@trigger("cgroup-release-agent-written", mounts=[bind("/sys/fs/cgroup", "/sys/fs/cgroup", "ro")])
def open_the_device_list(box: Box) -> None:
    box.sh(": >> /sys/fs/cgroup/devices/devices.allow")  # nothing is written; the box's rights would not suffice


@trigger("file-outside-container-opened", **SEES_HOST)
def by_another_root(box: Box) -> None:
    box.python(HOST + "open(root + '/etc/hostname').close()")


@trigger("file-outside-container-opened", **SEES_HOST)
def by_a_directory_left_open(box: Box) -> None:
    box.python(HOST + "os.chdir(root + '/usr/share')\nopen('../../etc/hostname').close()")


@trigger("file-outside-container-written", **SEES_HOST)
def opened_for_writing(box: Box) -> None:
    box.python(HOST + "os.close(os.open(root + '/etc/hostname', os.O_WRONLY))")


@trigger("block-device-mounted-in-container")
def mount_a_disk(box: Box) -> None:
    box.python("syscall('mount', b'/dev/sda1', b'/mnt', b'ext4', 1, None)")


@trigger("block-device-mounted-in-container", capabilities=["CAP_SYS_ADMIN"])
def by_another_name(box: Box) -> None:
    box.python("syscall('mount', b'/srv', b'/mnt', b'xfs', 1, None)")  # ENOTBLK


@trigger("kernel-file-system-mounted-in-container", capabilities=["CAP_SYS_ADMIN"])
def fresh_proc(box: Box) -> None:
    box.python("assert syscall('mount', b'proc', b'/mnt', b'proc', 0, None) == 0")


@trigger("kernel-file-system-mounted-in-container")
def cgroup_refused(box: Box) -> None:
    box.python("syscall('mount', b'cgroup', b'/mnt', b'cgroup', 0, b'memory')")


@trigger("mount-in-container", capabilities=["CAP_SYS_ADMIN"])
def bind_over(box: Box) -> None:
    box.python("assert syscall('mount', b'/srv', b'/mnt', None, 4096, None) == 0")  # MS_BIND


@trigger("mount-in-container", capabilities=["CAP_SYS_ADMIN"])
def by_the_new_calls(box: Box) -> None:
    box.python("""
tree = syscall("open_tree", -100, b"/srv", 1)  # AT_FDCWD, OPEN_TREE_CLONE
assert syscall("move_mount", tree, b"", -100, b"/mnt", 4) == 0  # MOVE_MOUNT_F_EMPTY_PATH
""")


@trigger("block-device-opened-in-container", privileged=True)
def read_a_disk(box: Box) -> None:
    box.python("""
import glob
major, minor = open(sorted(glob.glob("/sys/block/*/dev"))[-1]).read().split(":")
os.mknod("/srv/x", 0o060600, os.makedev(int(major), int(minor)))
os.close(os.open("/srv/x", os.O_RDONLY))
""")


@trigger("block-device-opened-in-container")
def disk_refused(box: Box) -> None:
    box.sh("mknod /dev/sda b 8 0; head -c 1 /dev/sda")


@trigger("device-node-made-in-container")
def mknod_disk(box: Box) -> None:
    box.run(["/usr/bin/mknod", "/srv/x", "b", "8", "0"])


@trigger("device-node-made-in-container")
def mknod_memory(box: Box) -> None:
    box.run(["/usr/bin/mknod", "/srv/x", "c", "1", "1"])


@trigger("disk-tool-in-container")
def debugfs(box: Box) -> None:
    box.run(["/usr/sbin/debugfs", "-R", "ls", "/srv/none"])


@trigger("runtime-socket-used-in-container")
def docker_sock(box: Box) -> None:
    box.python("""
server = socket.socket(socket.AF_UNIX)
server.bind("/run/docker.sock")
server.listen()
os.chdir("/run")
socket.socket(socket.AF_UNIX).connect("docker.sock")
""")


@trigger("host-namespace-entered", **SEES_HOST)
def host_names(box: Box) -> None:
    box.python("assert syscall('setns', os.open(f'/proc/{os.getppid()}/ns/uts', os.O_RDONLY), 0) == 0")


@trigger("namespace-entered-in-container")
def setns_refused(box: Box) -> None:
    box.python("syscall('setns', os.open('/proc/self/ns/uts', os.O_RDONLY), 0)")


@trigger("user-namespace-made-in-container")
def clone_newuser(box: Box) -> None:
    box.python("syscall('unshare', 0x10000000)")


@trigger("namespace-refused-in-container")
def clone_newns(box: Box) -> None:
    box.python("syscall('unshare', 0x20000)")


@trigger("process-left-its-container", privileged=True, mounts=[bind("/sys/fs/cgroup", "/sys/fs/cgroup", "rw")])
def to_the_root_cgroup(box: Box) -> None:
    """Itself, and it ends at once."""
    box.python("""
import glob
for path in glob.glob("/sys/fs/cgroup/*/cgroup.procs") + glob.glob("/sys/fs/cgroup/cgroup.procs"):
    try:
        open(path, "w").write("0")
    except OSError as error:
        print(path, error)
""")


@trigger("host-path-in-container", mounts=[bind("/", "/host", "ro")])
@trigger("host-path-in-container", mounts=[bind("/var/log", "/logs", "ro")])
@trigger("runtime-socket-in-container", mounts=[bind(RUNTIME_SOCKET, "/run/docker.sock", "ro")])
@trigger("container-started-privileged", privileged=True)
@trigger("container-started-with-dangerous-capability", capabilities=["CAP_SYS_PTRACE"])
@trigger("container-in-host-pid-namespace", host_namespaces=["pid"])
@trigger("container-in-host-network-namespace", host_namespaces=["network"])
def started(box: Box) -> None:
    """That is all."""
