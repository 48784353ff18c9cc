"""gRPC servers over HTTP/2 that refuse, lie, or break the rules of frames (RFC 9113)."""

from __future__ import annotations

import struct

from h2.config import H2Configuration
from h2.connection import H2Connection
from hpack import Encoder

from tests.faults.server import Call, Fault

SERVING, NOT_SERVING = b"\0\0\0\0\2\x08\x01", b"\0\0\0\0\2\x08\x02"
DATA, HEADERS, RESET, SETTINGS, PUSH, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 5, 6, 7, 9
END_STREAM, END_HEADERS = 1, 4
_GRPC = (("content-type", "application/grpc"),)
_EVIL = "%1B]52;c;aGFja2Vk%07 gone"
Pairs = tuple[tuple[str, str], ...]


def frame(kind: int, payload: bytes = b"", flags: int = 0, stream: int = 1) -> bytes:
    """Give a frame."""
    return struct.pack("!I", len(payload))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + payload


def headers(pairs: Pairs, flags: int = END_HEADERS) -> bytes:
    """Give headers, each literally, so that they need nothing of those before them."""
    return frame(HEADERS, Encoder().encode([(name, value, True) for name, value in pairs], huffman=False), flags)


HELLO = frame(SETTINGS, stream=0)
HEAD = headers(((":status", "200"), *_GRPC))


def sends(*pieces: bytes, stay: bool = True) -> Fault:
    """Give a server that reads the call and sends these bytes."""

    async def serve(call: Call) -> None:
        await call.reader.read(64)
        await call.send(*pieces)
        if not stay:
            call.writer.write_eof()  # a close would be a reset where something of the client was not read yet
        await call.hold()

    return Fault(serve, reads=False)


def floods(chunk: bytes, *first: bytes) -> Fault:
    """Give a server that never stops."""

    async def serve(call: Call) -> None:
        await call.reader.read(64)
        await call.send(*first)
        await call.flood(chunk)

    return Fault(serve, reads=False)


def answers(body: bytes, *trailers: tuple[str, str], head: Pairs = ((":status", "200"), *_GRPC)) -> Fault:
    """Give a server that speaks HTTP/2 in good order."""

    async def serve(call: Call) -> None:
        server = H2Connection(H2Configuration(client_side=False))
        server.initiate_connection()
        while data := await call.reader.read(65536):
            for event in server.receive_data(data):
                if type(event).__name__ == "StreamEnded":
                    server.send_headers(1, head, end_stream=not (body or trailers))
                    if body:
                        server.send_data(1, body, end_stream=not trailers)
                    if trailers:
                        server.send_headers(1, trailers, end_stream=True)
            await call.send(server.data_to_send())

    return Fault(serve, reads=False)


def code(number: str, message: str = "") -> Fault:
    """Give a server that answers a call with a status and nothing else."""
    return answers(b"", head=((":status", "200"), *_GRPC, ("grpc-status", number), ("grpc-message", message)))


def http(status: str, kind: str = "text/html") -> Fault:
    """Give a server that is none of gRPC."""
    return answers(b"<html>", head=((":status", status), ("content-type", kind)))


def _damaged(message: bytes) -> Fault:
    return answers(b"\0" + len(message).to_bytes(4, "big") + message, ("grpc-status", "0"))


async def _drip(call: Call) -> None:
    await call.send(HELLO)
    await call.drip(frame(PING, bytes(8), stream=0))


