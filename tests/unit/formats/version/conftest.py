"""Answers as they come from the network, made from what a test cares about."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from platformpm.formats.payload import Payload
from platformpm.model.exchange import Response

Answer = Callable[..., Payload]


def _answer(
    body: object = b"",
    headers: dict[str, str] | list[tuple[str, str]] | None = None,
    status: int = 200,
    **fields: Any,
) -> Payload:
    if isinstance(body, dict | list):
        body, kind = json.dumps(body).encode(), "application/json"
    else:
        kind = "text/plain; charset=utf-8"
    raw = body.encode() if isinstance(body, str) else body
    assert isinstance(raw, bytes)
    given = [(name.lower(), value) for name, value in (headers.items() if isinstance(headers, dict) else headers or [])]
    if not any(name == "content-type" for name, _ in given):
        given.append(("content-type", kind))
    url = fields.pop("url", "http://10.0.0.1:8080/version")
    return Payload(Response(url=url, status=status, headers=tuple(given), body=raw, **fields))


@pytest.fixture
def answer() -> Answer:
    """Give a maker of payloads: body (bytes, text or a JSON value), headers, status, other fields of the response."""
    return _answer
