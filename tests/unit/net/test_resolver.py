"""Names: one look-up at a time for each, a short cache, and no hung name that stops the others or the exit."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import textwrap
import threading
from collections import Counter
from collections.abc import Sequence

import pytest

from platformpm.model.status import Reason
from platformpm.net.faults import ExchangeError
from platformpm.net.resolver import Address, Resolver, literal, system_lookup
from tests.unit.net.conftest import Run

_HOME = (Address(socket.AF_INET, "127.0.0.1"),)
_ENOUGH = 20.0


class Names:
    """A name server: `hang…` waits for `release`, `gone…` does not exist, everything else is this machine."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.families: list[int] = []
        self.release = threading.Event()
        self.entered = threading.Event()
        self.most_at_once = 0
        self._inside = 0
        self._lock = threading.Lock()

    def __call__(self, host: str, family: int) -> Sequence[Address]:
        with self._lock:
            self.asked[host] += 1
            self.families.append(family)
            self._inside += 1
            self.entered.set()
            self.most_at_once = max(self.most_at_once, self._inside)
        try:
            if host.startswith("hang"):
                self.release.wait(_ENOUGH)
            if host.startswith("gone"):
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            if host.startswith("bug"):
                raise KeyError(host)
            return _HOME
        finally:
            with self._lock:
                self._inside -= 1


def test_a_name_that_is_asked_for_many_times_at_once_is_looked_up_once(run: Run) -> None:
    names = Names()

    async def body() -> None:
        resolver = Resolver(names)
        waiting = [asyncio.ensure_future(resolver.resolve("hang.test")) for _ in range(10)]
        await asyncio.to_thread(names.entered.wait, _ENOUGH)
        names.release.set()
        assert await asyncio.gather(*waiting) == [(_HOME, True)] * 10

    run(body())
    assert names.asked == {"hang.test": 1}


def test_a_name_is_remembered_for_its_time_and_no_longer(run: Run) -> None:
    names = Names()

    async def body() -> None:
        resolver = Resolver(names)
        assert await resolver.resolve("a.test") == (_HOME, True)
        assert await resolver.resolve("a.test", ttl=15) == (_HOME, False)
        assert await resolver.resolve("a.test", ttl=0) == (_HOME, True)

    run(body())
    assert names.asked["a.test"] == 2


def test_a_failure_is_never_remembered(run: Run) -> None:
    names = Names()

    async def body() -> None:
        resolver = Resolver(names)
        for _ in range(3):
            with pytest.raises(ExchangeError, match=r"gone\.test does not exist") as caught:
                await resolver.resolve("gone.test")
            assert caught.value.reason is Reason.DNS

    run(body())
    assert names.asked["gone.test"] == 3


def test_hung_names_do_not_stop_others(run: Run) -> None:
    names = Names()

    async def body() -> None:
        resolver = Resolver(names, threads=61)
        hung = [asyncio.ensure_future(resolver.resolve(f"hang-{i}.test")) for i in range(60)]
        assert await asyncio.wait_for(resolver.resolve("good.test"), _ENOUGH) == (_HOME, True)
        assert not any(task.done() for task in hung)
        names.release.set()
        await asyncio.gather(*hung)

    run(body())


def test_a_thread_that_hangs_is_replaced_so_that_no_number_of_them_stops_the_rest(run: Run) -> None:
    names = Names()

    async def body() -> None:
        resolver = Resolver(names, threads=4)
        hung = [asyncio.ensure_future(resolver.resolve(f"hang-{i}.test")) for i in range(12)]
        await asyncio.sleep(0)
        good = asyncio.ensure_future(resolver.resolve("good.test"))
        await asyncio.sleep(0)
        assert resolver.is_queued("good.test")
        assert await asyncio.wait_for(good, _ENOUGH) == (_HOME, True)
        assert not any(task.done() for task in hung)
        names.release.set()
        await asyncio.gather(*hung)
        assert not resolver.is_queued("good.test")

    run(body())


def test_waiting_for_a_thread_does_not_make_a_name_suspect(run: Run) -> None:
    names = Names()

    async def body() -> None:
        resolver = Resolver(names, threads=1, suspects=1)
        hung = asyncio.ensure_future(resolver.resolve("hang.test"))
        good = asyncio.ensure_future(resolver.resolve("good.test"))
        await asyncio.wait_for(good, _ENOUGH)
        assert not resolver._suspects
        names.release.set()
        await hung

    run(body())


def test_names_that_failed_before_cannot_take_all_threads(run: Run) -> None:
    names = Names()

    async def body() -> None:
        resolver = Resolver(names, threads=4, suspects=2)
        for i in range(8):
            with pytest.raises(ExchangeError):
                await resolver.resolve(f"gone-{i}.test")
        names.most_at_once = 0
        again = [asyncio.ensure_future(resolver.resolve(f"gone-{i}.test")) for i in range(8)]
        assert await resolver.resolve("good.test") == (_HOME, True)
        outcomes = await asyncio.gather(*again, return_exceptions=True)
        assert all(isinstance(outcome, ExchangeError) for outcome in outcomes)

    run(body())
    assert names.most_at_once <= 3
    assert all(names.asked[f"gone-{i}.test"] == 2 for i in range(8))


def test_one_who_gives_up_takes_nothing_from_the_others(run: Run) -> None:
    names = Names()

    async def body() -> None:
        resolver = Resolver(names)
        patient = asyncio.ensure_future(resolver.resolve("hang.test"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await resolver.resolve("hang.test")
        names.release.set()
        assert await patient == (_HOME, True)

    run(body())


def test_families_are_asked_for_and_remembered_apart(run: Run) -> None:
    names = Names()

    async def body() -> None:
        resolver = Resolver(names)
        await resolver.resolve("a.test", socket.AF_INET)
        await resolver.resolve("a.test", socket.AF_INET6)

    run(body())
    assert names.families == [socket.AF_INET, socket.AF_INET6]


@pytest.mark.parametrize("host", ["bug.test", "a..b", "x" * 80 + ".test"])
def test_whatever_a_look_up_raises_is_a_dns_failure(run: Run, host: str) -> None:
    async def body() -> None:
        resolver = Resolver(Names() if host.startswith("bug") else system_lookup)
        with pytest.raises(ExchangeError) as caught:
            await resolver.resolve(host)
        assert caught.value.reason is Reason.DNS

    run(body())


def test_the_system_knows_this_machine() -> None:
    assert Address(socket.AF_INET, "127.0.0.1") in system_lookup("localhost", socket.AF_INET)


@pytest.mark.parametrize(
    ("host", "family"),
    [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6), ("fe80::1%lo", socket.AF_INET6), ("a.test", None)],
)
def test_an_address_is_told_from_a_name(host: str, family: int | None) -> None:
    found = literal(host)
    assert (found.family if found else None) == family


def test_a_hung_look_up_does_not_delay_the_end_of_the_process() -> None:
    program = """
        import asyncio, threading
        from platformpm.net.resolver import Resolver
        async def main():
            resolver = Resolver(lambda host, family: threading.Event().wait())
            try:
                async with asyncio.timeout(0.05):
                    await resolver.resolve("hang.test")
            except TimeoutError:
                print("gave up")
        asyncio.run(main())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "gave up\n"
