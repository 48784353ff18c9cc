"""HTTP/2 behind httpx's interface (RFC 9113): one connection with one stream for each request."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    InformationalResponseReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import DenialOfServiceError, H2Error
from h2.settings import SettingCodes, Settings

from platformpm.model.status import Reason
from platformpm.model.text import safe_text
from platformpm.net.answer import LARGEST_HEAD, MOST_FRAMING, Answer, Heard
from platformpm.net.conversation import Conversation
from platformpm.net.http2_frames import Frames
from platformpm.net.http2_rules import Headers, Staying, Trimming, flaw
from platformpm.net.names import authority_of
from platformpm.net.request import Request, Speech
from platformpm.net.trace import Stage, Trace
from platformpm.net.transport import Body, ProbeTransport, answered

if TYPE_CHECKING:
    import httpx

MOST_PIECES = 2048
"""Frames of a body, 20 ms of work: in ones of a byte, a body of a megabyte would cost half a minute."""

_WINDOW = 2 * 1024 * 1024
"""Bytes that the server may send without being asked for more: twice what is read of a body."""
_SLICE = 4096
"""Bytes parsed at a time, so that a flood of tiny frames is noticed before all of it was answered."""
_SETTINGS = 4
"""Type of the frame with which a server begins (RFC 9113 section 3.4)."""
_PREFIX = 3
"""Bytes of a frame before its type."""
_STREAM = 1
_STATUS = re.compile(rb"[2-5]\d\d")
_SHOWN = 40
_NOT_IN_HTTP2 = frozenset(
    {b"connection", b"host", b"keep-alive", b"proxy-connection", b"te", b"transfer-encoding", b"upgrade"}
)
"""Headers about the connection, which HTTP/2 does not have (RFC 9113 section 8.2.2), or tells otherwise."""


class Http2Transport(ProbeTransport):
    """Speaks HTTP/2 where TLS settles on it; without TLS, and where the server does not know it, HTTP/1.1.

    gRPC is always HTTP/2.
    """

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and give its answer once the head is complete. Raises `ExchangeError`."""
        prepared: Request = request.extensions["prepared"]
        negotiated = Negotiated(asyncio.get_running_loop(), prepared, request.extensions["trace"])
        await self.begin(negotiated, request)
        return answered(negotiated.answer, Body(negotiated.answer))


class Negotiated(Heard):
    """Looks at what the handshake settled on, and hands the connection to who speaks it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, request: Request, trace: Trace) -> None:
        """Prepare for both."""
        self._loop = loop
        self._request = request
        self._trace = trace
        self.answer: Answer = Http2Answer(loop, request, trace)

    @property
    def silent(self) -> bool:
        """Tell whether nothing at all has come."""
        return self.answer.silent

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Choose."""
        request = self._request
        if request.speech is not Speech.GRPC and _agreed(transport) != "h2":
            self.answer = Conversation(self._loop, request.target.host, request.wire, self._trace)
        transport.set_protocol(self.answer)
        self.answer.connection_made(transport)

    async def head(self) -> None:
        """Wait until the head of the answer is complete. Raises `ExchangeError`."""
        await self.answer.head()

    def close(self) -> None:
        """Drop the connection."""
        self.answer.close()


