"""Good servers: the same pages over HTTP/1.1 and over HTTP/2, for comparing what clients make of them."""

from __future__ import annotations

import gzip
import socket
import zlib
from dataclasses import dataclass

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

from tests.unit.net.loopback import read_request

Pairs = tuple[tuple[bytes, bytes], ...]
_TEXT = b"0123456789abcdef" * 4000
_MORE: Pairs = ((b"x-a", b"1"), (b"set-cookie", b"a=1; Path=/"), (b"x-a", b"2"), (b"set-cookie", b"b=2"))


@dataclass(frozen=True, slots=True)
class Page:
    """One answer. `interim` is how many go before it, `chunked` how many pieces it has where HTTP/1.1 has chunks."""

    status: int = 200
    headers: Pairs = ()
    body: bytes = b""
    interim: int = 0
    chunked: int = 0


PAGES = {
    "small": Page(headers=((b"content-type", b"text/plain"),), body=b"fine"),
    "large": Page(body=_TEXT * 12),
    "nothing": Page(headers=((b"content-length", b"0"),)),
    "204": Page(204),
    "304": Page(304, ((b"etag", b'"1"'),)),
    "404": Page(404, body=b"not here"),
    "503": Page(503, ((b"retry-after", b"9"),), b"no"),
    "gzip": Page(headers=((b"content-encoding", b"gzip"),), body=gzip.compress(_TEXT)),
    "deflate": Page(headers=((b"content-encoding", b"deflate"),), body=zlib.compress(_TEXT)),
    "repeated": Page(
        headers=(*_MORE, (b"x-empty", b""), (b"x-latin", b"caf\xe9"), (b"x-long", b"y" * 9000)), body=b"ok"
    ),
    "interim": Page(body=b"fine", interim=3),
    "chunked": Page(body=_TEXT, chunked=7),
    "moved": Page(302, ((b"location", b"/repeated"),), b"gone"),
    "kept": Page(307, ((b"location", b"echo"),)),
    "twice": Page(301, ((b"location", b"/moved"),)),
}


def _page(path: bytes, body: bytes) -> Page:
    name = path.decode().strip("/")
    return Page(body=body) if name == "echo" else PAGES[name]


def http1(line: socket.socket) -> None:
    """Answer one request over HTTP/1.1."""
    head, _, body = read_request(line).partition(b"\r\n\r\n")
    method, path, _ = head.split(b" ", 2)
    page = _page(path, body)
    headers, sent = list(page.headers), page.body
    if page.chunked:
        headers.append((b"transfer-encoding", b"chunked"))
        size = len(sent) // page.chunked
        pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
        sent = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))
    elif page.body:
        headers.append((b"content-length", b"%d" % len(page.body)))
    elif page.status == 200 and not headers:
        headers.append((b"content-length", b"0"))
    headers.append((b"connection", b"close"))
    rows = [b"HTTP/1.1 %d Some" % page.status, *(b"%b: %b" % pair for pair in headers), b"", b""]
    hints = b"HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n" * page.interim
    line.sendall(hints + b"\r\n".join(rows) + (b"" if method == b"HEAD" else sent))


def http2(line: socket.socket) -> None:
    """Answer requests over HTTP/2, one after the other, as fast as the client lets it."""
    frames = H2Connection(H2Configuration(client_side=False, header_encoding=None))
    frames.initiate_connection()
    asked: dict[bytes, bytes] = {}
    stream, body, left = 0, b"", b""
    while data := line.recv(65536):
        for event in frames.receive_data(data):
            if isinstance(event, RequestReceived):
                stream, asked, body = event.stream_id, dict(event.headers), b""
            elif isinstance(event, DataReceived):
                body += event.data
                frames.acknowledge_received_data(event.flow_controlled_length, stream)
            elif isinstance(event, StreamEnded):
                page = _page(asked[b":path"], body)
                left = b"" if asked[b":method"] == b"HEAD" else page.body
                _begin(frames, stream, page, ends=not left)
        while left and (room := min(frames.local_flow_control_window(stream), frames.max_outbound_frame_size)):
            piece, left = left[:room], left[room:]
            frames.send_data(stream, piece, end_stream=not left)
        line.sendall(frames.data_to_send())


def _begin(frames: H2Connection, stream: int, page: Page, *, ends: bool) -> None:
    for _ in range(page.interim):
        frames.send_headers(stream, [(b":status", b"103"), (b"link", b"</x>")])
    length = [(b"content-length", b"%d" % len(page.body))] if page.body else []
    frames.send_headers(stream, [(b":status", b"%d" % page.status), *page.headers, *length], end_stream=ends)
