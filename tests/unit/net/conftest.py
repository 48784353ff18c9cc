"""Loops, networks and certificates for tests of the network."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import trustme

from platformpm.model.check import Check
from platformpm.model.exchange import Failure, Response
from platformpm.net import Network, prepare
from platformpm.net.resolver import Lookup, system_lookup

Run = Callable[[Coroutine[Any, Any, Any]], Any]
_LOOPS = ["asyncio", *(["uvloop"] if importlib.util.find_spec("uvloop") else [])]


@pytest.fixture(params=_LOOPS)
def run(request: pytest.FixtureRequest) -> Run:
    """Run a coroutine to its end, once on each kind of loop."""

    def go(coroutine: Coroutine[Any, Any, Any]) -> Any:
        factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.SelectorEventLoop
        if request.param == "uvloop":
            import uvloop  # an extra

            factory = uvloop.new_event_loop
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(coroutine)

    return go


@pytest.fixture
def ask(run: Run) -> Callable[..., Response | Failure]:
    """Fetch one URL: (url, check, timeout, lookup) to what came back."""

    def fetch(
        url: str, check: Check | None = None, timeout: float = 20.0, lookup: Lookup = system_lookup
    ) -> Response | Failure:
        async def body() -> Response | Failure:
            network = Network(lookup)
            try:
                deadline = asyncio.get_running_loop().time() + timeout
                return await network.fetch(prepare(url, check or Check()), deadline)
            finally:
                await network.close()

        result: Response | Failure = run(body())
        return result

    return fetch


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority of our own."""
    return trustme.CA()
