# SPDX-License-Identifier: Apache-2.0
"""cron in a container, what administrators do by exec, and what a node does for itself."""

import gzip
import time

from support.box_spec import bind
from support.running import until

from noise import SERVE_S, Node, ready


def scheduled_jobs(node: Node) -> None:
    data = node.volume("cron")
    cron = node.box(init=["/usr/sbin/cron", "-f"], mounts=[bind(data, "/data")])
    cron.put("/var/cache/app/entry", b"x", mode=0o644)
    ran = data / "ran"
    until(ran.exists, f"cron has run its job; {cron.output}", timeout_s=150)


def administration(node: Node) -> None:
    """kubectl exec without a terminal, kubectl cp, and exec probes of an application that is a shell loop."""
    application = node.box(
        init=["/bin/sh", "-c", "touch /tmp/healthy; while :; do date >/tmp/last; sleep 1; done"], user=1000,
        environment={"APP_MODE": "production"},
    )  # fmt: skip
    ready(lambda: application.sh("test -f /tmp/healthy && test -f /tmp/last"), "the application", application)
    begin = time.monotonic()
    looks = ["env", "ps aux", "df -h", "cat /proc/loadavg", "ls -la /var/log", "cat /etc/os-release", "id", "uptime",
             "cat /etc/resolv.conf", "ss -lnt", "tail -n 5 /tmp/last", "cat /proc/1/status", "free -m"]  # fmt: skip
    while time.monotonic() - begin < SERVE_S:
        application.run(["/bin/sh", "-c", "test -f /tmp/healthy"], check=True)
        application.run(["cat", "/tmp/last"])
        if looks:
            application.sh(looks.pop(0))
        time.sleep(2)
    archive = gzip.compress(b"")
    application.put("/tmp/upload.gz", archive, mode=0o644)
    application.sh("tar cf - -C /tmp last | tar tf -", check=True)
    application.run(["tar", "xmf", "-", "-C", "/tmp"], stdin=bytes(10240), check=True)


def host_upkeep(node: Node) -> None:
    """Backups, log rotation, a compile and the looks of an administrator, on the node itself."""
    host, folder = node.host, node.host.folder
    (folder / "data").mkdir()
    for number in range(200):
        (folder / "data" / f"{number}.txt").write_text("x" * 1000)
    (folder / "app.log").write_text("line\n" * 1000)
    (folder / "logrotate.conf").write_text(f"{folder}/app.log {{\n  rotate 2\n  compress\n  create\n  size 1\n}}\n")
    (folder / "hello.c").write_text('#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n')
    script = """set -e
ps aux >/dev/null; df -h >/dev/null; free -m >/dev/null; uptime >/dev/null; id; uname -a; mount >/dev/null
ss -lnt >/dev/null 2>&1 || true; ip -brief address >/dev/null; dpkg -l >/dev/null; find /etc -name '*.conf' >/dev/null
cat /etc/os-release /proc/meminfo /proc/cpuinfo >/dev/null; ls -la /var/log /root >/dev/null; du -sh data >/dev/null
tar -czf backup.tar.gz data; tar -tzf backup.tar.gz >/dev/null
sha256sum backup.tar.gz >backup.sum; sha256sum -c backup.sum
cp -a data restored; rm -rf restored; gzip -k9 app.log; mv app.log.gz app.log.1.gz; : >app.log
cc -O2 -o hello hello.c; ./hello; strip hello; ./hello
git init -q repository; git -C repository status --short
"""
    host.sh(script, check=True)
    host.run(["/bin/bash", "-lc", "true"])
    host.sh("rsync -a data/ mirror/ 2>/dev/null || cp -a data mirror; rm -rf mirror", check=True)
    host.sh('for n in 1 2 3 4 5; do mktemp >list; rm "$(cat list)"; done', check=True)
