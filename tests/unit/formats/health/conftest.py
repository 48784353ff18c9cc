"""How the health tests put an answer before the dialects."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest

from platformpm.formats.health import HealthVerdict, recognise
from platformpm.formats.payload import Payload
from platformpm.model.exchange import Response

Ask = Callable[..., HealthVerdict | None]


@pytest.fixture
def ask() -> Ask:
    """Give a function that asks the dialects about a body (a str or bytes as they are, all else as JSON)."""

    def put(
        body: object,
        code: int = 200,
        path: str = "/health",
        headers: Mapping[str, str] | None = None,
        dialect: str = "auto",
    ) -> HealthVerdict | None:
        raw = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        pairs = tuple((headers or {}).items())
        url = path if path.startswith("http") else f"http://service.example{path}"
        return recognise(Payload(Response(url=url, status=code, headers=pairs, body=raw)), dialect)

    return put
