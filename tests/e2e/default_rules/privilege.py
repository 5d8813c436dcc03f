# SPDX-License-Identifier: Apache-2.0
from support.box import Box
from support.host import Host
from support.inside import PYTHON, python_source

from default_rules import host_trigger, trigger

USER = 1000

# Something to do things to: a child that waits, and memory that it shares the address of.
WITH_CHILD = """
memory = ctypes.create_string_buffer(b"secret", 64)
class Piece(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
child = os.fork()
if child == 0:
    signal.pause()
mine = ctypes.create_string_buffer(64)
local, remote = Piece(ctypes.addressof(mine), 64), Piece(ctypes.addressof(memory), 64)
try:
    exec(sys.argv[1])
finally:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


def with_child(box: Box, what: str) -> None:
    box.python(WITH_CHILD, what)


@trigger("setuid-bit-set")
def chmod_4755(box: Box) -> None:
    box.sh("cp /bin/true /srv/x && chmod 4755 /srv/x", check=True)


@trigger("setuid-bit-set")
def fchmod(box: Box) -> None:
    box.python("os.fchmod(os.open('/srv/x', os.O_CREAT | os.O_WRONLY), 0o4755)")


@trigger("setgid-bit-set")
def chmod_2755(box: Box) -> None:
    box.sh("cp /bin/true /srv/x && chmod 2755 /srv/x", check=True)


@trigger("new-setuid-program-run")
def run_it_as_user(box: Box) -> None:
    box.sh("cp /bin/true /srv/x && chmod 4755 /srv/x", check=True)
    box.run(["/srv/x"], user=USER, check=True)


@host_trigger("unusual-setuid-program-run")
def a_setuid_true(host: Host) -> None:
    host.sh("cp /bin/true x && chmod 4755 x", check=True)
    host.run(["/usr/bin/setpriv", f"--reuid={USER}", "--clear-groups", "./x"], check=True)
    host.sh("rm x")


@trigger("became-root-without-setuid-program")
def capability_raised_later(box: Box) -> None:
    """Rights that come from nowhere at exec: as near to a kernel exploit as a whole kernel lets one come."""
    box.python(f"""
import shutil
shutil.copy({PYTHON!r}, "/srv/x")
os.chmod("/srv/x", 0o755)
# vfs_cap_data of revision 2: permitted CAP_SETUID, not effective
os.setxattr("/srv/x", "security.capability", struct.pack("<IIIII", 0x02000000, 1 << 7, 0, 0, 0))
""")
    source = """
header = ctypes.create_string_buffer(struct.pack("<Ii", 0x20080522, 0))
data = ctypes.create_string_buffer(struct.pack("<IIIIII", 1 << 7, 1 << 7, 0, 0, 0, 0))
assert syscall("capset", header, data) == 0
os.setresuid(0, 0, 0)
os.execv("/bin/true", ["true"])
"""
    box.run(["/srv/x", "-"], stdin=python_source(source), user=USER, check=True)


@trigger("interpreter-became-root")
def setuid_python(box: Box) -> None:
    box.sh(f"cp {PYTHON} /usr/local/bin/python3 && chmod 4755 /usr/local/bin/python3", check=True)
    box.run(["/usr/local/bin/python3", "-c", "import os; os.setuid(0)"], user=USER, check=True)


@trigger("root-refused")
def setuid_0(box: Box) -> None:
    box.python("syscall('setuid', 0)", user=USER)


@trigger("root-refused")
def setresuid_0(box: Box) -> None:
    box.python("syscall('setresuid', 0, 0, 0)", user=USER)


@trigger("sudo-exploit")
def backslash(box: Box) -> None:
    box.put("/usr/local/bin/sudoedit", "#!/bin/sh\n")
    box.run(["/usr/local/bin/sudoedit", "-s", "a\\"])


@trigger("sudo-exploit")
def user_minus_one(box: Box) -> None:
    box.put("/usr/local/bin/sudo", "#!/bin/sh\n")
    box.run(["/usr/local/bin/sudo", "-u#-1", "id"])


@trigger("sudo-exploit")
def own_root(box: Box) -> None:
    box.put("/usr/local/bin/sudo", "#!/bin/sh\n")
    box.run(["/usr/local/bin/sudo", "-R", "/tmp/x", "id"])


@trigger("pkexec-without-arguments")
def no_argument(box: Box) -> None:
    box.sh("cp /bin/true /usr/local/bin/pkexec")
    box.python("""
empty = (ctypes.c_char_p * 1)(None)
syscall("execve", b"/usr/local/bin/pkexec", empty, empty)
""")


@trigger("account-made-over-dbus")
def create_user(box: Box) -> None:
    box.put("/usr/local/bin/dbus-send", "#!/bin/sh\n")
    box.run(["/usr/local/bin/dbus-send", "--system", "/", "org.freedesktop.Accounts.CreateUser", "string:x"])


@trigger("loader-tunables-on-command-line")
def env(box: Box) -> None:
    box.run(["/usr/bin/env", "GLIBC_TUNABLES=glibc.malloc.mxfast=glibc.malloc.mxfast=A", "/bin/true"])


@trigger("overlay-in-user-namespace")
def overlay(box: Box) -> None:
    box.python("""
for name in "lower", "upper", "work", "merged":
    os.mkdir(f"/tmp/{name}")
syscall("unshare", 0x10000000 | 0x20000)  # CLONE_NEWUSER | CLONE_NEWNS
options = b"lowerdir=/tmp/lower,upperdir=/tmp/upper,workdir=/tmp/work"
syscall("mount", b"overlay", b"/tmp/merged", b"overlay", 0, options)
""")


@trigger("process-attached-in-container")
def attach(box: Box) -> None:
    with_child(box, "syscall('ptrace', 16, child, 0, 0)")


@trigger("process-attached-in-container")
def seize(box: Box) -> None:
    with_child(box, "syscall('ptrace', 0x4206, child, 0, 0)")


@trigger("process-changed-by-ptrace")
def set_registers(box: Box) -> None:
    with_child(
        box,
        """
assert syscall("ptrace", 16, child, 0, 0) == 0
os.waitpid(child, 0)
registers = ctypes.create_string_buffer(512)
vector = Piece(ctypes.addressof(registers), 512)
assert syscall("ptrace", 0x4204, child, 1, ctypes.byref(vector)) == 0  # PTRACE_GETREGSET, NT_PRSTATUS
assert syscall("ptrace", 0x4205, child, 1, ctypes.byref(vector)) == 0  # PTRACE_SETREGSET
""",
    )


@trigger("process-changed-by-ptrace")
def poke(box: Box) -> None:
    with_child(
        box,
        """
assert syscall("ptrace", 16, child, 0, 0) == 0
os.waitpid(child, 0)
assert syscall("ptrace", 5, child, ctypes.addressof(memory), 0) == 0  # PTRACE_POKEDATA
""",
    )


@trigger("process-memory-written")
def process_vm_writev(box: Box) -> None:
    with_child(
        box, "assert syscall('process_vm_writev', child, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0) == 64"
    )


@trigger("process-memory-file-written")
def open_mem(box: Box) -> None:
    with_child(box, "os.close(os.open(f'/proc/{child}/mem', os.O_RDWR))")


@trigger("process-traces-itself")
def trace_me(box: Box) -> None:
    box.python("syscall('ptrace', 0, 0, 0, 0)")
