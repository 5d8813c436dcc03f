# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from support.box import Box

from default_rules import trigger


@trigger("system-program-changed-in-container")
def tool_replaced(box: Box) -> None:
    box.sh("cp /bin/true /srv/ps && mv /srv/ps /usr/bin/ps", check=True)


@trigger("system-program-changed-in-container")
def tool_written(box: Box) -> None:
    box.sh("echo >>/usr/bin/ps", check=True)


@trigger("local-program-changed-in-container")
def tool_added(box: Box) -> None:
    box.sh("cp /bin/true /usr/local/bin/tool", check=True)


@trigger("system-library-changed-in-container")
def library_added(box: Box) -> None:
    box.sh("cp /bin/true /usr/lib/x86_64-linux-gnu/libx.so.1", check=True)


@trigger("system-library-changed-in-container")
def library_put_in_place(box: Box) -> None:
    box.sh("cp /bin/true /srv/x && mv /srv/x /usr/lib/x86_64-linux-gnu/libx.so", check=True)


@trigger("exec-of-just-written-file")
def on_a_volume(box: Box) -> None:
    box.sh("cp /bin/true /srv/x && /srv/x", check=True)


@trigger("server-created-executable")
def by_a_web_server(box: Box) -> None:
    box.put("/usr/local/sbin/nginx", Path("/usr/bin/timeout").read_bytes())
    box.run(["/usr/local/sbin/nginx", "5", "cp", "/bin/true", "/srv/x"], check=True)


@trigger("server-made-file-executable")
def chmod_by_a_web_server(box: Box) -> None:
    box.put("/usr/local/sbin/nginx", Path("/usr/bin/timeout").read_bytes())
    box.put("/srv/x", b"", mode=0o644)
    box.run(["/usr/local/sbin/nginx", "5", "chmod", "755", "/srv/x"], check=True)


@trigger("dropped-program-connects", internet=True)
def client_dropped(box: Box) -> None:
    box.put("/usr/local/bin/tool", Path("/usr/bin/curl").read_bytes())
    box.run(["/usr/local/bin/tool", "-s", "http://203.0.113.9/"])


@trigger("dropped-program-listens")
def server_dropped(box: Box) -> None:
    box.put("/usr/local/bin/busybox2", Path("/usr/bin/busybox").read_bytes())
    box.start(["/usr/local/bin/busybox2", "httpd", "-f", "-p", "8080"])


@trigger("resolver-or-hosts-changed-in-container")
def host_added(box: Box) -> None:
    box.sh("echo 203.0.113.9 updates.example >>/etc/hosts", check=True)


@trigger("server-configuration-changed-in-container")
def proxy_opened(box: Box) -> None:
    box.sh("mkdir -p /etc/nginx/conf.d && echo >/etc/nginx/conf.d/x.conf", check=True)


@trigger("trusted-certificates-changed")
def authority_added(box: Box) -> None:
    box.sh("mkdir -p /usr/local/share/ca-certificates && echo >/usr/local/share/ca-certificates/x.crt", check=True)
