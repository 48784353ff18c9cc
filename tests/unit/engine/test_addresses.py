"""`resolve = "all"`: every address of a name is an instance, and a failed look-up loses nothing."""

from __future__ import annotations

import http.server
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from platformpm.assembly import Running, check, running
from platformpm.assembly.addresses import Addresses
from platformpm.engine.asker import jobs_of
from platformpm.inventory import load
from platformpm.model.check import Check
from platformpm.model.event import EventKind
from platformpm.model.inventory import Inventory
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Status
from platformpm.net.resolver import Address
from tests.unit.engine.platforms import instance, inventory, service, wait_until

V4, V6 = socket.AF_INET, socket.AF_INET6
ADDRESSES = [f"127.0.0.{number}" for number in range(1, 6)]
ALL = Check(resolve="all")


class Names:
    """A resolver that knows what it is told, and fails for all else. `hang` holds every look-up."""

    def __init__(self, **known: list[str]) -> None:
        self.known = {name.replace("_", "."): ips for name, ips in known.items()}
        self.asked: list[tuple[str, int]] = []
        self.go = threading.Event()
        self.go.set()

    def __call__(self, host: str, family: int) -> Sequence[Address]:
        self.asked.append((host, family))
        self.go.wait()
        if host not in self.known:
            raise socket.gaierror(socket.EAI_AGAIN, "try again")
        found = [Address(V6 if ":" in ip else V4, ip) for ip in self.known[host]]
        return [address for address in found if family in (0, address.family)]


def keys(spread: Inventory) -> list[str]:
    return [one.key.instance for one in spread.instances()]


def named(url: str, check: Check = ALL) -> Inventory:
    return inventory(service(replace(instance(name="one", check=check), url=url)))


@pytest.mark.parametrize(
    ("url", "check", "names"),
    [
        ("http://shop.test:80/api", ALL, ["one/10.0.0.2", "one/10.0.0.10", "one/2001:db8::1"]),
        ("icmp://shop.test", Check(resolve="all", family=6), ["one/2001:db8::1"]),
        ("dns://shop.test/a.test", Check(resolve="all", family=4), ["one/10.0.0.2", "one/10.0.0.10"]),
        ("http://SHOP.test", ALL, ["one/10.0.0.2", "one/10.0.0.10", "one/2001:db8::1"]),
        ("http://shop.test", Check(), ["one"]),
        ("http://10.0.0.2", ALL, ["one"]),
        ("http://[::1]:80", ALL, ["one"]),
        ("dns:///a.test", ALL, ["one"]),
        ("http://other.test", ALL, ["one"]),
    ],
)
def test_each_address_of_a_name_is_an_instance(url: str, check: Check, names: list[str]) -> None:
    lookup = Names(shop_test=["2001:db8::1", "10.0.0.10", "10.0.0.2", "10.0.0.10"])
    with Addresses(lookup) as addresses:
        declared = named(url, check)
        addresses.look_up(declared, 20)
        spread = addresses.spread(declared)
    assert keys(spread) == names
    found = list(spread.instances())
    assert {one.url for one in found} == {url}
    assert [one.address for one in found] == [name.partition("/")[2] or None for name in names]


def test_addresses_are_targets_of_their_own_and_do_not_share_a_limit() -> None:
    lookup = Names(shop_test=["10.0.0.1", "10.0.0.2"])
    declared = named("http://shop.test:80")
    with Addresses(lookup) as addresses:
        addresses.look_up(declared, 20)
        targets = [job.target for job in jobs_of(addresses.spread(declared))]
    assert len(set(targets)) == 2


def test_a_look_up_that_fails_keeps_the_last_addresses() -> None:
    lookup = Names(shop_test=["10.0.0.1"])
    declared = named("http://shop.test")
    with Addresses(lookup) as addresses:
        addresses.look_up(declared, 20)
        assert addresses.news() == ["shop.test is at 10.0.0.1"]
        assert addresses.notices() == []
        why = ["the resolver did not answer for shop.test"]
        for answer in ({}, {"shop.test": list[str]()}):
            lookup.known = answer
            addresses.look_up(declared, 20)
            assert keys(addresses.spread(declared)) == ["one/10.0.0.1"]
            assert addresses.news() == []
            told = [f"look-ups of shop.test fail, its last addresses stay: {one}" for one in why]
            assert addresses.notices() == [(EventKind.RELOAD_FAILED, one) for one in told]
            why.clear()  # once is enough
        lookup.known = {"shop.test": ["10.0.0.2", "10.0.0.1"]}
        for told in (["look-ups of shop.test succeed again"], []):
            addresses.look_up(declared, 20)
            assert addresses.notices() == [(EventKind.RELOADED, one) for one in told]
        assert addresses.news() == ["shop.test is at 10.0.0.1, 10.0.0.2"]


