"""Servers of some other protocol, for probes that connect, send and expect."""

from __future__ import annotations

import asyncio

from tests.faults.server import Call, Fault


async def _pong(call: Call) -> None:
    """Answer PING with PONG, as Redis does."""
    while line := await call.reader.readline():
        await call.send(b"+PONG\r\n" if line.strip() == b"PING" else b"-ERR unknown command\r\n")


async def _banner(call: Call) -> None:
    """Greet with a banner that tries to paint the terminal."""
    await call.send(b"220 \x1b[31mmail\x1b]52;c;aGFja2Vk\x07.test ESMTP\r\n")
    await call.hold()


async def _split_banner(call: Call) -> None:
    """Greet in three pieces, so that no single read holds the expected word."""
    for piece in (b"220 mail.te", b"st ES", b"MTP\r\n"):
        await call.send(piece)
        await asyncio.sleep(0.03)
    await call.hold()


async def _refuse(call: Call) -> None:
    """Say no, and close."""
    await call.send(b"-ERR max number of clients reached\r\n")


async def _refuse_and_stay(call: Call) -> None:
    """Say no, and keep the line open."""
    await call.send(b"-ERR not now\r\n")
    await call.hold()


async def _silence(call: Call) -> None:
    await call.hold()


async def _close(call: Call) -> None:
    """Take what the client sends, then close without a word."""
    await call.reader.read(64)


async def _reset(call: Call) -> None:
    call.reset()


async def _reset_after_send(call: Call) -> None:
    """Take what the client sends, then reset."""
    await call.reader.read(64)
    call.reset()


async def _flood(call: Call) -> None:
    """Talk without end and never say the word."""
    await call.flood(b"all work and no play\r\n" * 500)


async def _drip(call: Call) -> None:
    await call.drip(b"a")


TCP_FAULTS: dict[str, Fault] = {
    "tcp-pong": Fault(_pong, reads=False),
    "tcp-banner": Fault(_banner, reads=False),
    "tcp-split-banner": Fault(_split_banner, reads=False),
    "tcp-refuse": Fault(_refuse, reads=False),
    "tcp-refuse-and-stay": Fault(_refuse_and_stay, reads=False),
    "tcp-silence": Fault(_silence, reads=False),
    "tcp-close": Fault(_close, reads=False),
    "tcp-reset": Fault(_reset, reads=False),
    "tcp-reset-after-send": Fault(_reset_after_send, reads=False),
    "tcp-flood": Fault(_flood, reads=False),
    "tcp-drip": Fault(_drip, reads=False),
}
