# SPDX-License-Identifier: Apache-2.0
"""An API server that lies: a real TLS server whose answers, one after the other, are what the test says; after these it
is honest. And the folder that a pod finds its token and the authority in, where nobody but the program sees it."""

import json
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from support.running import environment

Lie = Callable[["Answer"], None]
NODE = "node-1"
# $1 holds secrets/kubernetes.io/serviceaccount; what /run has otherwise is there too.
AS_IN_A_POD = 'run=$(realpath /var/run); mount -t overlay -o "lowerdir=$1:$run" overlay "$run" && shift && exec "$@"'


class Answer:
    """To one request, in chunks; the head has been sent."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self.is_watch = "watch=1" in handler.path
        self.is_cut = False  # it ends with the connection, and not as it should
        self._write = handler.wfile.write

    def say(self, *parts: str | dict[str, Any]) -> None:
        for part in parts:
            data = (part if isinstance(part, str) else json.dumps(part) + "\n").encode()
            self._write(b"%x\r\n%b\r\n" % (len(data), data))

    def end(self) -> None:
        if not self.is_cut:
            self._write(b"0\r\n\r\n")


def pod(uid: str, name: str, labels: dict[str, str], version: str = "101") -> dict[str, Any]:
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
            "metadata": {"name": name, "namespace": "default", "uid": uid, "resourceVersion": version,
                         "labels": labels}}  # fmt: skip


def pod_list(*pods: dict[str, Any], version: str = "100") -> dict[str, Any]:
    return {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
            "metadata": {"resourceVersion": version}, "items": list(pods)}  # fmt: skip


def gone() -> dict[str, Any]:
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired", "code": 410}
    return {"type": "ERROR", "object": status}


class LyingApi:
    """`lists` and `watches`: the answers to the first ones of each; then lists make no sense until `honest`
    is set; then `pods` are told, and a watch stays open."""

    def __init__(self, folder: Path, lists: Iterable[Lie], watches: Iterable[Lie]) -> None:
        self.pods: list[dict[str, Any]] = []
        self._left = {False: list(lists), True: list(watches)}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self.honest = threading.Event()
        self._sign(folder)
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                answer = Answer(self)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Transfer-Encoding", "chunked")
                try:
                    self.end_headers()
                    api._answer(answer)
                    answer.end()
                    self.close_connection = answer.is_cut
                except OSError:  # the other side has had enough
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        # The handshake is the handler thread's: a client that hangs in it holds up nobody else.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        account = folder / "run/secrets/kubernetes.io/serviceaccount"
        account.mkdir(parents=True)
        (account / "token").write_text("secret")
        (account / "ca.crt").write_bytes((folder / "ca.pem").read_bytes())
        self.before = ("unshare", "--mount", "sh", "-c", AS_IN_A_POD, "in-a-pod", folder / "run")

    @property
    def environment(self) -> dict[str, str]:
        port = str(self._server.server_address[1])
        return environment(KUBERNETES_SERVICE_HOST="127.0.0.1", KUBERNETES_SERVICE_PORT=port,
                           BONGSU_KUBERNETES_NODE_NAME=NODE)  # fmt: skip

    def left(self) -> int:
        """Lies that nobody has asked for yet."""
        with self._lock:
            return sum(map(len, self._left.values()))

    def close(self) -> None:
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, answer: Answer) -> None:
        with self._lock:
            left = self._left[answer.is_watch]
            over = not any(self._left.values())
            lie = left.pop(0) if left else None
        if lie is not None:
            lie(answer)
        elif answer.is_watch:
            self._closed.wait()
        elif over and not self.honest.is_set():
            answer.say("not yet")
        else:
            answer.say(pod_list(*self.pods))

    @staticmethod
    def _sign(folder: Path) -> None:
        def openssl(*arguments: str) -> None:
            subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        (folder / "server.ext").write_text("subjectAltName=IP:127.0.0.1\n")
        openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem")
        openssl("req", *key, "-subj", "/CN=server", "-keyout", "server.key", "-out", "server.csr")
        openssl("x509", "-req", "-days", "2", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-extfile", "server.ext", "-out", "server.pem")  # fmt: skip
