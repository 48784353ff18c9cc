"""One question over HTTP, to its end: redirects, decoding, caps, and one deadline over everything."""

from __future__ import annotations

import asyncio
from math import ceil, inf
from time import monotonic
from typing import cast

import httpx

from platformpm.model.exchange import Certificate, Failure, Response
from platformpm.model.status import Reason
from platformpm.model.text import safe_text
from platformpm.net.decode import Plain, decoder_for
from platformpm.net.faults import ExchangeError
from platformpm.net.guard import Guard
from platformpm.net.proxy import OF_A_PROXY, refusal
from platformpm.net.redirect import FOLLOWED, next_request
from platformpm.net.request import Request
from platformpm.net.trace import Stage, Trace


class Journey:
    """The way of one question through its redirects. Used once."""

    __slots__ = ("_allowed", "_certificate", "_deadline", "_hops", "_request", "_start", "_trace", "_transport")

    def __init__(self, transport: httpx.AsyncBaseTransport, request: Request, deadline: float) -> None:
        """Ask `request` through `transport`; `deadline` is loop time."""
        self._transport = transport
        self._request = request
        self._deadline = deadline
        self._start = monotonic()
        self._allowed = deadline - asyncio.get_running_loop().time()
        self._trace = Trace()
        self._hops: list[str] = []
        self._certificate: Certificate | None = None

    async def run(self) -> Response | Failure:
        """Give what came back. Raises nothing but cancellation."""
        try:
            async with asyncio.timeout_at(self._deadline):
                return await self._follow()
        except TimeoutError:
            return self._failure(*overdue(self._trace, self._allowed, self._request.target.host))
        except ExchangeError as error:
            return self._failure(error.reason, error.detail)

    async def _follow(self) -> Response:
        own = self._request.target.host
        guard: Guard | None = None
        seen = {(self._request.method, self._request.address)} if self._request.redirects else set()
        while True:
            response = await self._send(guard)
            location = self._location(response)
            if location is None:
                return await self._read(response)
            await _body(response).aclose()
            self._advance(response.status_code, location)
            guard = guard or Guard(own)
            target = self._request.target
            guard(target.host, () if target.address is None else (target.address,))
            step = (self._request.method, self._request.address)
            if step in seen:
                raise ExchangeError(Reason.REDIRECT, "the redirects go in a circle")
            seen.add(step)

    async def _send(self, guard: Guard | None) -> httpx.Response:
        prepared = self._request
        self._trace = trace = Trace()
        extensions = {"prepared": prepared, "trace": trace, "deadline": self._deadline, "permit": guard}
        request = httpx.Request(
            prepared.method, prepared.url, headers=prepared.sent, stream=_NO_STREAM, extensions=extensions
        )
        try:
            response = await self._transport.handle_async_request(request)
        finally:
            self._keep(trace.certificate)
        target = prepared.target
        if response.status_code == OF_A_PROXY and target.proxy is not None and not target.proxy.tunnel:
            await _body(response).aclose()
            raise refusal(OF_A_PROXY, target.authority, f"{OF_A_PROXY} {_phrase(response)}".strip())
        return response

    def _keep(self, certificate: Certificate | None) -> None:
        """Remember the certificate that ends first of all that were seen on the way."""
        known = self._certificate
        if certificate is not None and (known is None or _ends(certificate) < _ends(known)):
            self._certificate = certificate

    def _location(self, response: httpx.Response) -> str | None:
        """Give where a redirect leads, None when this answer is the last."""
        if not self._request.redirects or response.status_code not in FOLLOWED:
            return None
        raw = next((value for name, value in response.headers.raw if name.lower() == b"location"), b"")
        return _text(raw) or None

    def _advance(self, status: int, location: str) -> None:
        if len(self._hops) >= self._request.redirects:
            raise ExchangeError(Reason.REDIRECT, f"more than {self._request.redirects} redirects")
        self._hops.append(self._request.address)
        self._request = next_request(self._request, status, location)

    async def _read(self, response: httpx.Response) -> Response:
        headers = tuple([(name.decode("latin-1").lower(), _text(value)) for name, value in response.headers.raw])
        encoding = ",".join([value for name, value in headers if name == "content-encoding"])
        cap = self._request.cap
        decoder = decoder_for(encoding, cap) if encoding else Plain(cap)
        unreadable = decoder if isinstance(decoder, str) else None
        sink, trace = Plain() if isinstance(decoder, str) else decoder, self._trace
        try:
            async for piece in _body(response):
                sink.feed(piece)
                if sink.full:
                    break
            body = b"" if unreadable else sink.finish(cut=bool(trace.cut))
            now = monotonic()
        finally:
            await _body(response).aclose()
        trailers = response.extensions.get("trailers", ())
        if trace.transfer is None:
            trace.transfer = now - trace.first
        return Response(
            url=self._request.address,
            status=response.status_code,
            phrase=_phrase(response),
            headers=headers,
            body=body,
            complete=not (sink.full or trace.cut),
            cut="" if sink.full else trace.cut,
            unreadable=unreadable,
            http_version=response.extensions.get("http_version", "1.1"),
            hops=tuple(self._hops),
            phases=trace.phases(),
            latency=now - self._start,
            certificate=self._certificate,
            trailers=tuple([(name.decode("latin-1"), _text(value)) for name, value in trailers]),
        )

    def _failure(self, reason: Reason, detail: str) -> Failure:
        self._keep(self._trace.certificate)
        return Failure(
            reason=reason,
            detail=safe_text(detail),
            phases=self._trace.phases(),
            latency=monotonic() - self._start,
            certificate=self._certificate,
            url=self._request.address,
            hops=tuple(self._hops),
        )


