"""Shared by the contracts: the kinds of event loop on which everything must hold."""

from __future__ import annotations

import importlib.util

import pytest


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def loop_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    if kind == "uvloop" and importlib.util.find_spec(kind) is None:
        pytest.skip("uvloop is not installed")
    return kind
