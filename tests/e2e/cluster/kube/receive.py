#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A webhook's receiver, run in the node's network: what it is sent it prints, one object a line."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

printing = Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()
        with printing:
            sys.stdout.buffer.write(body.rstrip() + b"\n")
            sys.stdout.flush()

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


server = ThreadingHTTPServer((sys.argv[1], 0), Handler)
server.daemon_threads = True
print(f"port {server.server_address[1]}", flush=True)
server.serve_forever()
