# SPDX-License-Identifier: Apache-2.0
"""An HTTP receiver that misbehaves as real ones do: dies, hangs, is slow, says 500, closes in the middle, comes back.

What it has taken counts as arrived, in that order, also where the other side cannot know.
"""

import contextlib
import enum
import json
import socket
import threading
import time
from collections import Counter
from typing import Any

Alert = dict[str, Any]


class Mood(enum.Enum):
    WELL = "answers 200"
    ERROR = "answers 500"
    SLOW = "takes its time to answer"
    HANG = "reads, and never answers"
    CUT_BODY = "closes in the middle of the body"
    CUT_ANSWER = "takes it all, and closes in the middle of the answer"
    DEAD = "nobody listens"


class ChaoticReceiver:
    def __init__(self, slow_s: float = 0.2) -> None:
        self.arrived: list[Alert] = []  # more than once where it came more than once
        self.met: Counter[Mood] = Counter()  # requests, by how they were met
        self._slow_s = slow_s
        self._mood = Mood.WELL
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.port = 0
        self._listen()
        self.url = f"http://127.0.0.1:{self.port}/alerts"

    def turn(self, mood: Mood) -> None:
        """From here on; what hangs is let go."""
        was, self._mood = self._mood, mood
        if mood is Mood.DEAD:
            self._die()
        elif self._listener is None:
            self._listen()
        elif was is Mood.HANG:
            self._drop()

    def close(self) -> None:
        self._die()

    def ids(self) -> list[str]:
        with self._lock:
            return [alert["event"]["id"] for alert in self.arrived]

    def take(self) -> list[Alert]:
        """What has arrived since the last time, for who cannot keep all of it."""
        with self._lock:
            taken, self.arrived = self.arrived, []
        return taken

    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _die(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self._drop()

    def _drop(self) -> None:
        with self._lock:
            connections, self._connections = self._connections, set()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError), connection, connection.makefile("rb") as stream:
            while True:
                length = self._head(stream)
                mood = self._mood
                if mood is Mood.CUT_BODY:
                    self.met[mood] += 1
                    stream.read(length // 2)
                    return
                body = stream.read(length)
                if len(body) < length:
                    return
                self.met[mood] += 1
                if mood is Mood.HANG:
                    connection.recv(1)  # until somebody gives up
                    return
                if mood is Mood.ERROR:
                    connection.sendall(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n")
                    continue
                if mood is Mood.SLOW:
                    time.sleep(self._slow_s)  # what this mood is
                with self._lock:
                    self.arrived += json.loads(body)
                if mood is Mood.CUT_ANSWER:
                    connection.sendall(b"HTTP/1.1 2")
                    return
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    @staticmethod
    def _head(stream: Any) -> int:
        """Of one request; how long its body is."""
        length = 0
        while line := stream.readline():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            if line == b"\r\n":
                return length
        raise EOFError