HTTP2_FAULTS: dict[str, Fault] = {
    "grpc-serving": answers(SERVING, ("grpc-status", "0")),
    "grpc-more-fields": answers(
        b"\0\0\0\0\x13\x10\x07\x1a\x02hi\x21" + bytes(8) + b"\x08\x02\x08\x01", ("grpc-status", "0")
    ),
    "grpc-not-serving": answers(NOT_SERVING, ("grpc-status", "0")),
    "grpc-status-unknown": answers(b"\0\0\0\0\0", ("grpc-status", "0")),
    "grpc-service-unknown": answers(b"\0\0\0\0\2\x08\x03", ("grpc-status", "0")),
    "grpc-status-99": answers(b"\0\0\0\0\2\x08\x63", ("grpc-status", "0")),
    "grpc-not-found": code("5"),
    "grpc-unimplemented": code("12", "unknown service"),
    "grpc-unauthenticated": code("16", "no%20token"),
    "grpc-permission": code("7"),
    "grpc-exhausted": code("8"),
    "grpc-deadline": code("4"),
    "grpc-unavailable": code("14", _EVIL),
    "grpc-code-999": code("999"),
    "grpc-code-word": code("OK"),
    "grpc-code-00": code("00"),
    "grpc-code-long": answers(SERVING, ("grpc-status", "1" * 5000)),
    "grpc-no-code": answers(SERVING, ("x-note", "none")),
    "grpc-no-trailers": answers(SERVING),
    "grpc-short": answers(b"\0\0", ("grpc-status", "0")),
    "grpc-compressed": answers(b"\1" + SERVING[1:], ("grpc-status", "0")),
    "grpc-two-messages": answers(SERVING * 2, ("grpc-status", "0")),
    "grpc-length-lies": answers(b"\0\xff\xff\xff\xff\x08\x01", ("grpc-status", "0")),
    "grpc-endless-varint": _damaged(b"\x08" + b"\xff" * 20),
    "grpc-cut-varint": _damaged(b"\x08"),
    "grpc-group": _damaged(b"\x0b\x08\x01"),
    "grpc-long-string": _damaged(b"\x1a\xff\x7fx"),
    "grpc-web-page": http("200"),
    "grpc-404": http("404"),
    "grpc-401": http("401"),
    "grpc-403": http("403", "application/grpc"),
    "grpc-429": http("429"),
    "grpc-503": http("503"),
    "h2-http1": sends(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
    "h2-ssh": sends(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "h2-tls": sends(b"\x15\x03\x01\x00\x02\x02\x46"),
    "h2-two-bytes": sends(b"ok", stay=False),
    "h2-silence": sends(),
    "h2-settings-only": sends(HELLO),
    "h2-closes": sends(stay=False),
    "h2-closes-after-hello": sends(HELLO, stay=False),
    "h2-closes-in-body": sends(HELLO, HEAD, frame(DATA, b"\0\0"), stay=False),
    "h2-head-only": sends(HELLO, HEAD),
    "h2-interim": sends(HELLO, headers(((":status", "103"),)) * 3, HEAD, frame(DATA, SERVING),
                        headers((("grpc-status", "0"),), END_HEADERS | END_STREAM)),
    "h2-interim-flood": floods(headers(((":status", "103"),)), HELLO),
    "h2-goaway": sends(HELLO, frame(GOAWAY, bytes(4) + struct.pack("!I", 11) + b"calm", stream=0)),
    "h2-reset": sends(HELLO, frame(RESET, struct.pack("!I", 7))),
    "h2-reset-unknown": sends(HELLO, frame(RESET, struct.pack("!I", 0xBADC0DE))),
    "h2-no-status": sends(HELLO, headers(_GRPC)),
    "h2-status-word": sends(HELLO, headers(((":status", "fine"), *_GRPC))),
    "h2-status-999": sends(HELLO, headers(((":status", "999"), *_GRPC))),
    "h2-status-long": sends(HELLO, headers(((":status", "2" * 5000), *_GRPC))),
    "h2-status-0200": sends(HELLO, headers(((":status", "0200"), *_GRPC))),
    "h2-status-space": sends(HELLO, headers(((":status", " 200"), *_GRPC))),
    "h2-upper-case": sends(HELLO, headers(((":status", "200"), ("X-Upper", "a")))),
    "h2-connection-header": sends(HELLO, headers(((":status", "200"), ("connection", "close")))),
    "h2-push": sends(HELLO, frame(PUSH, struct.pack("!I", 2) + Encoder().encode([(":path", "/")]), END_HEADERS)),
    "h2-data-first": sends(HELLO, frame(DATA, b"x")),
    "h2-other-stream": sends(HELLO, frame(DATA, b"x", stream=3)),
    "h2-long-frame": sends(HELLO, frame(DATA, bytes(20_000))),
    "h2-bad-hpack": sends(HELLO, frame(HEADERS, b"\xff" * 20, END_HEADERS)),
    "h2-hpack-bomb": sends(HELLO, frame(
        HEADERS, Encoder().encode([(":status", "200"), ("a", "b" * 4000)]) + b"\xbe" * 12_000, END_HEADERS)),
    "h2-continuation-flood": floods(frame(CONTINUATION, b""), HELLO, headers(((":status", "200"),), 0)),
    "h2-ping-flood": floods(frame(PING, bytes(8), stream=0) * 1000, HELLO),
    "h2-settings-flood": floods(HELLO * 1000),
    "h2-reset-other-flood": floods(frame(RESET, bytes(4), stream=3) * 1000, HELLO),
    "h2-large-settings": floods(frame(SETTINGS, struct.pack("!HI", 99, 1) * 2700, stream=0), HELLO),
    "h2-interim-of-many": sends(HELLO, *(headers(((":status", "103"), *(("a", "b"),) * 1000)) for _ in range(3))),
    "h2-long-frame-announced": sends(HELLO, HEAD, b"\xff\xff\xff" + frame(DATA)[3:]),
    "h2-unknown-flood": floods(frame(0xEE, b"", stream=0) * 1000, HELLO),
    "h2-empty-data-flood": floods(frame(DATA) * 1000, HELLO, HEAD),
    "h2-data-of-one": floods(frame(DATA, b"x") * 1000, HELLO, HEAD),
    "h2-padding-flood": floods(frame(DATA, b"\xff" + bytes(255), 8) * 100, HELLO, HEAD),
    "h2-endless-body": floods(frame(DATA, bytes(16_000)), HELLO, HEAD),
    "h2-ping-drip": Fault(_drip, reads=False),
}  # fmt: skip
