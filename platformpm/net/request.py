"""A request made ready once for each check: the bytes on the wire, where they go, and what counts as a credential."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

import httpx

from platformpm import __version__
from platformpm.model.check import Check, Instance, TlsSettings
from platformpm.model.secret import Secret
from platformpm.model.status import Reason
from platformpm.net.connect import Target
from platformpm.net.decode import LARGEST_BODY
from platformpm.net.faults import ExchangeError
from platformpm.net.names import authority_of, host_of
from platformpm.net.proxy import proxy_of
from platformpm.net.resolver import LONGEST_TTL, Address, literal

_PORTS = {"http": 80, "https": 443}
_OURS = (
    ("User-Agent", f"platformpm/{__version__}"),
    ("Accept", "*/*"),
    ("Accept-Encoding", "gzip, deflate"),
)
_GRPC = {"content-type": "application/grpc", "te": "trailers"}
_LARGEST_PORT = 65535
_FRAMING = frozenset({"connection", "content-length", "transfer-encoding"})


class Pin(NamedTuple):
    """The one address that stands for a host, wherever a request or its redirects name it."""

    host: str
    address: Address | None


class Speech(StrEnum):
    """What is spoken over a connection; its addresses begin like this, an `s` added with TLS."""

    HTTP = "http"
    WEBSOCKET = "ws"
    GRPC = "grpc"


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """What is asked of one URL. Its `repr` shows nothing: headers, body and wire hold secrets.

    `headers` are the configured ones, authorization included. `address` is `url` as text, `sent` all headers that are
    sent and `wire` the whole request, byte for byte. `tls` holds if this URL, or one it redirects to, is https. Over a
    WebSocket `body` is sent as a message, and with `awaited` the first message of the server is the answer. Of the
    decoded body `cap` bytes are read.
    """

    url: httpx.URL
    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    redirects: int
    tls: TlsSettings
    target: Target
    pin: Pin | None = None
    address: str = ""
    sent: httpx.Headers = field(default_factory=httpx.Headers)
    wire: bytes = b""
    speech: Speech = Speech.HTTP
    awaited: bool = False
    cap: int = LARGEST_BODY


def prepare(
    url: str,
    check: Check,
    credentials: Secret | None = None,
    pin: Pin | None = None,
    cap: int = LARGEST_BODY,
    speech: Speech = Speech.HTTP,
) -> Request:
    """Make the request of a check. `credentials` is `user:password` for basic authentication, `cap` in bytes.

    With `pin` its host is not looked up; the Host header and the name in TLS stay what the URL says.
    Raises `ExchangeError` (`config`) for a URL, method or header that cannot be sent.
    """
    parsed = _parse(url)
    headers = [(name, value.reveal()) for name, value in check.headers]
    if "authorization" not in {name.lower() for name, _ in headers}:
        if check.auth:
            headers.append(("Authorization", check.auth.reveal()))
        elif credentials:
            token = base64.b64encode(credentials.reveal().encode()).decode("ascii")
            headers.append(("Authorization", f"Basic {token}"))
    method = check.method.upper()
    if not method.isascii() or not method.isalpha():
        raise ExchangeError(Reason.CONFIG, "the method is not a word")
    body = check.body.reveal().encode() if check.body else b""
    proxy = proxy_of(check.proxy) if check.proxy else None
    target = Target("", 0, family=check.family, ttl=min(check.interval, LONGEST_TTL), proxy=proxy)
    alpn = ("h2",) if speech is Speech.GRPC else ("h2", "http/1.1") if check.http2 and speech is Speech.HTTP else ()
    tls = replace(check.tls, alpn=alpn) if alpn else check.tls
    draft = Request(parsed, method, (), b"", check.redirects, tls, target, pin, speech=speech, cap=cap)
    return _assemble(draft, tuple(headers), body)


def opening(url: str, check: Check, credentials: Secret | None = None, pin: Pin | None = None) -> Request:
    """Make the request that opens a WebSocket. Raises `ExchangeError` as `prepare` does."""
    asked = replace(check, method="GET", body=check.send)
    request = prepare("http" + url.removeprefix("ws"), asked, credentials, pin, speech=Speech.WEBSOCKET)
    return replace(request, awaited=check.expect.body is not None or bool(check.expect.json))


def calling(
    url: str, message: bytes, check: Check, credentials: Secret | None = None, pin: Pin | None = None
) -> Request:
    """Make the request of a gRPC call: `message` goes to the method that the path of `url` names.

    Raises `ExchangeError` as `prepare` does.
    """
    told = {**_GRPC, "grpc-timeout": f"{max(1, int(check.timeout * 1000))}m"}
    kept = (pair for pair in check.headers if pair[0].lower() not in told)
    headers = (*kept, *((name, Secret(value)) for name, value in told.items()))
    asked = replace(check, method="POST", body=None, redirects=0, headers=headers)
    request = prepare("http" + url.removeprefix("grpc"), asked, credentials, pin, speech=Speech.GRPC)
    return _assemble(request, request.headers, message)


def endpoint(url: str, check: Check, *, secure: bool, port: int = 0) -> Target:
    """Give where a URL that is not HTTP connects to; `port` is that of a URL that names none.

    Raises `ExchangeError` (`config`) when host or port is missing.
    """
    machine = machine_of(url, check)
    port = machine.port or port
    if not 0 < port <= _LARGEST_PORT:
        raise ExchangeError(Reason.CONFIG, "the address needs a host and a port")
    return replace(machine, port=port, tls=check.tls if secure else None)


def machine_of(url: str, check: Check) -> Target:
    """Give the machine that a URL names, with port 0 where it names none. Raises `ExchangeError` (`config`)."""
    try:
        parsed = httpx.URL(url)
        host = host_of(parsed)
    except (httpx.InvalidURL, ValueError):
        raise ExchangeError(Reason.CONFIG, "the address is not a URL") from None
    if not host:
        raise ExchangeError(Reason.CONFIG, "the address names no host")
    ttl = min(check.interval, LONGEST_TTL)
    return Target(host, parsed.port or 0, literal(host), family=check.family, ttl=ttl)


def pin_of(instance: Instance) -> Pin | None:
    """Give the address that an instance is, None where any address of its name will do."""
    if instance.address is None:
        return None
    return Pin(machine_of(instance.url, instance.health).host, literal(instance.address))


def pinned(target: Target, instance: Instance) -> Target:
    """Give the target at the address that an instance is."""
    return target if instance.address is None else replace(target, address=literal(instance.address))


def origin_of(url: httpx.URL) -> tuple[str, str, int]:
    """Give scheme, host and port. Raises `ExchangeError` (`config`) for a host or port that cannot be."""
    port = _PORTS[url.scheme] if url.port is None else url.port
    if not 0 < port <= _LARGEST_PORT:
        raise ExchangeError(Reason.CONFIG, f"{port} is not a port")
    host = host_of(url)
    if "%" in host and ":" not in host:
        raise ExchangeError(Reason.CONFIG, "the host is not a name")
    return url.scheme, host, port


def stripped(request: Request, url: httpx.URL, method: str) -> Request:
    """Give the request for another origin: nothing that was configured goes along, not even the body."""
    tls = request.tls
    bare = TlsSettings(verify=tls.verify, ca_file=tls.ca_file, minimum=tls.minimum, alpn=tls.alpn)
    return _assemble(replace(request, url=url, method=method, tls=bare), (), b"")


def moved(request: Request, url: httpx.URL, method: str) -> Request:
    """Give the request for another address of the same origin.

    A new method drops the body, and the headers that describe it.
    """
    headers, body = request.headers, request.body
    if method != request.method:
        headers = tuple(pair for pair in headers if not pair[0].lower().startswith("content-"))
        body = b""
    return _assemble(replace(request, url=url, method=method), headers, body)


def _assemble(draft: Request, headers: tuple[tuple[str, str], ...], body: bytes) -> Request:
    """Fill in headers, body, target and wire of a draft whose other fields are right."""
    scheme, host, port = origin_of(draft.url)
    tls = draft.tls if scheme == "https" else None
    pinned = draft.pin.address if draft.pin is not None and draft.pin.host == host else None
    target = replace(draft.target, host=host, port=port, address=pinned or literal(host), tls=tls)
    sent = _sent(draft.url, draft.method, headers, len(body))
    path, proxy, told = draft.url.raw_path, target.proxy, list(sent)
    if proxy is not None:
        forward = tls is None and draft.speech is Speech.HTTP
        target = replace(target, proxy=replace(proxy, tunnel=not forward))
        if forward:  # RFC 9112 section 3.2.2
            path = b"http://" + authority_of(draft.url) + path
            told += proxy.headers
    start = b"%b %b HTTP/1.1" % (draft.method.encode(), path)
    wire = b"\r\n".join((start, *(b"%b: %b" % pair for pair in told), b"", body))
    address = draft.speech + str(draft.url).removeprefix("http")
    filled = replace(draft, headers=headers, body=body, target=target, address=address)
    return replace(filled, sent=httpx.Headers(sent), wire=wire)


def _parse(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
        named = parsed.raw_host
    except (httpx.InvalidURL, ValueError):
        raise ExchangeError(Reason.CONFIG, "the address is not a URL") from None
    if parsed.scheme not in _PORTS or not named:  # `host` decodes IDNA, and raises for what IDNA 2008 forbids
        raise ExchangeError(Reason.CONFIG, "the address is not an http or https URL")
    return parsed


def _sent(url: httpx.URL, method: str, headers: Iterable[tuple[str, str]], length: int) -> list[tuple[bytes, bytes]]:
    """Give the headers of a request (RFC 9112); one connection carries one request."""
    configured = [pair for pair in headers if pair[0].lower() not in _FRAMING]
    named = {name.lower() for name, _ in configured}
    host = [] if "host" in named else [(b"Host", authority_of(url))]
    ours = [pair for pair in _OURS if pair[0].lower() not in named]
    sent = host + [(_encode(name, "ascii"), _encode(value, "latin-1")) for name, value in (*ours, *configured)]
    if length or method in ("POST", "PUT", "PATCH"):
        sent.append((b"Content-Length", b"%d" % length))
    sent.append((b"Connection", b"close"))
    for name, value in sent:
        if any(byte in name + value for byte in (b"\r", b"\n", b"\0")):
            raise ExchangeError(Reason.CONFIG, f"the header {name.decode('ascii', 'replace')} holds a line break")
    return sent


def _encode(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode()
