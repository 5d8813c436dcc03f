# SPDX-License-Identifier: Apache-2.0
"""A server on loopback that means harm: what it does with each connection is a function of the test's."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Deed = Callable[[socket.socket], None]
HEAD_END = b"\r\n\r\n"


class HostileServer:
    """Listens from the constructor to close(), which ends what is under way; counts connections."""

    def __init__(self, deed: Deed) -> None:
        self.connections = 0
        self._deed = deed
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def url(self, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}/alerts"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                connection, _ = self._listener.accept()
                with self._lock:
                    self.connections += 1
                    self._open.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the other side has had enough
            self._deed(connection)
        with self._lock:
            self._open.discard(connection)
        connection.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        with self._lock:
            left = list(self._open)
        for connection in left:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def read_head(connection: socket.socket) -> None:
    """As far as the end of a request's head."""
    seen = b""
    while HEAD_END not in seen:
        block = connection.recv(1 << 16)
        if not block:
            raise ConnectionError
        seen = (seen + block)[-(1 << 16) :]


def answer(pieces: Callable[[], Iterator[bytes]]) -> Deed:
    """Sends all of these pieces, of which there may be no end, to whoever has sent a request's head."""

    def deed(connection: socket.socket) -> None:
        read_head(connection)
        for piece in pieces():
            connection.sendall(piece)

    return deed