def test_a_name_that_was_never_found_is_no_event_as_its_instance_shows_it() -> None:
    with Addresses(Names()) as addresses:
        addresses.look_up(named("http://shop.test"), 20)
        assert (addresses.news(), addresses.notices()) == ([], [])


def test_a_name_with_thousands_of_addresses_fills_no_screen() -> None:
    lookup = Names(shop_test=[f"10.0.{number // 250}.{number % 250}" for number in range(5000)])
    with Addresses(lookup) as addresses:
        addresses.look_up(named("http://shop.test"), 20)
        assert len(keys(addresses.spread(named("http://shop.test")))) == 64
        told = (EventKind.RELOADED, "shop.test: 64 of 5000 addresses are taken, the others are not asked")
        assert addresses.notices() == [told]
        lookup.known["shop.test"].reverse()
        addresses.look_up(named("http://shop.test"), 20)
        assert addresses.notices() == []
        lookup.known["shop.test"] = lookup.known["shop.test"][:64]
        addresses.look_up(named("http://shop.test"), 20)
        lookup.known["shop.test"] = [f"10.1.0.{number}" for number in range(65)]
        addresses.look_up(named("http://shop.test"), 20)
        assert [text.split(",")[0] for _, text in addresses.notices()] == ["shop.test: 64 of 65 addresses are taken"]


def test_a_look_up_that_hangs_holds_nobody_up() -> None:
    lookup = Names(shop_test=["10.0.0.1"])
    lookup.go.clear()
    declared = named("http://shop.test")
    addresses = Addresses(lookup)
    addresses.look_up(declared, 0.01)
    assert keys(addresses.spread(declared)) == ["one"]
    lookup.go.set()
    wait_until(lambda: bool(addresses.news()))
    assert keys(addresses.spread(declared)) == ["one/10.0.0.1"]
    lookup.go.clear()
    addresses.look_up(declared)
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "platformpm-names"]
    addresses.close()
    addresses.look_up(declared, 20)
    thread.join(20)
    lookup.go.set()
    assert not thread.is_alive()


