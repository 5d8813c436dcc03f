#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From an exec to the alert's POST, one alert a request: how long, when 100 a second happen.

    cmake --preset release && cmake --build --preset release --target bongsu
    sudo python3 tests/bench/exec_to_post.py build/release/bongsu [--rate 100] [--seconds 20] [--spool DIRECTORY]

The time runs from the kernel's stamp on the exec (@timestamp) to when the receiver, on loopback, has read the body.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_hex
from typing import Any

taken: list[tuple[bytes, float]] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        taken.append((body, time.time()))
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


def latencies_ms() -> list[float]:
    found = []
    for body, when in taken:
        alert = json.loads(body)
        if alert["rule"]["id"] == "bench":
            stamp = alert["@timestamp"]  # nanoseconds: more than datetime reads
            whole = datetime.fromisoformat(stamp[:19] + "+00:00").timestamp()
            fraction = float("0." + stamp[20:].rstrip("Z")) if stamp[19:20] == "." else 0.0
            found.append((when - whole - fraction) * 1e3)
    return sorted(found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--spool", type=Path)
    options = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    marker = f"bench-{token_hex(8)}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rules.json").write_text(json.dumps({"rules": [{
            "id": "bench", "name": "Benchmark", "description": "An exec of the benchmark.", "severity": "high",
            "event": "exec", "match": {"process.args": {"contains": marker}}, "throttle": False,
        }]}))  # fmt: skip
        webhook: dict[str, Any] = {"url": f"http://127.0.0.1:{server.server_address[1]}/"}
        if options.spool:
            webhook["spool"] = {"directory": str(options.spool)}
        (folder / "config.json").write_text(json.dumps(
            {"rules": [str(folder / "rules.json")], "http": {"listen": "off"}, "webhooks": [webhook]}))  # fmt: skip
        monitor = subprocess.Popen([options.program, "run", "--config", folder / "config.json"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)  # fmt: skip
        assert monitor.stderr
        for line in monitor.stderr:
            if "watching" in line:
                break
        else:
            print("the monitor did not start", file=sys.stderr)
            return 1
        threading.Thread(target=lambda: [None for _ in monitor.stderr or ()], daemon=True).start()
        executed = 0
        began = time.monotonic()
        while time.monotonic() - began < options.seconds:
            subprocess.Popen(["/bin/true", marker]).wait()
            executed += 1
            time.sleep(max(began + executed / options.rate - time.monotonic(), 0))
        took = time.monotonic() - began
        monitor.terminate()
        monitor.wait()
    found = latencies_ms()
    print(f"{executed} execs in {took:.1f} s, {len(found)} alerts")
    for percent in (50, 90, 99, 99.9, 100):
        print(f"p{percent:g}: {found[min(int(len(found) * percent / 100), len(found) - 1)]:.1f} ms")
    return 0 if len(found) == executed else 1


if __name__ == "__main__":
    sys.exit(main())
