"""What h2 is told to take otherwise than it does, and what it has against an answer, in words for people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from h2.connection import ConnectionInputs, H2ConnectionStateMachine
from h2.exceptions import H2Error, InvalidBodyLengthError, NoSuchStreamError, StreamIDTooLowError
from hpack import Decoder, HeaderTuple

if TYPE_CHECKING:
    from h2.events import Event

Headers = list[tuple[bytes, bytes]]

_ENTRY = 32
"""Bytes that a header counts beside name and value (RFC 9113 section 6.5.2)."""
_ADDRESS = re.compile(r":?(?: from)? <[^<>]* at 0x[0-9a-f]+>")
_BLOCK = re.compile(r"(Error decoding header block: [^'\"]+?)(?::| from) b?['\"].*", re.DOTALL)
"""The text of hpack, and behind it all bytes of the block."""
_BYTES = re.compile(r"(?<=[ {])b(?=['\"])")
_SET = re.compile(r"\{([':a-z, ]*)\}$")


class Staying(H2ConnectionStateMachine):
    """Stays open after GOAWAY: a server that drains says it before it answers what it took (RFC 9113 section 6.8)."""

    def process_input(self, input_: ConnectionInputs) -> list[Event]:
        """Pass over GOAWAY."""
        return [] if input_ is ConnectionInputs.RECV_GOAWAY else super().process_input(input_)


class Trimming(Decoder):
    """Takes off the space around a value, which is no part of it (RFC 9110 section 5.5), as HTTP/1.1 does.

    Its `max_header_list_size` is that of all blocks together: interim answers and trailers count too.
    """

    def decode(self, data: bytes, raw: bool = False) -> Iterable[HeaderTuple]:  # noqa: FBT001, FBT002  # theirs
        """Give the headers of a block; those of the protocol itself stay as they are."""
        headers = [
            HeaderTuple(name, value if name.startswith(b":") else value.strip(b" \t"))
            for name, value in super().decode(data, raw)
        ]
        size = sum([_ENTRY + len(name) + len(value) for name, value in headers])
        self.max_header_list_size = max(self.max_header_list_size - size, 1)  # 0 would be without limit
        return headers


def flaw(error: H2Error) -> str:
    """Say what h2 has against an answer, the same each time.

    Its own texts hold Python's writing of bytes and sets, numbers alone, and addresses in memory.
    """
    if isinstance(error, InvalidBodyLengthError):
        return f"content-length says {error.expected_length} bytes, and {error.actual_length} came"
    if isinstance(error, NoSuchStreamError | StreamIDTooLowError):
        return f"a frame on stream {error.stream_id}, where nothing was asked"
    text = str(error)
    if text.startswith("Invalid input"):
        return "a frame where it may not come"
    text = _BYTES.sub("", _ADDRESS.sub("", _BLOCK.sub(r"\1", text)))
    return _SET.sub(lambda found: ", ".join(sorted(found[1].split(", "))), text)