class Http2Answer(Answer):
    """An answer on the only stream of its connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop, request: Request, trace: Trace) -> None:
        """Prepare to send `request`."""
        super().__init__(loop, request.target.host, trace)
        self._request = request
        self._unsent = request.body
        self._frames: H2Connection | None = None
        self._begun = b""
        self._pieces = 0
        self._heads = Frames()
        self.version = "2"

    def data_received(self, data: bytes) -> None:
        """Parse what has come."""
        frames = self._frames
        if self.done or self._problem is not None or frames is None:
            return
        self.received += len(data)
        if len(self._begun) <= _PREFIX and not self._is_http2(data):
            self._wake()
            return
        try:
            for start in range(0, len(data), _SLICE):
                piece = data[start : start + _SLICE]
                for event in frames.receive_data(piece):
                    self._hear(event)
                self._heads.feed(piece)
                if (wrong := self._heads.flaw()) is not None:
                    self._fail(*wrong)
                if self.done or self._problem is not None:
                    break
            else:
                self._send(frames)
        except DenialOfServiceError:
            self._fail(Reason.TOO_LARGE, f"headers larger than {LARGEST_HEAD // 1024} KiB")
        except H2Error as error:
            self._fail(Reason.PROTOCOL, f"not HTTP/2: {flaw(error)}")
        if self.received - self._taken > MOST_FRAMING:
            self._stop(f"{MOST_FRAMING // 1024} KiB of frames")
        self._wake()

    def _ask(self, transport: asyncio.Transport) -> None:
        if _agreed(transport) not in ("h2", None):
            self._fail(Reason.PROTOCOL, "the server does not speak HTTP/2 here, which gRPC needs")
            return
        configuration = H2Configuration(client_side=True, header_encoding=None)
        self._frames = frames = H2Connection(configuration)
        frames.state_machine = Staying()
        frames.decoder = Trimming(max_header_list_size=LARGEST_HEAD)
        try:
            frames.local_settings = Settings(
                client=True,
                initial_values={SettingCodes.ENABLE_PUSH: 0, SettingCodes.MAX_HEADER_LIST_SIZE: LARGEST_HEAD},
            )
            frames.initiate_connection()
            frames.increment_flow_control_window(_WINDOW)
            frames.send_headers(_STREAM, _headers(self._request), end_stream=not self._unsent)
            frames.increment_flow_control_window(_WINDOW, _STREAM)
            self._send(frames)
        except H2Error as error:
            self._fail(Reason.CONFIG, f"the request cannot be sent over HTTP/2: {error}")

    def _send(self, frames: H2Connection) -> None:
        """Send what there is to say, of the body as much as the server takes."""
        while self._unsent:
            room = min(frames.local_flow_control_window(_STREAM), frames.max_outbound_frame_size)
            if room <= 0:
                break
            piece, self._unsent = self._unsent[:room], self._unsent[room:]
            frames.send_data(_STREAM, piece, end_stream=not self._unsent)
        if self._transport is not None and (data := frames.data_to_send()):
            self._transport.write(data)

    def _hear(self, event: Event) -> None:
        match event:
            case DataReceived():
                self._pieces += 1
                self._taken += len(event.data)
                self._chunks.append(event.data)
                if self._pieces > MOST_PIECES:
                    self._stop(f"{MOST_PIECES} frames")
            case ResponseReceived():
                self._begin()
                self._take_head(event.headers)
            case TrailersReceived():
                self.trailers += event.headers
            case StreamEnded():
                self._finish()
            case InformationalResponseReceived():
                self._interim()
            case StreamReset():
                self._break(event.error_code, "the server broke off the answer")
            case ConnectionTerminated() if event.error_code != ErrorCodes.NO_ERROR or not event.last_stream_id:
                self._break(event.error_code, "the server ended the connection")

    def _take_head(self, headers: Headers) -> None:
        status = next((value for name, value in headers if name == b":status"), b"")
        if not _STATUS.fullmatch(status):
            self._fail(Reason.PROTOCOL, f"HTTP {safe_text(status.decode('latin-1'), 10)} is not a status code")
            return
        self.status = int(status)
        self.headers = [(name, value) for name, value in headers if not name.startswith(b":")]
        self.head_done = True
        self._trace.stage = Stage.BODY

    def _break(self, code: ErrorCodes | int | None, seen: str) -> None:
        name = code.name if isinstance(code, ErrorCodes) else f"error {code}"
        self._fail(Reason.RESET, f"{seen}: {name.replace('_', ' ').lower()}")

    def _is_http2(self, data: bytes) -> bool:
        """Look at the first frame: the parser tells of any other protocol as of a frame that is too long."""
        self._begun += data[:_SHOWN]
        if len(self._begun) <= _PREFIX or self._begun[_PREFIX] == _SETTINGS:
            return True
        shown = safe_text(self._begun.decode("utf-8", "replace") + "…", _SHOWN)
        self._fail(Reason.PROTOCOL, f"not HTTP/2: the answer begins with {shown}")
        return False

    def _end(self, exc: Exception | None) -> None:
        begun = self._begun
        if 0 < len(begun) <= _PREFIX and (exc is None or isinstance(exc, ConnectionError)):
            shown = safe_text(begun.decode("utf-8", "replace"))
            self._fail(Reason.PROTOCOL, f"not HTTP/2: the answer ended after {len(begun)} bytes: {shown}")
            self._wake()
        super()._end(exc)

    def _early(self) -> str:
        return "the connection was closed inside the body"

    def _forget(self) -> None:
        frames, self._frames = self._frames, None
        if frames is not None:
            vars(frames).clear()  # it refers to itself, and would wait for the collector


def _agreed(transport: asyncio.BaseTransport) -> str | None:
    """Give the protocol that the TLS handshake settled on, empty where it is none, and None without TLS."""
    secured = transport.get_extra_info("ssl_object")
    return None if secured is None else secured.selected_alpn_protocol() or ""


def _headers(request: Request) -> Headers:
    """Give the headers of a request with the pseudo-headers (RFC 9113 section 8.3.1)."""
    url, sent = request.url, [(name.lower(), value) for name, value in request.sent.raw]
    authority = next((value for name, value in sent if name == b"host"), authority_of(url))
    return [
        (b":method", request.method.encode()),
        (b":authority", authority),
        (b":scheme", url.raw_scheme),
        (b":path", url.raw_path),
        *(pair for pair in sent if pair[0] not in _NOT_IN_HTTP2 or pair == (b"te", b"trailers")),
    ]
