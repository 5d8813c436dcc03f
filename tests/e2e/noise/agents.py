# SPDX-License-Identifier: Apache-2.0
"""What runs on every node of a cluster beside its workloads: an exporter of the node's numbers, a scraper, a shipper of
logs, a backup, and an operator that talks to the API server. Each is Python that does what such agents do."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

from support import inside
from support.box import Box
from support.box_spec import Mount, bind

from noise import SERVE_S, Node

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"

# Answers HTTP on every port given, and DNS with one address for whatever is asked.
CLUSTER = """
import http.server, json, os, socket, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"kind": "PodList", "items": []}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
def dns():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("", 53))
    while True:
        query, sender = server.recvfrom(512)
        end = query.index(0, 12) + 5
        found = query[end - 4:end - 2] == bytes([0, 1]) and query.count(b".") == 0 and query[12] < 20
        flags = bytes([0x81, 0x80]) if found else bytes([0x81, 0x83])
        answer = bytes.fromhex("c00c000100010000001e0004") + bytes([10, 96, 0, 20]) if found else b""
        head = query[:2] + flags + bytes([0, 1, 0, 1 if found else 0, 0, 0, 0, 0])
        server.sendto(head + query[12:end] + answer, sender)
threading.Thread(target=dns, daemon=True).start()
for port in (443, 8080, 9100, 10250):
    serving = http.server.ThreadingHTTPServer(("", port), Handler)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
open("/run/ready", "w").close()
threading.Event().wait()
"""

RESOLVER = """nameserver 10.96.0.10
search default.svc.cluster.local svc.cluster.local cluster.local
options ndots:5
"""

EXPORTER = """
import glob, os, sys
def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
names = "stat meminfo loadavg diskstats vmstat mounts net/dev net/snmp net/netstat net/sockstat sys/fs/file-nr".split()
assert all([read(f"/host/proc/{name}") for name in ("stat", "meminfo", "loadavg")])
for name in names:
    read(f"/host/proc/{name}")
read("/host/proc/1/mounts")
for pattern in ("class/net/*/statistics/*", "class/thermal/*/temp", "devices/system/cpu/cpu*/cpufreq/*"):
    for path in glob.glob(f"/host/sys/{pattern}"):
        read(path)
for process in glob.glob("/proc/[0-9]*"):
    for name in ("stat", "status", "cmdline", "io"):
        read(f"{process}/{name}")
os.statvfs("/host/root")
"""

SCRAPER = """
import urllib.request
for number in range(1, 31):
    port = 9100 if number % 3 else 10250
    urllib.request.urlopen(f"http://10.244.0.{number}:{port}/metrics", timeout=5).read()
"""

OPERATOR = """
import socket, sys, urllib.request
account = sys.argv[1]
token = open(f"{account}/token").read()
namespace = open(f"{account}/namespace").read()
request = urllib.request.Request(f"http://10.96.0.1:443/api/v1/namespaces/{namespace}/pods")
request.add_header("Authorization", f"Bearer {token}")
urllib.request.urlopen(request, timeout=5).read()
for name in ("cache", "web", "database", "queue", "search", "mail"):
    for stem in (name, f"{name}.prod", f"{name}.prod.svc.cluster.local"):
        try:
            socket.getaddrinfo(stem, 80)
        except OSError:
            pass
"""

# Goes before an agent's passes: one process that does them again and again, as an agent lives.
LOOP = """
import time
def forever(one_pass):
    while True:
        one_pass()
        with open("/run/passes", "a") as passes:
            passes.write(".")
        time.sleep(4)
"""

SHIPPER = """
import glob, os
for path in glob.glob("/var/log/pods/*/*.log"):
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - 4096))
        file.read()
with open("/data/positions.new", "w") as positions:
    positions.write("0")
os.rename("/data/positions.new", "/data/positions")
"""


def _agent(node: Node, name: str, source: str, arguments: Sequence[str] = (), **options: object) -> Box:
    files = node.volume(f"{name}-app", 0o755)
    body = "".join(f"    {line}\n" for line in source.strip().splitlines())
    (files / "agent.py").write_text(f"{LOOP}\ndef one_pass():\n{body}\nforever(one_pass)\n")
    mounts: list[Mount] = [bind(files, "/app", "ro"), *options.pop("mounts", [])]  # type: ignore[misc]
    return node.box(init=[inside.PYTHON, "/app/agent.py", *arguments], mounts=mounts, **options)


def cluster_agents(node: Node) -> None:
    account, pods = node.volume("account", 0o755), node.volume("pods", 0o755)
    (account / "token").write_text("e2e")
    (account / "namespace").write_text("default")
    for name in ("web", "cache"):
        (pods / name).mkdir()
        (pods / name / "0.log").write_text("line\n" * 2000)
    files = node.volume("cluster", 0o755)
    (files / "cluster.py").write_text(CLUSTER)
    (files / "resolv.conf").write_text(RESOLVER)
    cluster = node.box(init=[inside.PYTHON, "/app/cluster.py"], mounts=[bind(files, "/app", "ro")], internet=True)
    cluster.python("until(lambda: os.path.exists('/run/ready'))")
    token = [bind(account, ACCOUNT, "ro"), bind(files / "resolv.conf", "/etc/resolv.conf", "ro")]
    logs = [bind(pods, "/var/log/pods", "ro"), bind(node.volume("positions"), "/data")]
    of_host = [bind("/proc", "/host/proc", "ro"), bind("/sys", "/host/sys", "ro"), bind(files, "/host/root", "ro")]
    agents = [
        _agent(node, "operator", OPERATOR, [ACCOUNT], network_of=cluster, mounts=token),
        _agent(node, "scraper", SCRAPER, network_of=cluster),
        _agent(node, "shipper", SHIPPER, mounts=logs),
        _agent(node, "exporter", EXPORTER, host_namespaces=["pid", "network"], mounts=of_host),
    ]
    begin = time.monotonic()
    while time.monotonic() - begin < SERVE_S:
        for agent in agents:
            agent.run(["/bin/sh", "-c", "test -s /run/passes || test -e /app/agent.py"], check=True)
        time.sleep(5)
    passes = {agent.id[:12]: len(agent.sh("cat /run/passes").stdout) for agent in agents}
    assert all(count > 2 for count in passes.values()), json.dumps([passes, *(agent.output for agent in agents)])


def configuration_backup(node: Node) -> None:
    """A backup agent archives an application's configuration and data into a volume, and checks what it wrote."""
    target = node.volume("archive")
    backup = node.box(mounts=[bind(target, "/backups")])
    backup.sh("mkdir -p /srv/data && cd /srv/data && for n in $(seq 300); do echo $n >$n; done", check=True)
    for number in range(2):
        archive = f"/backups/{number}.tar.gz"
        script = f"tar -czf {archive} --one-file-system /etc/nginx /srv/data && tar -tzf {archive}"
        backup.sh(f"set -e; {script} | wc -l; sha256sum /backups/*.gz >/backups/sums; ls -l /backups", check=True)
    archives = sorted(Path(target).glob("*.tar.gz"))
    assert len(archives) == 2
    for path in archives:
        path.unlink()
