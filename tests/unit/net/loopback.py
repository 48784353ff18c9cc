"""Small real servers on loopback: each connection runs a script over a blocking socket in a thread of its own."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Script = Callable[[socket.socket], None]
_PATIENCE = 20.0


class Server:
    """A listening port. `requests` are the heads that were read, `connections` how many came."""

    def __init__(self, script: Script, context: ssl.SSLContext | None) -> None:
        self._script = script
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self.requests: list[bytes] = []
        self.connections = 0
        self.port = int(self._listener.getsockname()[1])
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(_PATIENCE)
        for line in self._open:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_PATIENCE)
        for line in self._open:
            line.close()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            line.settimeout(_PATIENCE)
            self.connections += 1
            self._open.append(line)
            thread = threading.Thread(target=self._serve, args=(line,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._context is not None:
                line = self._context.wrap_socket(line, server_side=True)
                self._open.append(line)
            with contextlib.closing(line):
                self._script(line)


@contextmanager
def serving(script: Script, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve `script` to every connection until the end of the block."""
    server = Server(script, context)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def answering(*answers: bytes, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Read each request and send the next answer, the last one for ever; `requests` keeps what was asked."""
    box: list[Server] = []
    lock = threading.Lock()

    def script(line: socket.socket) -> None:
        asked = read_request(line)
        with lock:
            box[0].requests.append(asked)
            number = len(box[0].requests) - 1
        line.sendall(answers[min(number, len(answers) - 1)])

    with serving(script, context) as server:
        box.append(server)
        yield server


def read_request(line: socket.socket) -> bytes:
    """Read a head and the body that its Content-Length announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = line.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    for name, _, value in (header.partition(b":") for header in head.split(b"\r\n")):
        if name.lower() == b"content-length":
            while len(body) < int(value):
                body += line.recv(65536)
    return head + b"\r\n\r\n" + body


def reset(line: socket.socket) -> None:
    """Close with a RST."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


def hold(line: socket.socket) -> None:
    """Say nothing until the other side leaves."""
    while line.recv(65536):
        pass


def ok(body: bytes = b"fine", *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """Give a whole answer."""
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def redirect(location: str, status: int = 302) -> bytes:
    """Give a redirect."""
    return ok(b"", b"Location: " + location.encode(), status=b"%d Moved" % status)
