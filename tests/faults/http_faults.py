"""HTTP answers that are late, endless, or not HTTP: everything about time, framing and the status line."""

from __future__ import annotations

import asyncio

from tests.faults.server import Call, Fault

UP = b'{"status":"UP"}'
OK = b"HTTP/1.1 200 OK\r\n"
END = b"\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
OSC52 = b"\x1b]52;c;aGFja2Vk\x07\x1b[2J"
_FILL = b"x" * (1 << 16)


def answer(body: bytes = UP, *headers: str, status: str = "200 OK", kind: str = "application/json") -> bytes:
    """Give a well-made HTTP/1.1 answer with a Content-Length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


_WORDY = b'{"status":"UP","note":"%s"}' % (b"n" * 10_000)

# Sent after the request was read; the connection then stays open, as that of any keep-alive server.
STATIC_OPEN: dict[str, bytes] = {
    "healthy": answer(),
    "healthy-text": answer(b"hello, all is well", kind="text/plain"),
    "early-hints": b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 3 + answer(),
    "short-length": answer() + b"left over" * 50,
    "body-after-close": answer(UP, "Connection: close") + b"left over" * 50,
    "two-responses": answer() + answer(b"{}", status="500 Oops"),
    "byte-by-byte": CHUNKED + b"".join(b"1\r\n%c\r\n" % byte for byte in _WORDY) + b"0\r\n\r\n",
    "upgrade-offered": answer(UP, "Upgrade: h2,h2c", "Connection: Upgrade"),
    "no-reason-phrase": b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    "headers-10000": OK + b"".join(b"X-%05d: %s\r\n" % (i, b"v" * 24) for i in range(10_000)) + b"\r\n",
    "headers-4mb": OK + b"X-Huge: " + b"h" * (4 << 20) + b"\r\nContent-Length: 0\r\n\r\n",
    "no-colon": OK + b"This line has no colon\r\nContent-Length: 0\r\n\r\n",
    "space-before-colon": OK + b"Content-Length : 0\r\n\r\n",
    "nul-in-header": OK + b"X-A: a\0b\r\nContent-Length: 0\r\n\r\n",
    "double-length": OK + b"Content-Length: 15\r\nContent-Length: 3\r\n\r\n" + UP,
    "length-and-chunked": OK + b"Content-Length: 15\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n" + UP + b"\r\n0\r\n\r\n",
    "negative-length": OK + b"Content-Length: -5\r\n\r\n" + UP,
    "huge-length-digits": OK + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n" + UP,
    "bad-chunk-size": CHUNKED + b"zz\r\n" + UP + b"\r\n0\r\n\r\n",
    "chunk-overflow": CHUNKED + b"f" * 40 + b"\r\n" + UP,
    "bare-lf": OK.replace(b"\r", b"") + b"Content-Length: 15\n\n" + UP,
    "obs-fold": OK + b"X-Folded: one\r\n two\r\nContent-Length: 15\r\n\r\n" + UP,
    "status-999": answer(UP, status="999 Request denied"),
    "status-000": answer(UP, status="000 Nothing"),
    "status-2000": answer(UP, status="2000 OK"),
    "version-37": answer().replace(b"HTTP/1.1", b"HTTP/3.7"),
    "escape-in-phrase": answer(b"", status="503 " + (OSC52 + b" gone").decode("latin-1")),
    "escape-in-good-phrase": answer(UP, status="200 " + OSC52.decode("latin-1")),
    "switching-protocols": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    "no-content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "not-modified": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n",
    "unauthorized": answer(b"{}", 'WWW-Authenticate: Basic realm="x"', status="401 Unauthorized"),
    "forbidden": answer(b"{}", status="403 Forbidden"),
    "proxy-auth": answer(b"{}", status="407 Proxy Authentication Required"),
    "rate-limited": answer(b"{}", "Retry-After: 30", status="429 Too Many Requests"),
    "not-found": answer(b"nope", status="404 Not Found", kind="text/plain"),
    "unavailable": answer(b"down for now", status="503 Service Unavailable", kind="text/plain"),
}

# Sent after the request was read; then an orderly end of the connection.
STATIC_CLOSE: dict[str, bytes] = {
    "old-http-10": b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + UP,
    "empty-close": OK + b"Connection: close\r\n\r\n",
    "long-length": OK + b"Content-Length: 500\r\n\r\n" + UP,
    "missing-last-chunk": CHUNKED + b"f\r\n" + UP + b"\r\n",
    "cut-in-chunk": CHUNKED + b"ff\r\n" + UP,
    "cut-in-status-line": b"HTTP/1.1 20",
    "cut-in-headers": OK + b"Content-Type: appl",
    "http-09": b"<html><body>It works!</body></html>\n",
    "garbage": bytes(range(256)) * 8,
    "ssh-banner": b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
    "rtsp": answer().replace(b"HTTP/1.1", b"RTSP/1.0"),
    "ice": answer().replace(b"HTTP/1.1", b"ICE/1.1"),
    "http-2-settings": b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64",
    "tls-alert-record": b"\x15\x03\x01\x00\x02\x02\x28",
    "smtp-banner": b"220 mail.test ESMTP \x1b[31mred\r\n",
}


def static(data: bytes, *, close: bool) -> Fault:
    """Give a fault that sends fixed bytes."""

    async def serve(call: Call) -> None:
        await call.send(data)
        if not close:
            await call.hold()

    return Fault(serve)


async def silence(call: Call) -> None:
    """Accept, then nothing."""
    await call.hold()


async def half_status_line(call: Call) -> None:
    """Begin to answer, then nothing."""
    await call.send(b"HTTP/1.1 2")
    await call.hold()


async def header_drip(call: Call) -> None:
    """Send the head one byte at a time: each byte would renew a timeout that is not a total one."""
    await call.send(OK + b"X-Slow: ")
    await call.drip(b"a")


async def body_drip(call: Call) -> None:
    """Send a promised body one byte at a time."""
    await call.send(OK + b"Content-Length: 1000\r\n\r\n")
    await call.drip(b"a")


async def informational_drip(call: Call) -> None:
    """Promise an answer again and again."""
    await call.drip(b"HTTP/1.1 102 Processing\r\n\r\n")


async def informational_flood(call: Call) -> None:
    """Promise an answer as fast as the line takes it."""
    await call.flood(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100)


async def infinite_body(call: Call) -> None:
    """Send a body that never ends, delimited by a close that never comes."""
    await call.send(OK + END)
    await call.flood(_FILL)


async def infinite_json(call: Call) -> None:
    """Send what begins like a healthy document and never ends."""
    await call.send(OK + b'Content-Type: application/json\r\n\r\n{"status":"UP","x":"')
    await call.flood(_FILL)


async def infinite_chunked(call: Call) -> None:
    """Send chunks without end."""
    await call.send(CHUNKED)
    await call.flood(b"%x\r\n%s\r\n" % (len(_FILL), _FILL))


async def chunk_extension_flood(call: Call) -> None:
    """Send one chunk size line without end: not one byte of body ever arrives."""
    await call.send(CHUNKED + b"5;")
    await call.flood(_FILL)


async def trailer_flood(call: Call) -> None:
    """End the body at once, then send trailers without end."""
    await call.send(CHUNKED + b"f\r\n" + UP + b"\r\n0\r\n")
    await call.flood(b"X-Trailer: abcdefgh\r\n" * 1000)


async def header_flood(call: Call) -> None:
    """Send headers without end."""
    await call.send(OK)
    await call.flood(b"X-More: abcdefgh\r\n" * 1000)


async def endless_phrase(call: Call) -> None:
    """Send a reason phrase without end."""
    await call.send(b"HTTP/1.1 200 ")
    await call.flood(b"All right " * 6000)


async def leading_newlines(call: Call) -> None:
    """Send the empty lines that a reader may skip before a status line, and nothing else."""
    await call.flood(b"\r\n" * 30_000)


async def chunks_of_one(call: Call) -> None:
    """Send chunks of one byte without end: six bytes on the wire for each."""
    await call.send(CHUNKED)
    await call.flood(b"1\r\nx\r\n" * 10_000)


async def endless_gzip_header(call: Call) -> None:
    """Send a gzip body whose file name never ends: bytes go in, none come out."""
    await call.send(OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\x03")
    await call.flood(_FILL)


async def reset_mid_body(call: Call) -> None:
    """Reset the connection in the middle of the body."""
    await call.send(OK + b"Content-Length: 1000\r\n\r\nfirst part")
    await asyncio.sleep(0.05)
    call.reset()


async def reset_on_accept(call: Call) -> None:
    """Reset the connection as soon as it stands."""
    call.reset()


async def reset_after_request(call: Call) -> None:
    """Read the request, then reset."""
    call.reset()


async def close_silently(call: Call) -> None:
    """Close without a byte."""
    call.writer.close()


async def slow_first_byte(call: Call) -> None:
    """Answer well, after 0.2 s."""
    await asyncio.sleep(0.2)
    await call.send(answer())
    await call.hold()


async def head_only(call: Call) -> None:
    """Answer HEAD as the RFC asks: the length of a body that does not follow."""
    body = b"" if call.method == "HEAD" else b"z" * 500
    await call.send(OK + b"Content-Length: 500\r\n\r\n" + body)
    await call.hold()


HTTP_FAULTS: dict[str, Fault] = {
    **{name: static(data, close=False) for name, data in STATIC_OPEN.items()},
    **{name: static(data, close=True) for name, data in STATIC_CLOSE.items()},
    "silence": Fault(silence, reads=False),
    "half-status-line": Fault(half_status_line),
    "header-drip": Fault(header_drip),
    "body-drip": Fault(body_drip),
    "informational-drip": Fault(informational_drip),
    "informational-flood": Fault(informational_flood),
    "infinite-body": Fault(infinite_body),
    "infinite-json": Fault(infinite_json),
    "infinite-chunked": Fault(infinite_chunked),
    "chunk-extension-flood": Fault(chunk_extension_flood),
    "trailer-flood": Fault(trailer_flood),
    "header-flood": Fault(header_flood),
    "endless-phrase": Fault(endless_phrase),
    "leading-newlines": Fault(leading_newlines),
    "chunks-of-one": Fault(chunks_of_one),
    "gzip-endless-header": Fault(endless_gzip_header),
    "reset-mid-body": Fault(reset_mid_body),
    "reset-on-accept": Fault(reset_on_accept, reads=False),
    "reset-after-request": Fault(reset_after_request),
    "close-on-accept": Fault(close_silently, reads=False),
    "close-after-request": Fault(close_silently),
    "slow-first-byte": Fault(slow_first_byte),
    "head-only": Fault(head_only),
    "ipv6": Fault(static(answer(), close=False).serve, host="::1"),
}
