# SPDX-License-Identifier: Apache-2.0
"""Stands in for programs that this machine does not have: rules judge how they are started."""

from support.box import Box, Done

# Asks name servers by hand; every address leads to the box in Box(internet=True), 127.0.0.1 always does.
ASK = """
TYPES = {"A": 1, "CNAME": 5, "NULL": 10, "PTR": 12, "TXT": 16, "SRV": 33}
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def ask(name, kind="A", server="127.0.0.1"):
    labels = b"".join(bytes([len(l)]) + l.encode() for l in name.split("."))
    asking.sendto(b"\\x12\\x34\\x01\\0\\0\\1\\0\\0\\0\\0\\0\\0" + labels + b"\\0" + struct.pack("!HH", TYPES[kind], 1),
                  (server, 53))
"""

# Tries a connection and goes on at once, whether it is answered or not.
KNOCK = """
def knock(address, port):
    with socket.socket() as s:
        s.setblocking(False)
        return s.connect_ex((address, port))
"""


def stand_in(box: Box, name: str, *arguments: str, folder: str = "/usr/local/bin") -> Done:
    """Runs a script of that name, which is in the image as far as the rules see: it does nothing."""
    box.put(f"{folder}/{name}", "#!/bin/sh\n")
    return box.run([f"{folder}/{name}", *arguments])


def start_named(name: str) -> str:
    """For box.python(): `victim` is a running program of that name, its exec told before anything is done to it."""
    return f"""
import subprocess
os.symlink("/usr/bin/cat", "/usr/local/bin/{name}")
victim = subprocess.Popen(
    ["/usr/local/bin/{name}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
)
victim.stdin.write(b"x\\n")
victim.stdin.flush()
victim.stdout.readline()
"""


def ask(box: Box, name: str, kind: str = "A") -> None:
    box.python(f"{ASK}\nask({name!r}, {kind!r})")


def ask_many(box: Box, pattern: str, count: int, kind: str = "A") -> None:
    """`pattern` has one %d."""
    box.python(f"{ASK}\nfor i in range({count}): ask({pattern!r} % i, {kind!r})")


def knock(box: Box, address: str, port: int) -> None:
    box.python(f"{KNOCK}\nknock({address!r}, {port})")
