"""A loopback server whose every port misbehaves in one named way: asyncio streams in one thread of their own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, Self

_LINGER_NONE = struct.pack("ii", 1, 0)
_HEAD_LIMIT = 1 << 20


class Seen(NamedTuple):
    """What one connection sent before it was answered; `head` is empty for faults that do not read."""

    fault: str
    head: bytes

    def header(self, name: str) -> str | None:
        """Give the value of a request header, whatever its case, or None."""
        for line in self.head.decode("latin-1").split("\r\n")[1:]:
            key, colon, value = line.partition(":")
            if colon and key.strip().lower() == name.lower():
                return value.strip()
        return None


@dataclass(slots=True)
class Call:
    """One accepted connection: read it, answer it, or do worse."""

    server: FaultServer
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: bytes = b""

    @property
    def method(self) -> str:
        """Give the request method."""
        return self.head.split(b" ", 1)[0].decode("latin-1")

    @property
    def target(self) -> str:
        """Give the request target, path and query."""
        words = self.head.split(b" ", 2)
        return words[1].decode("latin-1") if len(words) > 1 else ""

    async def send(self, *chunks: bytes) -> None:
        """Write the chunks and wait until the other side has taken most of it."""
        self.writer.write(b"".join(chunks))
        await self.writer.drain()

    async def flood(self, chunk: bytes) -> None:
        """Send `chunk` again and again, as fast as it is taken, until the other side is gone."""
        while True:
            await self.send(chunk)

    async def drip(self, chunk: bytes, every: float = 0.2) -> None:
        """Send `chunk` every so many seconds until the other side is gone."""
        while not self.reader.at_eof():
            await self.send(chunk)
            await asyncio.sleep(every)

    async def hold(self) -> None:
        """Keep the connection open until the other side is gone."""
        while await self.reader.read(1 << 16):
            pass

    def reset(self) -> None:
        """Answer with a RST instead of an orderly end."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
        self.writer.transport.abort()


Serve = Callable[[Call], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave. `reads` waits for a whole request head first."""

    serve: Serve
    reads: bool = True
    host: str = "127.0.0.1"


class FaultServer:
    """Serves every fault of a table on a port of its own, from one thread, until the `with` block ends."""

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        """Keep the table; ports exist once the block is entered."""
        self.faults = dict(faults)
        self.seen: list[Seen] = []
        self.ports: dict[str, int] = {}
        self._connections: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fault-server", daemon=True)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()

    def url(self, fault: str, path: str = "/", *, scheme: str = "http", host: str | None = None) -> str:
        """Give the address of a fault; `host` replaces the literal address it listens on."""
        bound = self.faults[fault].host
        name = host or (f"[{bound}]" if ":" in bound else bound)
        return f"{scheme}://{name}:{self.ports[fault]}{path}"

    def seen_by(self, fault: str) -> list[Seen]:
        """Give what the connections to one fault sent, in order of arrival."""
        return [seen for seen in list(self.seen) if seen.fault == fault]

    def __enter__(self) -> Self:
        """Start listening on every port."""
        self._thread.start()
        if not self._ready.wait(20):
            raise TimeoutError("the fault server did not start")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Drop every connection and end the thread."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        # A client that breaks off a handshake is the point of the exercise, not an error to print.
        self._loop.set_exception_handler(lambda _loop, _context: None)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        servers = []
        for name, fault in self.faults.items():
            server = await asyncio.start_server(
                self._accept(name, fault), fault.host, 0, limit=_HEAD_LIMIT, backlog=512
            )
            self.ports[name] = server.sockets[0].getsockname()[1]
            servers.append(server)
        self._ready.set()
        await self._stop.wait()
        for server in servers:
            server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, name: str, fault: Fault) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._answer(name, fault, Call(self, reader, writer)))
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)

        return accept

    async def _answer(self, name: str, fault: Fault, call: Call) -> None:
        try:
            if fault.reads:
                call.head = await call.reader.readuntil(b"\r\n\r\n")
            self.seen.append(Seen(name, call.head))
            await fault.serve(call)
            if call.writer.can_write_eof():
                await call.writer.drain()
            call.writer.close()
            await call.writer.wait_closed()
        except (OSError, EOFError, asyncio.LimitOverrunError, RuntimeError):
            pass
        finally:
            with contextlib.suppress(RuntimeError):
                call.writer.transport.abort()


class BlackHole:
    """A listening port that accepts nobody: its backlog is full, so a connection attempt is never answered."""

    def __init__(self) -> None:
        """Listen with the smallest backlog and fill it."""
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.port: int = self._listener.getsockname()[1]
        self._fillers = [socket.socket() for _ in range(8)]
        for filler in self._fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))

    def close(self) -> None:
        """Free the sockets."""
        for each in (*self._fillers, self._listener):
            each.close()


@contextlib.contextmanager
def refusing() -> Iterator[int]:
    """Give a port of the loopback address on which nobody listens; it is held, so that nobody else takes it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])


@contextlib.contextmanager
def unanswering() -> Iterator[dict[str, int]]:
    """Give the ports of those that cannot be connected to, by fault."""
    with refusing() as refused:
        hole = BlackHole()
        try:
            yield {"black-hole": hole.port, "refused": refused}
        finally:
            hole.close()
