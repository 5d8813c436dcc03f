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
