"""A small real proxy on loopback: CONNECT and absolute form, with basic authentication where it is asked for."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.unit.net.loopback import Server, read_request, serving


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def _relay(line: socket.socket, other: socket.socket) -> None:
    back = threading.Thread(target=_pump, args=(other, line))
    back.start()
    _pump(line, other)
    back.join()


def _forward(line: socket.socket, asked: bytes, interim: bytes) -> None:
    """Connect where the head of a request says, and relay."""
    method, where, _ = asked.split(b" ", 2)
    if method == b"CONNECT":
        host, _, port = where.decode().rpartition(":")
    else:
        parts = urlsplit(where.decode())
        host, port = parts.hostname or "", str(parts.port or 80)
    try:
        other = socket.create_connection((host.strip("[]"), int(port)), 5)
    except OSError:
        line.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        return
    with other:
        if method == b"CONNECT":
            line.sendall(interim + b"HTTP/1.1 200 Connection established\r\nVia: 1.1 small\r\n\r\n")
        else:
            told = [row for row in asked.split(b"\r\n") if not row.lower().startswith(b"proxy-")]
            path = b"/" + where.split(b"/", 3)[3]
            other.sendall(b"\r\n".join(told).replace(where, path, 1))
        _relay(line, other)


@contextmanager
def proxying(authorization: bytes | None = None, interim: bytes = b"") -> Iterator[Server]:
    """Run the proxy; `requests` keeps the heads it was sent, `interim` goes before its answer to CONNECT."""
    box: list[Server] = []

    def script(line: socket.socket) -> None:
        asked = read_request(line)
        box[0].requests.append(asked)
        if authorization is not None and b"\r\nProxy-Authorization: " + authorization + b"\r\n" not in asked:
            line.sendall(b"HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
            return
        _forward(line, asked, interim)

    with serving(script) as server:
        box.append(server)
        yield server