class Farm:
    """Real HTTP servers on one port of several loopback addresses; those in `sick` answer 503."""

    def __init__(self) -> None:
        self.asked: Counter[tuple[str, str]] = Counter()
        self.sick: set[str] = set()
        farm = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                at = self.connection.getsockname()[0]
                farm.asked[at, self.headers["Host"]] += 1
                self.send_response(503 if at in farm.sick else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the server's signature
                pass

        self.servers: list[http.server.ThreadingHTTPServer] = []
        while len(self.servers) < len(ADDRESSES):
            try:
                port = self.servers[0].server_port if self.servers else 0
                self.servers.append(http.server.ThreadingHTTPServer((ADDRESSES[len(self.servers)], port), Answer))
            except OSError:  # somebody has that port at one of the addresses
                self.close()
        self.port = self.servers[0].server_port
        self.threads = [threading.Thread(target=server.serve_forever, args=(0.05,)) for server in self.servers]

    def close(self) -> None:
        while self.servers:
            self.servers.pop().server_close()


@pytest.fixture
def farm() -> Iterator[Farm]:
    made = Farm()
    for thread in made.threads:
        thread.start()
    yield made
    for server in made.servers:
        server.shutdown()
    for thread in made.threads:
        thread.join()
    made.close()


def declare(path: Path, url: str) -> Path:
    path.write_text(
        '[platform]\nname = "T"\n[history]\npath = ":memory:"\n[services.shop]\ninterval = "500ms"\n'
        f'timeout = "2s"\nresolve = "all"\nmin_up = 2\nhealth = "/health"\ninstances.production = ["{url}"]\n'
    )
    return path


def latest(session: Running) -> PlatformSnapshot:
    snapshot = session.board.latest()
    assert snapshot is not None
    return snapshot


def seen(session: Running) -> dict[str, Status]:
    return {one.key.instance: one.status for one in latest(session).services[0].instances}


def test_instances_come_and_go_with_the_addresses_and_the_others_keep_their_state(
    tmp_path: Path, farm: Farm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "EVERY", 0.1)
    monkeypatch.setattr(running, "WATCH_EVERY", 0.05)
    lookup = Names(shop_test=["127.0.0.1", "127.0.0.2"])
    path = declare(tmp_path / "platform.toml", f"http://shop.test:{farm.port}")
    loaded = load(path, {})
    assert [warning.key for warning in loaded.warnings] == ["services.shop.timeout"]  # two instances, in time
    here = f"shop.test:{farm.port}"
    farm.sick.add("127.0.0.2")
    with Running(loaded, lambda: load(path, {}), addresses=Addresses(lookup)) as session:
        wait_until(lambda: seen(session) == {f"{here}/127.0.0.1": Status.UP, f"{here}/127.0.0.2": Status.DOWN})
        assert {host for _, host in farm.asked} == {here}
        since = {one.key: one.since for one in latest(session).services[0].instances}
        lookup.known = {"shop.test": ["127.0.0.2", "127.0.0.3"]}
        wait_until(lambda: seen(session) == {f"{here}/127.0.0.2": Status.DOWN, f"{here}/127.0.0.3": Status.UP})
        stayed = latest(session).services[0].instances[0]
        assert stayed.since == since[stayed.key]
        told = [event.text for event in latest(session).events if event.kind is EventKind.RELOADED]
        assert told == ["shop.test is at 127.0.0.2, 127.0.0.3"]
        lookup.known = {}
        asked = len(lookup.asked)
        wait_until(lambda: len(lookup.asked) > asked + 2)
        wait_until(lambda: any(event.kind is EventKind.RELOAD_FAILED for event in latest(session).events))
        assert list(seen(session)) == [f"{here}/127.0.0.2", f"{here}/127.0.0.3"]
        path.write_text(path.read_text().replace("/health", "/healthz"))
        wait_until(lambda: any("inventory read" in event.text for event in latest(session).events))
        assert list(seen(session)) == [f"{here}/127.0.0.2", f"{here}/127.0.0.3"]


def test_a_healthy_move_is_one_event_and_no_alert(tmp_path: Path, farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "EVERY", 0.1)
    monkeypatch.setattr(running, "WATCH_EVERY", 0.05)
    lookup = Names(shop_test=["127.0.0.1", "127.0.0.2"])
    path = declare(tmp_path / "platform.toml", f"http://shop.test:{farm.port}")
    with Running(load(path, {}), lambda: load(path, {}), addresses=Addresses(lookup)) as session:
        wait_until(lambda: set(seen(session).values()) == {Status.UP})
        lookup.known = {"shop.test": ["127.0.0.3", "127.0.0.4", "127.0.0.5"]}
        wait_until(lambda: list(seen(session).values()) == [Status.UP] * 3)
        assert [event.text for event in latest(session).events] == ["shop.test is at 127.0.0.3, 127.0.0.4, 127.0.0.5"]
        assert latest(session).alerts == ()


def test_a_name_that_is_found_later_becomes_its_addresses(
    tmp_path: Path, farm: Farm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "EVERY", 0.1)
    monkeypatch.setattr(running, "WATCH_EVERY", 0.05)
    lookup = Names()
    path = declare(tmp_path / "platform.toml", f"http://localhost:{farm.port}")
    with Running(load(path, {}), lambda: load(path, {}), addresses=Addresses(lookup)) as session:
        assert list(seen(session)) == [f"localhost:{farm.port}"]
        lookup.known = {"localhost": ["127.0.0.4", "127.0.0.5"]}
        wait_until(lambda: list(seen(session).values()) == [Status.UP, Status.UP])
        assert list(seen(session)) == [f"localhost:{farm.port}/127.0.0.4", f"localhost:{farm.port}/127.0.0.5"]
        wait_until(lambda: latest(session).services[0].status is Status.UP)


def test_addresses_left_out_are_told_from_the_start_and_by_one_check(
    tmp_path: Path, farm: Farm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "WATCH_EVERY", 0.05)
    monkeypatch.setattr("platformpm.assembly.addresses._MOST", 2)
    monkeypatch.setattr("platformpm.net.resolver.system_lookup", Names(shop_test=ADDRESSES))
    path = declare(tmp_path / "platform.toml", f"http://shop.test:{farm.port}")
    text = "shop.test: 2 of 5 addresses are taken, the others are not asked"
    with Running(load(path, {}), lambda: load(path, {})) as session:
        wait_until(lambda: [event.text for event in latest(session).events] == [text])
        assert len(seen(session)) == 2
    assert check(load(path, {}).inventory, attempts=1).notice == text


def test_one_check_asks_every_address_that_the_system_knows(tmp_path: Path, farm: Farm) -> None:
    path = declare(tmp_path / "platform.toml", f"http://localhost:{farm.port}")
    snapshot = check(load(path, {}).inventory, attempts=1)
    instances = {one.key.instance: one.status for one in snapshot.services[0].instances}
    assert instances[f"localhost:{farm.port}/127.0.0.1"] is Status.UP
