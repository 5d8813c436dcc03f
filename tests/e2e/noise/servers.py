# SPDX-License-Identifier: Apache-2.0
"""nginx, redis and postgres, each as its image starts it, probed by exec as a kubelet does, under bounded load from a
second container of its pod."""

from support.box_spec import PATH, bind
from support.running import until

from noise import Node, ready, serve
from noise.image import postgres_programs


def web(node: Node) -> None:
    logs = node.volume("nginx-logs", 0o755)
    nginx = node.box(
        init=["/usr/local/bin/nginx-entrypoint.sh", "nginx", "-g", "daemon off;"], mounts=[bind(logs, "/var/log/nginx")]
    )
    client = node.box(network_of=nginx)
    ready(lambda: nginx.sh("curl -fsS -o /dev/null localhost:8080/healthz || exit 1"), "nginx", nginx)

    def probe() -> None:
        nginx.sh("curl -fsS -o /dev/null localhost:8080/healthz || exit 1", check=True)

    def load() -> None:
        done = client.run(["ab", "-q", "-n", "2000", "-c", "8", "-k", "http://127.0.0.1:8080/index.html"], check=True)
        assert "Failed requests:        0" in done.stdout, done.stdout

    serve(probe, load)
    # As a sidecar or an administrator rotates, and reloads a changed configuration.
    nginx.run(["logrotate", "-f", "-s", "/var/lib/logrotate.status", "/etc/logrotate.d/nginx"], check=True)
    assert any(logs.glob("access.log.1*")), nginx.log[-1]
    nginx.run(["nginx", "-t"], check=True)
    nginx.run(["nginx", "-s", "reload"], check=True)
    nginx.run(["nginx", "-s", "quit"], check=True)


def cache(node: Node) -> None:
    redis = node.box(
        init=["/usr/local/bin/redis-entrypoint.sh", "redis-server", "--appendonly", "yes", "--save", "5 100",
              "--dir", "/data"],
        mounts=[bind(node.volume("redis"), "/data")],
    )  # fmt: skip
    client = node.box(network_of=redis)
    ready(lambda: redis.sh("redis-cli ping | grep -q PONG"), "redis", redis)
    serve(
        lambda: redis.sh("redis-cli -h localhost ping | grep PONG", check=True),
        lambda: client.run(["redis-benchmark", "-q", "-n", "4000", "-c", "16", "-t", "get,set,lpush"], check=True),
    )
    redis.run(["redis-cli", "bgrewriteaof"], check=True)
    redis.run(["redis-cli", "info", "server"], check=True)
    redis.run(["redis-cli", "shutdown"])


def database(node: Node) -> None:
    programs = postgres_programs(node.servers)
    environment = {
        "PATH": f"{PATH}:{programs}",
        "PGDATA": "/var/lib/postgresql/data",
        "POSTGRES_PASSWORD": "e2e",
        "LANG": "C.UTF-8",
    }
    backups = node.volume("backups")
    postgres = node.box(
        init=["/usr/local/bin/postgres-entrypoint.sh", "postgres", "-c", "shared_buffers=32MB", "-c", "archive_mode=on",
              "-c", "archive_command=test ! -f /archive/%f && cp %p /archive/%f", "-c", "archive_timeout=20"],
        mounts=[bind(node.volume("postgres"), "/var/lib/postgresql/data")],
        environment=environment,
    )  # fmt: skip
    client = node.box(
        network_of=postgres, environment={**environment, "PGPASSWORD": "e2e"}, mounts=[bind(backups, "/backups")]
    )
    at = ["-h", "127.0.0.1", "-U", "postgres"]
    ready(lambda: postgres.sh("pg_isready -q -h 127.0.0.1 -U postgres -d app"), "postgres", postgres)
    client.run(["pgbench", *at, "-q", "-i", "-s", "2", "app"], check=True)
    serve(
        lambda: postgres.sh("exec pg_isready -U postgres -h 127.0.0.1 -p 5432", check=True),
        lambda: client.run(["pgbench", *at, "-c", "4", "-T", "2", "-R", "200", "app"], check=True),
    )
    client.sh("pg_dump -h 127.0.0.1 -U postgres app | gzip >/backups/app-$(date +%F).sql.gz", check=True)
    client.run(["psql", *at, "-c", "VACUUM ANALYZE", "app"], check=True)
    client.sh("find /backups -name '*.gz' -mtime +7 -delete; ls -l /backups", check=True)
    assert any(path.stat().st_size > 1000 for path in backups.glob("*.sql.gz"))
    until(lambda: postgres.sh("ls /archive").stdout.split(), "a segment is archived")
