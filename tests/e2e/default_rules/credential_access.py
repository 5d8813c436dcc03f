# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from support.box import Box

from default_rules import trigger

SECRET = "not a secret\n"


def program_named(box: Box, path: str) -> str:
    """A program by that path that starts what it is told, as a server with a hole does: PATH SECONDS COMMAND..."""
    box.put(path, Path("/usr/bin/timeout").read_bytes())
    return path


def application(box: Box, source: str) -> list[str]:
    """A workload of the image: an interpreter with a script that has a name."""
    box.put("/srv/app.py", f"import os, socket\n{source}\n")
    return ["/usr/bin/python3", "/srv/app.py"]


@trigger("shadow-file-read")
def cat_as_root(box: Box) -> None:
    box.sh("cat /etc/shadow >/dev/null", check=True)


@trigger("shadow-file-read")
def through_a_mount_and_a_link(box: Box) -> None:
    box.put("/host/etc/shadow", SECRET)
    box.sh("ln -s /host/etc/shadow /srv/notes && head -1 /srv/notes", check=True)


@trigger("shadow-file-in-backup")
def tar_of_etc(box: Box) -> None:
    box.sh("tar cf /srv/etc.tar /etc", check=True)


@trigger("server-reads-credentials")
def file_inclusion(box: Box) -> None:
    box.run([program_named(box, "/usr/local/sbin/nginx"), "5", "cat", "/etc/shadow"], check=True)


@trigger("sudoers-read-in-container")
def grep_sudoers(box: Box) -> None:
    box.put("/etc/sudoers", "root ALL=(ALL) ALL\n")
    box.sh("grep ALL /etc/sudoers", check=True)


@trigger("path-traversal-to-secret")
def dot_dot(box: Box) -> None:
    box.sh("cat /srv/../../etc/passwd", check=True)


@trigger("path-traversal-to-secret")
def refused(box: Box) -> None:
    box.run(["cat", "/var/../../../../etc/shadow"], user=33)


@trigger("link-to-secret-file")
def symbolic(box: Box) -> None:
    box.sh("ln -s /etc/shadow /srv/notes", check=True)


@trigger("link-to-secret-file")
def hard(box: Box) -> None:
    box.sh("ln /etc/shadow /etc/notes", check=True)


@trigger("search-for-secrets")
def find_keys(box: Box) -> None:
    box.sh("find /srv -name id_rsa", check=True)


@trigger("search-for-secrets")
def grep_passwords(box: Box) -> None:
    box.sh("grep -ri password= /srv")


@trigger("cloud-credentials-copied")
def cat_cloud(box: Box) -> None:
    box.put("/root/.aws/credentials", SECRET)
    box.sh("cat /root/.aws/credentials", check=True)


@trigger("cloud-credentials-copied")
def inline_script(box: Box) -> None:
    box.put("/root/.kube/config", SECRET)
    box.python("open('/root/.kube/config').read()")


@trigger("cloud-credentials-read")
def an_application(box: Box) -> None:
    box.put("/root/.aws/credentials", SECRET)
    box.run(application(box, "open('/root/.aws/credentials').read()"), check=True)


@trigger("ssh-private-key-read")
def copy_of_a_key(box: Box) -> None:
    box.put("/root/.ssh/id_ed25519", SECRET)
    box.sh("cp /root/.ssh/id_ed25519 /srv/k", check=True)


@trigger("ssh-private-key-read")
def host_key_through_a_mount(box: Box) -> None:
    box.put("/host/etc/ssh/ssh_host_ed25519_key", SECRET)
    box.sh("cat /host/etc/ssh/ssh_host_ed25519_key", check=True)


@trigger("environment-of-other-process-read")
def of_the_first(box: Box) -> None:
    box.sh("cat /proc/1/environ", check=True)


@trigger("environment-of-other-process-read")
def by_a_descriptor_of_its_folder(box: Box) -> None:
    box.python("os.open('environ', os.O_RDONLY, dir_fd=os.open('/proc/1', os.O_PATH))")


@trigger("environment-of-other-process-read")
def shown_by_ps(box: Box) -> None:
    box.sh("ps axe >/dev/null", check=True)


@trigger("server-reads-its-environment-file")
def log_poisoning(box: Box) -> None:
    box.put("/usr/local/sbin/apache2", Path("/usr/bin/cat").read_bytes())
    box.run(["/usr/local/sbin/apache2", "/proc/self/environ"], check=True)


