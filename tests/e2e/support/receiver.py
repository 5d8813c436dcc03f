# SPDX-License-Identifier: Apache-2.0
"""A real HTTP server on loopback that takes in what a webhook posts."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[int], int]  # number of the request, from 0 -> status


class Receiver:
    def __init__(self, port: int = 0, answer: Answer = lambda _: 204) -> None:
        self.bodies: list[bytes] = []  # of the requests that were answered with success
        self.requests: list[dict[str, str]] = []  # headers of all, in lower case
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # connections stay open
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver._lock:
                    status = answer(len(receiver.requests))
                    receiver.requests.append({name.lower(): value for name, value in self.headers.items()})
                    if status < 300:
                        receiver.bodies.append(body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/alerts"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def alerts(self) -> list[dict[str, Any]]:
        with self._lock:
            bodies = list(self.bodies)
        return [json.loads(body.decode()) for body in bodies]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
