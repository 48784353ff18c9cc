"""The servers of the demo platform: one port of loopback for each instance, all in one thread."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from platformpm.demo.answer import Answer
from platformpm.demo.bodies import answer
from platformpm.demo.script import Actor, Condition, Mood

Ask = Callable[[Actor], Condition]
_RESET = struct.pack("ii", 1, 0)
_LONGEST_HANG = 30.0


@dataclass(frozen=True, slots=True)
class Stage:
    """One listening socket and who answers on it; `version_path` is where it tells its version."""

    actor: Actor
    listener: socket.socket
    scheme: str
    version_path: str | None


class _Conversation(asyncio.Protocol):
    """One connection: a request, the scripted latency, the answer, the end."""

    def __init__(self, stage: Stage, ask: Ask) -> None:
        self._stage = stage
        self._ask = ask
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # what a stream server gives
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        end = b"\r\n" if self._stage.scheme == "tcp" else b"\r\n\r\n"
        before, self._received = self._received, (self._received + data)[:65536]
        if end in before or end not in self._received:
            return
        condition = self._ask(self._stage.actor)
        delay = _LONGEST_HANG if condition.mood is Mood.HANGING else condition.latency
        asyncio.get_running_loop().call_later(delay, self._reply, condition)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # the protocol's signature
        self._transport = None

    def _reply(self, condition: Condition) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if condition.mood is Mood.RESET:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            transport.abort()
            return
        if self._stage.scheme == "tcp":
            transport.write(b"+PONG\r\n")
        else:
            path = self._received.split(b" ", 2)[1].decode("latin-1")
            reply = answer(self._stage.actor.service, condition, version=path == self._stage.version_path)
            transport.write(_encode(reply))
        transport.close()


def _encode(reply: Answer) -> bytes:
    body = reply.body.encode()
    lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}"]
    fields = {"Content-Type": reply.content_type, "Content-Length": str(len(body)), "Connection": "close"}
    lines += [f"{name}: {value}" for name, value in (fields | reply.headers).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Servers:
    """All stages, served by one daemon thread from `start` to `stop`."""

    def __init__(self, stages: Mapping[Actor, Stage], ask: Ask, tls: ssl.SSLContext) -> None:
        """Take the stages with their sockets already bound."""
        self._stages = stages
        self._ask = ask
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo", daemon=True)

    def start(self) -> None:
        """Serve; returns when every port answers."""
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Close every port and end the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        servers = self._loop.run_until_complete(self._open())
        self._ready.set()
        self._loop.run_forever()
        for server in servers:
            server.close()
        self._loop.run_until_complete(self._drain())
        self._loop.close()

    async def _open(self) -> list[asyncio.Server]:
        return [await self._serve(stage) for stage in self._stages.values()]

    async def _serve(self, stage: Stage) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        tls = self._tls if stage.scheme == "https" else None
        return await loop.create_server(lambda: _Conversation(stage, self._ask), sock=stage.listener, ssl=tls)

    async def _drain(self) -> None:
        """Let closed transports tell their protocols before the loop goes."""
        await asyncio.sleep(0)
