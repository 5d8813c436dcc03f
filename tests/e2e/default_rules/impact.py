# SPDX-License-Identifier: Apache-2.0
from support.box import Box
from support.box_spec import tmpfs
from support.stand_in import ask, stand_in

from default_rules import trigger

DATA = [tmpfs("/srv")]
OPENSSL = "openssl enc -aes-256-cbc -pbkdf2 -k x -in /srv/a -out /srv/a.enc"


@trigger("crypto-miner")
def pool_address(box: Box) -> None:
    box.run(["/bin/true", "-o", "stratum+tcp://pool.invalid:3333", "-u", "x"])


@trigger("crash-in-container")
def segmentation_fault(box: Box) -> None:
    box.sh("ulimit -c 0; sh -c 'kill -SEGV $$'; true")


@trigger("mass-deletion", mounts=DATA)
def a_wiper(box: Box) -> None:
    box.sh("cd /srv; seq 400 | xargs touch; rm *", check=True)


@trigger("destruction-tool")
def overwritten(box: Box) -> None:
    box.put("/srv/a", "x")
    box.run(["/usr/bin/shred", "-u", "/srv/a"], check=True)


@trigger("destruction-tool")
def a_device_overwritten(box: Box) -> None:
    box.run(["/bin/dd", "if=/dev/null", "of=/dev/vd-none", "count=0"])  # it makes an empty file in the box


@trigger("whole-system-deleted", mounts=DATA)
def what_services_hold(box: Box) -> None:
    box.put("/srv/a", "x")
    box.run(["/bin/rm", "-rf", "--no-preserve-root", "/srv"])  # the mount itself stays
    box.sh("! test -e /srv/a", check=True)


@trigger("files-renamed-in-bulk", mounts=DATA)
def another_suffix(box: Box) -> None:
    box.python("""
for i in range(130):
    open(f"/srv/{i}.doc", "w").close()
os.execv("/usr/bin/perl", ["perl", "-e", 'rename($_, "$_.zzz") for glob("/srv/*.doc")'])
""")


@trigger("files-renamed-in-bulk", mounts=DATA)
def tables_by_python(box: Box) -> None:
    box.python("""
for i in range(130):
    open(f"/srv/{i}.parquet", "w").close()
    os.rename(f"/srv/{i}.parquet", f"/srv/{i}.parquet.zzz")
""")


@trigger("files-renamed-to-ransom-suffix", mounts=DATA)
def locked(box: Box) -> None:
    box.sh(
        "cd /srv; for i in 1 2 3 4 5 6; do touch $i.doc; mv $i.doc $i.doc.locked; done",
        check=True,
    )


@trigger("ransom-note", mounts=DATA)
def how_to_decrypt(box: Box) -> None:
    box.sh("echo x > /srv/HOW_TO_DECRYPT.txt", check=True)


@trigger("documents-rewritten-in-bulk", mounts=DATA)
def overwritten_in_place(box: Box) -> None:
    box.python("""
for i in range(80):
    open(f"/srv/{i}.doc", "w").close()
for i in range(80):
    open(f"/srv/{i}.doc", "r+").close()
""")


@trigger("encryption-tool-burst", mounts=DATA)
def a_loop_around_openssl(box: Box) -> None:
    box.sh(f"echo x > /srv/a; for i in 1 2 3 4 5 6 7 8 9; do {OPENSSL}; done", check=True)


@trigger("rival-miner-killed")
def a_rival_killed(box: Box) -> None:
    box.run(["/usr/bin/pkill", "-9", "-f", "kdevtmpfsi"])


@trigger("huge-pages-wanted-by-container")
def large_pages(box: Box) -> None:
    box.sh(": >> /proc/sys/vm/nr_hugepages")  # read-only in the box


@trigger("processes-killed-in-bulk")
def all_of_them(box: Box) -> None:
    box.python("""
def child():
    pid = os.fork()
    if pid == 0:
        signal.pause()
    return pid
for pid in [child() for _ in range(40)]: os.kill(pid, signal.SIGKILL)
""")


@trigger("node-service-stopped")
def the_kubelet_stopped(box: Box) -> None:
    stand_in(box, "systemctl", "stop", "kubelet.service")


@trigger("process-storm")
def many_short_processes(box: Box) -> None:
    # Children that share the memory and end at once, so that a busy machine makes enough of them in time.
    box.python("""
CLONE_VM, CLONE_VFORK = 0x100, 0x4000
stack = ctypes.create_string_buffer(1 << 16)
top = ctypes.c_void_p((ctypes.addressof(stack) + (1 << 16)) & ~0xff)
for _ in range(2500):
    os.waitpid(libc.clone(libc._exit, top, CLONE_VM | CLONE_VFORK | signal.SIGCHLD, None), 0)
""")


@trigger("fork-bomb-command")
def a_bomb_that_is_no_program(box: Box) -> None:
    box.run(["/bin/sh", "-n", "-c", ":(){ :|:& };:"])  # -n: it is read, not run


@trigger("descriptors-exhausted")
def no_descriptor_left(box: Box) -> None:
    box.python("""
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
for _ in range(30): syscall("open", b"/etc/hostname", 0)
""")


@trigger("disk-exhausted", mounts=[tmpfs("/srv", "nr_inodes=3")])
def no_room_for_files(box: Box) -> None:
    box.python("""
for i in range(30): syscall("open", b"/srv/%d" % i, os.O_CREAT | os.O_WRONLY, 0o600)
""")


@trigger("denial-of-service-tool")
def a_script_that_stalls(box: Box) -> None:
    box.put("/srv/slowloris.py", "\n")
    box.run(["/usr/bin/python3", "/srv/slowloris.py", "203.0.113.9"])


@trigger("connection-storm", internet=True)
def a_flood(box: Box) -> None:
    box.python("""
for _ in range(1100):
    with socket.socket() as s:
        s.setblocking(False)
        s.connect_ex(("203.0.113.9", 80))
""")


@trigger("bandwidth-sharing-program")
def a_renamed_client(box: Box) -> None:
    box.run(["/bin/true", "-email=a@example.com", "-accept-tos"])


@trigger("bandwidth-sharing-service-asked")
def a_client_asks(box: Box) -> None:
    ask(box, "api.honeygain.com")


@trigger("shutdown-from-container")
def a_restart(box: Box) -> None:
    stand_in(box, "reboot", "-f")


@trigger("recovery-destroyed")
def backups_removed(box: Box) -> None:
    box.sh("mkdir -p /var/backups/db; rm -rf /var/backups/db", check=True)


@trigger("crashes-in-a-row")
def five_crashes(box: Box) -> None:
    box.sh("ulimit -c 0; for i in 1 2 3 4 5 6; do sh -c 'kill -SEGV $$'; done; true")
