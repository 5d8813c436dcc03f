# SPDX-License-Identifier: Apache-2.0
from support.box import Box

from default_rules import trigger


@trigger("kernel-thread-masquerade")
def comm_of_a_kworker(box: Box) -> None:
    box.python('open("/proc/self/comm", "w").write("kworker/0:1")')


@trigger("kernel-thread-masquerade")
def arguments_of_a_kworker(box: Box) -> None:
    box.run(["/bin/bash", "-c", "exec -a '[kworker/u8:2]' /bin/true"])


@trigger("timestamps-forged")
def as_old_as_ls(box: Box) -> None:
    box.sh("touch /usr/bin/x; touch -r /bin/ls /usr/bin/x", check=True)


@trigger("file-hidden-among-devices")
def a_file_in_dev(box: Box) -> None:
    box.sh("echo x > /dev/.udevd", check=True)


@trigger("hidden-file-in-system-directory")
def beside_the_programs(box: Box) -> None:
    box.sh("echo x > /usr/bin/.sshd", check=True)


@trigger("overlooked-directory-name")
def three_dots(box: Box) -> None:
    box.run(["/bin/mkdir", "/var/tmp/..."], check=True)


@trigger("overlooked-directory-name")
def two_dots_and_a_blank(box: Box) -> None:
    box.run(["/bin/mkdir", "/var/tmp/.. "], check=True)


@trigger("hidden-file-made-executable")
def a_hidden_program(box: Box) -> None:
    box.sh("cp /bin/true /opt/.x && chmod 755 /opt/.x", check=True)


@trigger("fresh-file-made-executable")
def a_second_stage(box: Box) -> None:
    box.sh("cat /bin/true > /dev/shm/a && chmod +x /dev/shm/a", check=True)


@trigger("process-hidden-by-mount", capabilities=["CAP_SYS_ADMIN"])
def an_empty_directory_over_it(box: Box) -> None:
    box.sh("mount --bind /media /proc/1")


@trigger("system-program-in-strange-place")
def an_sshd_of_its_own(box: Box) -> None:
    box.sh("cp /bin/true /srv/sshd && /srv/sshd", check=True)


@trigger("comm-of-a-system-service")
def an_interpreter_called_sshd(box: Box) -> None:
    box.python('open("/proc/self/comm", "w").write("sshd")')


@trigger("program-with-a-document-name")
def a_picture_that_runs(box: Box) -> None:
    box.sh("cp /bin/true /srv/logo.png && /srv/logo.png", check=True)


@trigger("program-name-with-invisible-characters")
def a_blank_at_the_end(box: Box) -> None:
    box.sh("cp /bin/true '/srv/sshd ' && '/srv/sshd '", check=True)


@trigger("program-name-with-invisible-characters")
def below_three_dots(box: Box) -> None:
    box.sh("mkdir /srv/... && cp /bin/true /srv/.../x && cd /srv/... && ./x", check=True)


@trigger("arguments-obfuscated")
def escaped_bytes(box: Box) -> None:
    box.sh("$'\\x74\\x72\\x75\\x65\\x20\\x20\\x20\\x20' || true", shell="/bin/bash")


@trigger("arguments-obfuscated")
def no_blanks(box: Box) -> None:
    box.sh("echo${IFS}a${IFS}b${IFS}c")


@trigger("arguments-too-long-to-record")
def a_long_script(box: Box) -> None:
    box.run(["/bin/sh", "-c", "# " + "x" * 40000])


@trigger("memory-made-writable-and-executable")
def writable_code(box: Box) -> None:
    box.python("""
libc.mmap.restype = ctypes.c_void_p
page = libc.mmap(None, 4096, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
assert syscall("mprotect", page, 4096, 7) == 0
""")


@trigger("rootkit-file")
def a_library_that_hides_processes(box: Box) -> None:
    box.sh("echo x > /usr/local/lib/libprocesshider.so", check=True)