def _body(response: httpx.Response) -> httpx.AsyncByteStream:
    """Give the stream itself: closing it through the response costs a context manager."""
    return cast("httpx.AsyncByteStream", response.stream)


_NO_STREAM = httpx.ByteStream(b"")


def _ends(certificate: Certificate) -> float:
    return inf if certificate.not_after is None else certificate.not_after


def spelled(allowed: float) -> str:
    """Give the seconds that were allowed as they were meant: some milliseconds of them passed on the way here."""
    allowed = max(allowed, 0.0)
    for step in (1.0, 0.5, 0.1, 0.05):
        meant = ceil(round(allowed / step, 6)) * step
        if meant - allowed <= max(0.015, allowed * 0.02):
            return f"{round(meant, 2):g} s"
    return f"{round(allowed, 2):g} s"


def overdue(trace: Trace, allowed: float, host: str) -> tuple[Reason, str]:
    """Give the reason and the detail of an exchange that the deadline ended; `allowed` is seconds."""
    if trace.verdict is not None:
        return trace.verdict
    if trace.via:
        return Reason.PROXY, f"no connection to the proxy {trace.peer or trace.via} within {spelled(allowed)}"
    reason, seen = {
        Stage.DNS: (Reason.DNS, f"no address for {host}"),
        Stage.CONNECT: (Reason.TIMEOUT_CONNECT, f"no connection to {trace.peer}"),
        Stage.TUNNEL: (Reason.TIMEOUT_CONNECT, f"no connection through the proxy {trace.peer}"),
        Stage.PROXY_HEAD: (Reason.PROXY, f"the proxy {trace.peer} began its answer and did not end it"),
        Stage.TLS: (Reason.TIMEOUT_TLS, f"no TLS handshake with {trace.peer}"),
        Stage.RESPONSE: (Reason.TIMEOUT_RESPONSE, "the headers did not end" if trace.first else "no answer"),
        Stage.ANSWER: (Reason.TIMEOUT_RESPONSE, "the answer did not end" if trace.first else "no answer"),
        Stage.MESSAGE: (Reason.TIMEOUT_RESPONSE, "no message"),
        Stage.BODY: (Reason.TIMEOUT_BODY, "the body did not end"),
    }[trace.stage]
    if trace.interim and trace.stage is Stage.RESPONSE:
        seen = f"only {trace.interim} interim answer{'' if trace.interim == 1 else 's'}"
    if trace.strays and trace.stage is Stage.ANSWER and not trace.first:
        others = ", ".join(f"{number} {kind}" for kind, number in trace.strays.items())
        seen = f"no answer to this question (but {others})"
    return reason, f"{seen} within {spelled(allowed)}"


def _phrase(response: httpx.Response) -> str:
    return safe_text(_text(response.extensions.get("reason_phrase", b"")), 80)


def _text(raw: bytes) -> str:
    """Decode a header: UTF-8 where it is that, else the Latin-1 of RFC 9110 section 5.5."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
