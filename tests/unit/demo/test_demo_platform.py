import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import tomli

from platformpm.demo import DemoPlatform
from platformpm.demo.bodies import _PARTS
from platformpm.demo.script import INCIDENTS, VERSIONS
from platformpm.inventory import load


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(scope="module")
def hands() -> Hands:
    return Hands()


@pytest.fixture(scope="module")
def demo(hands: Hands) -> Iterator[DemoPlatform]:
    with DemoPlatform(clock=hands) as platform:
        yield platform


def url(demo: DemoPlatform, service: str, environment: str, instance: str) -> str:
    services = tomli.loads(demo.inventory.read_text())["services"]
    address: str = services[service]["instances"][environment][instance]
    return address


def test_it_is_a_believable_platform(demo: DemoPlatform) -> None:
    inventory = tomli.loads(demo.inventory.read_text())
    services = inventory["services"]
    assert len(services) >= 30
    assert len(inventory["environments"]) == 3
    assert {"owner", "product", "tier"} <= set.intersection(*(set(service) for service in services.values()))
    assert sum("depends_on" in service for service in services.values()) >= 15
    assert set(VERSIONS) | set(_PARTS) | {incident.service for incident in INCIDENTS} <= set(services)


def test_its_inventory_gives_no_warning(demo: DemoPlatform) -> None:
    assert load(demo.inventory, {}).warnings == ()


def test_health_and_version_are_told_on_their_own_paths(demo: DemoPlatform) -> None:
    base = url(demo, "checkout", "production", "us-2")
    assert httpx.get(base + "/actuator/health").json()["status"] == "UP"
    assert httpx.get(base + "/actuator/info").json()["build"]["version"] == "2.4.1"


def test_every_http_instance_answers(demo: DemoPlatform) -> None:
    for service in tomli.loads(demo.inventory.read_text())["services"].values():
        health = service.get("health", "/")
        path = health if isinstance(health, str) else health.get("path", "/")
        for named in service["instances"].values():
            for address in named.values():
                if address.startswith("http://"):
                    assert httpx.get(address + path).status_code == 200


def test_the_story_moves_with_the_clock(demo: DemoPlatform, hands: Hands) -> None:
    base = url(demo, "ledger", "production", "eu-1")
    hands.seconds = 70.0
    try:
        answer = httpx.get(base + "/actuator/health")
        assert answer.status_code == 503
        assert answer.json()["components"]["db"]["status"] == "DOWN"
    finally:
        hands.seconds = 0.0
    assert httpx.get(base + "/actuator/health").status_code == 200


def test_a_tcp_instance_answers_a_ping_and_resets_when_down(demo: DemoPlatform, hands: Hands) -> None:
    address = url(demo, "postgres", "production", "primary").removeprefix("tcp://").split(":")
    with socket.create_connection((address[0], int(address[1])), 5) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(64) == b"+PONG\r\n"
    hands.seconds = 70.0
    try:
        with socket.create_connection((address[0], int(address[1])), 5) as connection:
            connection.sendall(b"PING\r\n")
            with pytest.raises(ConnectionResetError):
                connection.recv(64)
    finally:
        hands.seconds = 0.0


def test_the_edge_speaks_tls_with_its_own_authority(demo: DemoPlatform) -> None:
    context = ssl.create_default_context(cafile=str(demo.inventory.parent / "acme-ca.pem"))
    answer = httpx.get(url(demo, "edge", "production", "eu") + "/ping", verify=context)
    assert (answer.status_code, answer.text) == (200, "OK")


def test_nothing_is_left_behind() -> None:
    with DemoPlatform() as platform:
        folder: Path = platform.inventory.parent
        address = url(platform, "cart", "dev", "d1")
        assert json.loads(httpx.get(address + "/version").text)["version"] == "3.11.0"
    assert not folder.exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(address + "/version")
