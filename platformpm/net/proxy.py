"""Asking through an HTTP proxy: where it is, and the way through it (CONNECT, RFC 9110 section 9.3.6)."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

import httpx

from platformpm.model.secret import Secret
from platformpm.model.status import Reason
from platformpm.model.text import safe_text
from platformpm.net.answer import MOST_INTERIM
from platformpm.net.faults import ExchangeError
from platformpm.net.names import host_of
from platformpm.net.raw import Connection
from platformpm.net.resolver import Address, literal
from platformpm.net.trace import Stage, Trace

OF_A_PROXY = 407
"""The code that a proxy alone may answer with: it wants to know who asks (RFC 9110 section 15.5.8)."""
_LARGEST_HEAD = 16 * 1024
"""Bytes of the answer to CONNECT."""
_STATUS = re.compile(rb"HTTP/1\.[01] (([1-5]\d\d)(?: [^\r\n]*)?)\r?\n")
_SHOWN = 40
_REASONS = {
    401: Reason.UNAUTHORIZED,
    403: Reason.UNAUTHORIZED,
    407: Reason.UNAUTHORIZED,
    429: Reason.RATE_LIMITED,
    500: Reason.UNREACHABLE,
    502: Reason.UNREACHABLE,
    503: Reason.UNREACHABLE,
    504: Reason.UNREACHABLE,
}
"""What a refusal means: the last four are how proxies tell that they cannot reach the target, tinyproxy with 500."""


@dataclass(frozen=True, slots=True, repr=False)
class Proxy:
    """An HTTP proxy. Its `repr` shows nothing: `authorization` is a secret. With `tunnel` it is asked to connect."""

    host: str
    port: int
    address: Address | None = None
    authorization: bytes = b""
    tunnel: bool = True

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Give what only the proxy is told."""
        return [(b"Proxy-Authorization", self.authorization)] if self.authorization else []


def proxy_of(url: Secret) -> Proxy:
    """Give the proxy that a URL names. Raises `ExchangeError` (`config`)."""
    try:
        parsed = httpx.URL(url.reveal())
        host = host_of(parsed)
    except (httpx.InvalidURL, ValueError):
        raise ExchangeError(Reason.CONFIG, "the proxy is not a URL") from None
    if parsed.scheme != "http" or not host:
        raise ExchangeError(Reason.CONFIG, "the proxy is not an http URL")
    user = f"{parsed.username}:{parsed.password}" if parsed.userinfo else ""
    authorization = b"Basic " + base64.b64encode(user.encode()) if user else b""
    return Proxy(host, parsed.port or 80, literal(host), authorization)


async def connect_through(line: Connection, proxy: Proxy, target: str, trace: Trace) -> bytes:
    """Let the proxy connect to `target`, `host:port`; give what came behind its answer. Raises `ExchangeError`.

    The stage of `trace` says at each moment whether the proxy is silent or in the middle of its answer.
    """
    headers = (b"Host: " + target.encode(), *(b"%b: %b" % pair for pair in proxy.headers))
    line.send(b"\r\n".join((b"CONNECT %b HTTP/1.1" % target.encode(), *headers, b"", b"")))
    head = bytearray()
    for _ in range(MOST_INTERIM + 1):
        end = await _read_head(line, head, trace)
        status = _STATUS.match(head)
        if status is None:
            raise ExchangeError(Reason.PROXY, f"the proxy does not speak HTTP{_begun(head)}")
        if status[2].startswith(b"2"):
            return bytes(head[end + 4 :])
        if not status[2].startswith(b"1") or status[2] == b"101":
            raise refusal(int(status[2]), target, status[1].decode("utf-8", "replace"))
        del head[: end + 4]  # interim: the answer is yet to come (RFC 9110 section 15.2)
    raise ExchangeError(Reason.PROXY, f"the proxy: more than {MOST_INTERIM} interim answers")


async def _read_head(line: Connection, head: bytearray, trace: Trace) -> int:
    """Read until the head is whole; give where it ends, or -1 as soon as it is no HTTP. Raises `ExchangeError`."""
    while b"HTTP/1.".startswith(head[:7]):
        end, bare = head.find(b"\r\n\r\n"), head.find(b"\n\n")
        if bare >= 0 and not 0 <= end < bare:
            raise ExchangeError(Reason.PROXY, f"the proxy ends the lines of its answer with LF, not CRLF{_begun(head)}")
        if end >= 0:
            return end
        if len(head) > _LARGEST_HEAD:
            raise ExchangeError(Reason.PROXY, f"the proxy: headers larger than {_LARGEST_HEAD // 1024} KiB")
        trace.stage = Stage.PROXY_HEAD if head else Stage.TUNNEL
        try:
            piece = await line.receive()
        except ExchangeError as error:
            raise ExchangeError(Reason.PROXY, f"the proxy: {error.detail}") from None
        if not piece:
            raise ExchangeError(Reason.PROXY, f"the proxy closed the connection without an answer{_begun(head)}")
        head += piece
    return -1


def refusal(status: int, target: str, said: str) -> ExchangeError:
    """Say what a proxy has against connecting to `target`, `host:port`; `said` is the code and words of its answer."""
    reason = _REASONS.get(status, Reason.PROXY)
    seen = (
        "cannot reach"
        if reason is Reason.UNREACHABLE
        else "wants credentials for"
        if status == OF_A_PROXY
        else "refuses"
    )
    return ExchangeError(reason, f"the proxy {seen} {target}: HTTP {said}")


def in_clear(rest: bytes) -> ExchangeError:
    """Say that `rest` came behind the answer to CONNECT before TLS began, in which a server never speaks first.

    Nobody can tell whether the proxy said it or the target, and a target that is wrong must not hide behind a proxy.
    """
    return ExchangeError(Reason.TLS_PROTOCOL, f"behind the proxy's answer came {_shown(rest)} in place of TLS")


def _begun(head: bytearray) -> str:
    return f": the answer begins with {shown}" if (shown := _shown(head)) else ""


def _shown(said: bytes | bytearray) -> str:
    return safe_text(said.decode("utf-8", "replace") + "…", _SHOWN) if said else ""
