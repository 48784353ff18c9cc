"""One HTTP/1.1 answer as it arrives: the head, then the body in pieces. The limits of a head are held here."""

from __future__ import annotations

import asyncio

import httptools

from platformpm.model.status import Reason
from platformpm.model.text import safe_text
from platformpm.net.answer import LARGEST_HEAD, MOST_FRAMING, Answer
from platformpm.net.trace import Stage, Trace

_SWITCHED = 101
_BODYLESS = frozenset({_SWITCHED, 204, 304})
_UNASKED = "the server switched protocols without being asked"
_START = b"HTTP/"
_SHOWN = 40


class Conversation(Answer):
    """An answer in HTTP/1.1 or 1.0."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        host: str,
        wire: bytes,
        trace: Trace,
        successor: asyncio.Protocol | None = None,
    ) -> None:
        """Prepare to send `wire` to `host`; `successor` gets the connection when the server switches protocols."""
        super().__init__(loop, host, trace)
        self._wire = wire
        self._successor = successor
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)
        self._size = 0
        self._until_close = False
        self._begun: bytes | None = b""
        self._length: int | None = None
        self.switched = False

    def data_received(self, data: bytes) -> None:
        """Parse what has come."""
        if self.done or self._parser is None:
            return
        self._begin()
        self.received += len(data)
        if self._begun is not None and not self._is_http(data):
            self._wake()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._switch(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            self._fail(Reason.PROTOCOL, f"not HTTP/1.1: {error}")
        if not self.head_done and self.received > LARGEST_HEAD:
            self._fail(Reason.TOO_LARGE, f"headers larger than {LARGEST_HEAD // 1024} KiB")
        if self.head_done and self.received - self._taken > MOST_FRAMING:
            self._stop(f"{MOST_FRAMING // 1024} KiB of chunk framing")
        self._wake()

    def on_status(self, phrase: bytes) -> None:
        """Take a piece of the reason phrase (parser callback)."""
        if not self.head_done:
            self.phrase += phrase

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or a trailer, which only counts (parser callback)."""
        self._size += len(name) + len(value or b"") + 4
        if self._size > LARGEST_HEAD:
            self._fail(Reason.TOO_LARGE, f"headers larger than {LARGEST_HEAD // 1024} KiB")
        elif not self.head_done:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Decide whether this was the head of the answer (parser callback)."""
        if self._parser is None or self.head_done or self._problem is not None:
            return
        self.status = status = self._parser.get_status_code()
        if 100 <= status < 200 and status != _SWITCHED:
            self.headers.clear()
            self.phrase = b""
            self._interim()
            return
        self.version = self._parser.get_http_version()
        if self.version not in ("1.1", "1.0"):
            self._fail(Reason.PROTOCOL, f"HTTP/{self.version} where HTTP/1.1 was asked")
        elif status == _SWITCHED and self._successor is None:
            self._fail(Reason.PROTOCOL, _UNASKED)
        elif not (200 <= status < 600 or status == _SWITCHED):
            self._fail(Reason.PROTOCOL, f"HTTP {status} is not a status code")
        else:
            self._frame()

    def on_body(self, data: bytes) -> None:
        """Keep a piece of the body (parser callback)."""
        if self.head_done and not self.done:
            self._taken += len(data)
            self._chunks.append(data)

    def on_message_complete(self) -> None:
        """End the answer, or an interim one (parser callback)."""
        if self.head_done and self._problem is None:
            self._finish()

    def _is_http(self, data: bytes) -> bool:
        """Look at the first bytes: the parser takes RTSP and ICE for HTTP, and cannot say what else it saw."""
        self._begun = begun = ((self._begun or b"") + data[:LARGEST_HEAD]).lstrip(b"\r\n")
        if not begun.startswith(_START[: len(begun)]):
            self._fail(Reason.PROTOCOL, _stranger(begun))
            return False
        if len(begun) >= len(_START):
            self._begun = None
        return True

    def _switch(self, rest: bytes) -> None:
        """Hand the connection over, and what has come of the new protocol already."""
        if self._successor is None or self._problem is not None or self._transport is None:
            self._fail(Reason.PROTOCOL, _UNASKED)
            return
        transport, self._transport, self._parser = self._transport, None, None
        self.switched = True
        transport.set_protocol(self._successor)
        self._successor.connection_made(transport)
        if rest:
            self._successor.data_received(rest)

    def _frame(self) -> None:
        """Learn how the body ends: RFC 9112 section 6.3."""
        codings = b""
        for name, value in self.headers:
            lower = name.lower()
            if lower == b"content-length":
                self._length = int(value)
            elif lower == b"transfer-encoding":
                codings += b"," + value.lower()
        self.head_done = True
        self._trace.stage = Stage.BODY
        if codings and [word for word in codings.replace(b" ", b"").split(b",") if word] != [b"chunked"]:
            self._fail(Reason.PROTOCOL, "a transfer coding that was not offered")
        self._until_close = self._length is None and not codings
        if self._wire.startswith(b"HEAD ") or self.status in _BODYLESS:
            self._finish()

    def _ask(self, transport: asyncio.Transport) -> None:
        transport.write(self._wire)

    def _forget(self) -> None:
        self._parser = None

    def _ends(self) -> bool:
        return self.head_done and self._until_close

    def _early(self) -> str:
        if not self.head_done:
            return "the connection was closed inside the headers"
        if self._length is None:
            return "the connection was closed inside a chunked body"
        return f"the connection was closed before the {self._length} bytes of the body had come"


def _stranger(begun: bytes) -> str:
    if begun[:2] in (b"\x15\x03", b"\x16\x03"):
        return "not HTTP: the server speaks TLS on this port"
    shown = safe_text(begun.decode("utf-8", "replace") + "…", _SHOWN)  # more of it may be on its way
    return f"not HTTP: the answer begins with {shown}"
