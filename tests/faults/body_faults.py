"""HTTP answers that are well framed and whose bodies attack: bombs, broken encodings, hostile JSON."""

from __future__ import annotations

import gzip
import json
import zlib

from tests.faults.http_faults import UP, answer, static
from tests.faults.server import Call, Fault

_BOMB_PIECE = 10 << 20
_BOMB_PIECES = 103


def gzip_bomb() -> bytes:
    """Give about 1 MB that decodes to 1 GB of zeros.

    A full flush makes a deflate block independent of those before it, so one compressed piece is repeated; the
    trailer is missing, which nobody notices who stops at a cap.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = packer.compress(b"\0") + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(b"\0" * _BOMB_PIECE) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + piece * _BOMB_PIECES


def _raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(body) + packer.flush()


def encoded(body: bytes, coding: str) -> bytes:
    """Give an answer that names `coding` for an already encoded body."""
    return answer(body, f"Content-Encoding: {coding}")


_ZIPPED = gzip.compress(UP)
_LONG_ZIP = gzip.compress(json.dumps({"status": "UP", "items": list(range(5000))}).encode())

HOSTILE_NAMES = "\u202egnp.exe", "\x1b]52;c;aGFja2Vk\x07", "\x9b31m", "a\0b", "[@click=app.quit]x[/]", "zero\u200bwidth"


def _components(names: tuple[str, ...]) -> bytes:
    parts = {name: {"status": "DOWN"} for name in names}
    return json.dumps({"status": "DOWN", "components": parts}).encode()


STATIC_BODIES: dict[str, bytes] = {
    "gzip-good": encoded(_ZIPPED, "gzip"),
    "gzip-nested": encoded(gzip.compress(_ZIPPED), "gzip, gzip"),
    "gzip-truncated": encoded(_LONG_ZIP[: len(_LONG_ZIP) // 2], "gzip"),
    "gzip-corrupt": encoded(_LONG_ZIP[:40] + bytes(200) + _LONG_ZIP[240:], "gzip"),
    "gzip-not-gzip": encoded(UP, "gzip"),
    "gzip-empty": encoded(b"", "gzip"),
    "gzip-upper-case": encoded(_ZIPPED, "X-GZIP"),
    "deflate-raw": encoded(_raw_deflate(UP), "deflate"),
    "deflate-zlib": encoded(zlib.compress(UP), "deflate"),
    "identity": encoded(UP, "identity"),
    "coding-unknown": encoded(b"\x8b\x00\x80\x03", "x-unheard-of"),
    "json-deep": answer(b'{"status":"UP","x":' + b"[" * 500 + b"]" * 500 + b"}"),
    "json-deeper": answer(b"[" * 100_000),
    "json-long-number": answer(b'{"status":"UP","n":' + b"9" * 5000 + b"}"),
    "json-nan": answer(b'{"status":"UP","n":NaN}'),
    "json-nan-down": answer(b'{"status":"DOWN","n":NaN}'),
    "json-latin1-down": answer(b'{"status":"DOWN","why":"caf\xe9"}'),
    "json-duplicate-keys": answer(b'{"status":"UP","status":"DOWN"}'),
    "json-surrogates": answer(b'{"status":"DOWN","components":{"\\ud800x":{"status":"DOWN"}}}'),
    "json-hostile-names": answer(_components(HOSTILE_NAMES)),
    "json-long-name": answer(_components(("n" * 100_000,))),
    "json-many-components": answer(_components(tuple(f"part-{i}" for i in range(5000)))),
    "json-1mb-string": answer(json.dumps({"status": "UP", "x": "s" * 1_000_000}).encode()),
    "json-utf16": answer(UP.decode().encode("utf-16"), kind="application/json; charset=utf-16"),
    "json-bom": answer(b"\xef\xbb\xbf" + UP),
    "json-is-string": answer(b'"\\u001b[2J"'),
    "wrong-charset": answer("<p>Gr\xfc\xdfe, alles gut</p>".encode("latin-1"), kind="text/html; charset=utf-8"),
    "unknown-charset": answer(UP, kind="application/json; charset=no-such-thing"),
}


async def _bomb(call: Call) -> None:
    await call.send(encoded(BOMB, "gzip"))
    await call.hold()


BOMB = gzip_bomb()

BODY_FAULTS: dict[str, Fault] = {
    **{name: static(data, close=False) for name, data in STATIC_BODIES.items()},
    "gzip-bomb": Fault(_bomb),
}
