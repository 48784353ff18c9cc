"""WebSocket servers that refuse, lie in the handshake, or break the rules of frames (RFC 6455)."""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable

from wsproto.utilities import generate_accept_token

from tests.faults.server import Call, Fault

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
_EVIL = "\x1b]52;c;aGFja2Vk\x07gone"


def frame(
    opcode: int, payload: bytes = b"", *, end: bool = True, mask: bool = False, length: int | None = None
) -> bytes:
    """Give a frame as a server sends it; `length` lies about the payload."""
    size = len(payload) if length is None else length
    head = bytes([opcode | (0x80 if end else 0)])
    bit = 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 1 << 16:
        head += bytes([bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", size)
    return head + (bytes(4) if mask else b"") + payload


def closing(code: int, reason: str = "") -> bytes:
    """Give a close frame."""
    return frame(CLOSE, struct.pack("!H", code) + reason.encode())


def switching(key: str, *headers: str, accept: str | None = None) -> bytes:
    """Give the answer to an upgrade."""
    token = generate_accept_token(key.encode()).decode() if accept is None else accept
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: keep-alive, Upgrade"]
    lines += [f"Sec-WebSocket-Accept: {token}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def key_in(head: bytes) -> str:
    """Give the key in the head of a request for an upgrade."""
    return head.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0].decode()


def says(*pieces: bytes, headers: tuple[str, ...] = (), stay: bool = True) -> Fault:
    """Give a server that switches protocols and says this in the same breath."""

    async def serve(call: Call) -> None:
        await call.send(switching(key_in(call.head), *headers), *pieces)
        if stay:
            await call.hold()

    return Fault(serve)


def answers(answer: str, **more: str) -> Fault:
    """Give a server that answers the upgrade like this."""

    async def serve(call: Call) -> None:
        await call.send(answer.replace("{accept}", switching(key_in(call.head)).decode()).encode())
        await call.hold()

    return Fault(serve)


def floods(chunk: bytes, first: bytes = b"") -> Fault:
    """Give a server that never stops."""

    async def serve(call: Call) -> None:
        await call.send(switching(key_in(call.head)), first)
        await call.flood(chunk)

    return Fault(serve)


def _drips(chunk: bytes) -> Callable[[Call], Awaitable[None]]:
    async def serve(call: Call) -> None:
        await call.send(switching(key_in(call.head)))
        await call.drip(chunk)

    return serve


async def _echo(call: Call) -> None:
    """Send back the first frame, which is masked with a key of its own."""
    await call.send(switching(key_in(call.head)))
    head = await call.reader.readexactly(2)
    mask = await call.reader.readexactly(4)
    masked = await call.reader.readexactly(head[1] & 0x7F)
    await call.send(frame(TEXT, bytes(byte ^ mask[at % 4] for at, byte in enumerate(masked))))
    await call.hold()


async def _wrong_key(call: Call) -> None:
    await call.send(switching(key_in(call.head), accept="AAAAAAAAAAAAAAAAAAAAAAAAAAA="))
    await call.hold()


async def _no_key(call: Call) -> None:
    await call.send(b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    await call.hold()


async def _no_upgrade(call: Call) -> None:
    await call.send(switching(key_in(call.head)).replace(b"Upgrade: websocket\r\n", b""))
    await call.hold()


async def _other_upgrade(call: Call) -> None:
    await call.send(switching(key_in(call.head)).replace(b"Upgrade: websocket", b"Upgrade: h2c"))
    await call.hold()


async def _in_pieces(call: Call) -> None:
    """Send the handshake and a message byte by byte."""
    for byte in switching(key_in(call.head)) + frame(TEXT, "grüße".encode()):
        await call.send(bytes([byte]))
    await call.hold()


async def _reset(call: Call) -> None:
    await call.send(switching(key_in(call.head)))
    await call.reader.read(64)
    call.reset()


def _plain(status: str, *headers: str) -> Fault:
    return answers("\r\n".join([f"HTTP/1.1 {status}", "Content-Length: 2", *headers, "", "no"]))


WEBSOCKET_FAULTS: dict[str, Fault] = {
    "ws-silence": says(),
    "ws-echo": Fault(_echo),
    "ws-greets": says(frame(TEXT, b'{"type":"welcome","n":1}')),
    "ws-binary": says(frame(BINARY, b"\x00\xffPONG\x1b[2J")),
    "ws-empty": says(frame(TEXT)),
    "ws-in-pieces": Fault(_in_pieces),
    "ws-fragments": says(frame(TEXT, b"PO", end=False), frame(PING, b"?"), frame(CONTINUATION, b"NG")),
    "ws-pings-then": says(frame(PING, b"x") * 20, frame(PONG), frame(TEXT, b"PONG")),
    "ws-subprotocol": says(headers=("Sec-WebSocket-Protocol: mqtt",)),
    "ws-extension": says(headers=("Sec-WebSocket-Extensions: permessage-deflate",)),
    "ws-200": _plain("200 OK"),
    "ws-204": answers("HTTP/1.1 204 No Content\r\n\r\n"),
    "ws-302": _plain("302 Found", "Location: /elsewhere"),
    "ws-401": _plain("401 Unauthorized"),
    "ws-403": _plain("403 Forbidden"),
    "ws-404": _plain("404 Not Found"),
    "ws-426": _plain("426 Upgrade Required", "Upgrade: HTTP/2.0"),
    "ws-429": _plain("429 Slow Down"),
    "ws-503": _plain("503 Away"),
    "ws-ssh": answers("SSH-2.0-OpenSSH_9.2\r\n"),
    "ws-wrong-key": Fault(_wrong_key),
    "ws-no-key": Fault(_no_key),
    "ws-no-upgrade": Fault(_no_upgrade),
    "ws-other-upgrade": Fault(_other_upgrade),
    "ws-masked": says(frame(TEXT, b"PONG", mask=True)),
    "ws-reserved-bit": says(b"\xc1\x04PONG"),
    "ws-reserved-opcode": says(b"\x83\x04PONG"),
    "ws-long-ping": says(frame(PING, b"x" * 200)),
    "ws-continuation-first": says(frame(CONTINUATION, b"PONG")),
    "ws-text-in-text": says(frame(TEXT, b"PO", end=False), frame(TEXT, b"NG")),
    "ws-not-utf8": says(frame(TEXT, b"\xff\xfe")),
    "ws-wasteful-length": says(b"\x81\x7e\x00\x04PONG"),
    "ws-negative-length": says(b"\x81\x7f" + b"\xff" * 8),
    "ws-huge-frame": floods(b"x" * 65536, b"\x82\x7f" + struct.pack("!Q", 1 << 62)),
    "ws-huge-promise": says(b"\x82\x7f" + struct.pack("!Q", 1 << 62), b"PONG"),
    "ws-endless-fragments": floods(frame(CONTINUATION, b"x" * 100, end=False) * 100, frame(TEXT, b"y", end=False)),
    "ws-empty-fragments": floods(frame(CONTINUATION, end=False) * 1000, frame(TEXT, end=False)),
    "ws-ping-flood": floods(frame(PING) * 1000),
    "ws-pong-flood": floods(frame(PONG) * 1000),
    "ws-ping-drip": Fault(_drips(frame(PING))),
    "ws-half-message": says(frame(TEXT, b"PON", end=False)),
    "ws-closes": says(closing(1000)),
    "ws-closes-bare": says(frame(CLOSE)),
    "ws-closes-sorry": says(closing(1011, _EVIL)),
    "ws-closes-policy": says(closing(1008, "token expired"), stay=False),
    "ws-closes-unauthorized": says(closing(3000)),
    "ws-closes-forbidden": says(closing(4403, "Forbidden")),
    "ws-closes-reserved": says(closing(1005)),
    "ws-ends": says(stay=False),
    "ws-reset": Fault(_reset),
}  # fmt: skip
