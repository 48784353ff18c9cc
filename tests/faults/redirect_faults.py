"""Redirects that loop, leave the origin, or point where no probe may go."""

from __future__ import annotations

from itertools import count

from tests.faults.http_faults import UP, answer
from tests.faults.server import Call, Fault

OTHER_HOST = "localhost"
"""Another name for the loopback address: another host, as far as a redirect goes."""

FORBIDDEN: dict[str, str] = {
    "to-file": "file:///etc/passwd",
    "to-gopher": "gopher://127.0.0.1:70/1",
    "to-javascript": "javascript:alert(1)",
    "to-data": "data:text/plain,ok",
    "to-metadata": "http://169.254.169.254/latest/meta-data",
    "to-metadata-number": "http://2852039166/latest/meta-data",
    "to-metadata-hex": "http://0xa9fea9fe/latest/meta-data",
    "to-metadata-mapped": "http://[::ffff:169.254.169.254]/latest/meta-data",
    "to-metadata-translated": "http://[::ffff:0:a9fe:a9fe]/latest/meta-data",
    "to-metadata-nat64": "http://[64:ff9b:1::a9fe:a9fe]/latest/meta-data",
    "to-metadata-v6": "http://[fd00:ec2::254]/latest/meta-data",
    "to-metadata-alibaba": "http://100.100.100.200/latest/meta-data",
    "to-link-local-v6": "http://[fe80::1]/",
    "to-link-local-zone": "http://[fe80::1%25lo]/",
    "to-link-local-name": "http://link-local.test/",
    "to-link-local-v6-name": "http://link-local-v6.test/",
    "to-metadata-name": "http://metadata.test/latest/meta-data",
    "to-mixed-name": "http://mixed.test/",
}
"""Redirect faults whose target must be refused before a connection is tried."""

UNUSABLE: dict[str, str] = {
    "to-bad-port": "http://127.0.0.1:99999/",
    "to-negative-port": "http://127.0.0.1:-1/",
    "to-port-zero": "http://127.0.0.1:0/",
    "to-bad-bracket": "http://[::1/",
    "to-empty-host": "http:///x",
}
"""Redirect faults whose target is no address at all, or names nobody."""


_NUMBERS = count(1)


def redirect(location: str | None, status: str = "302 Found") -> bytes:
    """Give a redirect answer; without a location it has no Location header."""
    return answer(b"", *(() if location is None else (f"Location: {location}",)), status=status)


def _fixed(location: str | None, status: str = "302 Found") -> Fault:
    async def serve(call: Call) -> None:
        await call.send(redirect(location, status))
        await call.hold()

    return Fault(serve)


def _to_fault(name: str, path: str = "/", *, host: str | None = None, status: str = "302 Found") -> Fault:
    async def serve(call: Call) -> None:
        await call.send(redirect(call.server.url(name, path, host=host), status))
        await call.hold()

    return Fault(serve)


async def _loop(call: Call) -> None:
    await call.send(redirect(call.target))
    await call.hold()


async def _chain(call: Call) -> None:
    """Count the path down to 0, one redirect each: `/5` needs five redirects."""
    left = int(call.target.strip("/") or 0)
    await call.send(redirect(f"/{left - 1}") if left else answer())
    await call.hold()


async def _unique(call: Call) -> None:
    """Redirect each request to an address never used before, which has much to say in its headers.

    Whoever remembers answers by their final address remembers this server without end.
    """
    if call.target == "/":
        await call.send(redirect(f"/{next(_NUMBERS)}/{'n' * 500}"))
    else:
        await call.send(answer(UP, *(f"X-Much-{i}: {call.target[:8]}{'m' * 1000}" for i in range(40))))
    await call.hold()


async def _bounce(call: Call) -> None:
    """Send `/` to another origin, which sends it back to `/back`."""
    await call.send(answer() if call.target == "/back" else redirect(call.server.url("echo", "/return")))
    await call.hold()


async def _echo(call: Call) -> None:
    """Be the second origin: what it was sent is in `seen`."""
    back = call.target == "/return"
    await call.send(redirect(call.server.url("bounce", "/back")) if back else answer())
    await call.hold()


async def _sign_in(call: Call) -> None:
    await call.send(answer(b"<html><title>Sign in</title><form></form></html>", kind="text/html"))
    await call.hold()


async def _sign_in_json(call: Call) -> None:
    await call.send(answer(UP))
    await call.hold()


REDIRECT_FAULTS: dict[str, Fault] = {
    **{name: _fixed(location) for name, location in (FORBIDDEN | UNUSABLE).items()},
    "to-escape": _fixed("http://127.0.0.1:1/\x1b]52;c;aGFja2Vk\x07"),
    "to-unique": Fault(_unique),
    "redirect-loop": Fault(_loop),
    "redirect-chain": Fault(_chain),
    "redirect-no-location": _fixed(None),
    "redirect-same-origin": Fault(_chain),
    "sign-in": Fault(_sign_in),
    "other-json": Fault(_sign_in_json),
    "to-sign-in": _to_fault("sign-in", host=OTHER_HOST),
    "to-other-json": _to_fault("other-json", host=OTHER_HOST),
    "to-other-port": _to_fault("echo"),
    "to-other-port-307": _to_fault("echo", status="307 Temporary Redirect"),
    "to-other-port-303": _to_fault("echo", status="303 See Other"),
    "to-other-name": _to_fault("echo", host=OTHER_HOST),
    "bounce": Fault(_bounce),
    "echo": Fault(_echo),
}