@trigger("memory-file-of-other-process-read")
def of_a_child(box: Box) -> None:
    box.python("""
child = os.fork()
if child == 0:
    signal.pause()
try:
    os.open(f"/proc/{child}/mem", os.O_RDONLY)
finally:
    os.kill(child, signal.SIGKILL)
    os.wait()
""")


@trigger("process-memory-copied")
def by_one_call(box: Box) -> None:
    box.python("""
class Part(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
secret = ctypes.create_string_buffer(b"password")
into = ctypes.create_string_buffer(8)
child = os.fork()
if child == 0:
    signal.pause()
theirs, mine = Part(ctypes.addressof(secret), 8), Part(ctypes.addressof(into), 8)
read = syscall("process_vm_readv", child, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0)
os.kill(child, signal.SIGKILL)
os.wait()
assert read == 8, read
""")


@trigger("memory-map-of-other-process-read")
def map_of_the_first(box: Box) -> None:
    box.sh("cat /proc/1/maps", check=True)


@trigger("memory-dump-tool")
def gdb(box: Box) -> None:
    box.sh("gdb -batch -nx -p 1 -ex 'generate-core-file /srv/core'")


@trigger("packet-socket-in-container")
def sniffer(box: Box) -> None:
    box.python("socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0x0300)")


@trigger("packet-socket-in-container")
def sniffer_without_the_capability(box: Box) -> None:
    box.python("syscall('socket', 17, 3, 0x0300)", user=33)


@trigger("archive-of-secrets")
def tar(box: Box) -> None:
    box.sh("tar czf /srv/x.tgz /etc/shadow", check=True)


@trigger("pam-module-changed")
def new_module(box: Box) -> None:
    box.sh("cp /bin/true /usr/lib/x86_64-linux-gnu/security/pam_log.so", check=True)


@trigger("pam-module-changed")
def module_put_in_place(box: Box) -> None:
    box.sh("cp /bin/true /srv/x && mv /srv/x /usr/lib/x86_64-linux-gnu/security/pam_deny.so", check=True)


@trigger("keyboard-device-opened")
def attempt(box: Box) -> None:
    box.sh("cat /dev/input/event0")


@trigger("many-failed-logins")
def su_with_wrong_passwords(box: Box) -> None:
    box.sh("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo guess$i | su root -c true & done; wait", user=33)


@trigger("login-port-hammered")
def ssh_again_and_again(box: Box) -> None:
    box.python("""
for _ in range(60):
    with socket.socket() as connection:
        connection.connect_ex(("127.0.0.1", 22))
""")


@trigger("password-cracker")
def hydra(box: Box) -> None:
    box.put("/usr/local/bin/hydra", Path("/bin/true").read_bytes())
    box.run(["/usr/local/bin/hydra", "-l", "root", "-P", "/srv/words", "ssh://10.0.0.9"], check=True)


@trigger("system-account-terminal")
def web_account(box: Box) -> None:
    box.run(["/bin/bash", "-c", "exit"], user=33, tty=True)


@trigger("login-in-container")
def ssh_server(box: Box) -> None:
    box.run([program_named(box, "/usr/local/sbin/sshd"), "5", "/bin/bash", "-c", "exit"], check=True)


@trigger("kerberos-ticket-read")
def keytab(box: Box) -> None:
    box.put("/etc/krb5.keytab", SECRET)
    box.sh("cp /etc/krb5.keytab /srv/k", check=True)


@trigger("shell-history-read")
def grep_history(box: Box) -> None:
    box.put("/root/.bash_history", SECRET)
    box.sh("grep secret /root/.bash_history", check=True)


@trigger("password-store-read")
def key_ring(box: Box) -> None:
    box.put("/root/.gnupg/private-keys-v1.d/0A.key", SECRET)
    box.sh("cat /root/.gnupg/private-keys-v1.d/0A.key", check=True)


@trigger("build-server-secrets-read")
def jenkins(box: Box) -> None:
    box.put("/var/jenkins_home/secrets/master.key", SECRET)
    box.sh("cat /var/jenkins_home/secrets/master.key", check=True)


@trigger("application-secrets-read")
def dot_env(box: Box) -> None:
    box.put("/srv/app/.env", SECRET)
    box.sh("cat /srv/app/.env", check=True)
