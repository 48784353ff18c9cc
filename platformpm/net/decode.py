"""Content codings: one layer, never more than the cap, whatever the compressed body claims."""

from __future__ import annotations

import zlib
from typing import Protocol

from platformpm.model.status import Reason
from platformpm.net.faults import ExchangeError

LARGEST_BODY = 1024 * 1024
"""Bytes of a decoded body that are kept; reading stops there."""

_GZIP = 31
_RAW = -zlib.MAX_WBITS


class Decoder(Protocol):
    """Collects a body."""

    @property
    def full(self) -> bool:
        """Tell whether the cap is reached."""

    def feed(self, data: bytes) -> None:
        """Take a piece. Raises `ExchangeError`."""

    def finish(self, *, cut: bool = False) -> bytes:
        """Give the body, or with `cut` the part that was read. Raises `ExchangeError` when it ends too early."""


class Plain:
    """Collects a body that is not encoded."""

    def __init__(self, cap: int = LARGEST_BODY) -> None:
        """Keep at most `cap` bytes."""
        self.full = False
        self._cap = cap
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        """Take a piece."""
        self._size += len(data)
        if self._size > self._cap:
            self.full = True
            data = data[: len(data) - (self._size - self._cap)]
            self._size = self._cap
        self._pieces.append(data)

    def finish(self, *, cut: bool = False) -> bytes:  # noqa: ARG002  # any part of it can be read
        """Give what was collected."""
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)


class Compressed:
    """Unpacks gzip (RFC 1952, in one or more members) or deflate (RFC 1950, or the bare RFC 1951 many servers send)."""

    def __init__(self, coding: str, cap: int = LARGEST_BODY) -> None:
        """Unpack `gzip` or `deflate` to at most `cap` bytes."""
        self._coding = coding
        self._out = Plain(cap)
        self._left = cap
        self._taken = 0
        self._cap = cap
        self._engine: zlib._Decompress | None = None

    @property
    def full(self) -> bool:
        """Tell whether the cap is reached, unpacked or as it came."""
        return self._out.full or self._taken > self._cap

    def feed(self, data: bytes) -> None:
        """Take a compressed piece."""
        self._taken += len(data)
        try:
            while data and not self._out.full:
                data = self._unpack(data)
        except zlib.error:
            raise ExchangeError(Reason.PROTOCOL, f"the {self._coding} body is damaged") from None

    def finish(self, *, cut: bool = False) -> bytes:
        """Give the unpacked body."""
        if self._engine is not None and not (self._engine.eof or self.full or cut):
            raise ExchangeError(Reason.PROTOCOL, f"the {self._coding} body is cut short")
        return self._out.finish()

    def _unpack(self, data: bytes) -> bytes:
        """Unpack one piece and give what is left of it: after a member the next one, or nothing."""
        if self._engine is None or self._engine.eof:
            if self._engine is not None and not (self._coding == "gzip" and data.startswith(b"\x1f\x8b")):
                return b""
            self._engine = zlib.decompressobj(_GZIP if self._coding == "gzip" else _window(data))
        out = self._engine.decompress(data, self._left + 1)
        self._left -= min(len(out), self._left)
        self._out.feed(out)
        return self._engine.unused_data if self._engine.eof else self._engine.unconsumed_tail


def decoder_for(content_encoding: str, cap: int = LARGEST_BODY) -> Decoder | str:
    """Give the decoder for a Content-Encoding header, of `cap` bytes, or why the body cannot be read."""
    codings = [word for part in content_encoding.split(",") if (word := part.strip().lower()) not in ("", "identity")]
    if not codings:
        return Plain(cap)
    if len(codings) > 1:
        return f"the body is encoded {len(codings)} times over"
    coding = codings[0].removeprefix("x-")
    if coding not in ("gzip", "deflate"):
        return f"the body is encoded as {codings[0]}, which was not offered"
    return Compressed(coding, cap)


def _window(data: bytes) -> int:
    """Tell a zlib header (RFC 1950 section 2.2) from a bare deflate stream."""
    if data[0] & 0x0F == 8 and (len(data) < 2 or (data[0] << 8 | data[1]) % 31 == 0):
        return zlib.MAX_WBITS
    return _RAW
