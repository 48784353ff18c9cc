"""A service names the hosts it runs on, and a host the services it carries."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from platformpm.model.host import HostReading
from platformpm.model.inventory import Environment, Host, Inventory, Service
from platformpm.model.state import HostState, ServiceState
from platformpm.model.status import Reason, Status
from platformpm.report.carriers import ailing, carriers_of
from platformpm.report.detail import View, head_lines
from platformpm.report.host_rows import host_list

READING = HostReading(1.0, cpu_percent=5.0)
CALM = HostState(Host("db-1", services=("ledger", "audit")), Status.UP, 1.0, reading=READING)
FULL = HostState(
    Host("db-2", services=("ledger",)), Status.DOWN, 1.0, Reason.LIMIT, "disk / 97 %, limit 95 %", reading=READING
)
LOST = replace(FULL, status=Status.UNKNOWN, reason=Reason.REFUSED, detail="connection refused by 10.0.2.20:9100")
OTHER = HostState(Host("local"), Status.DOWN, 1.0, reading=READING)


def head(*hosts: HostState, width: int = 100, most: int = 9) -> list[str]:
    state = ServiceState(Service("ledger", owner="payments"), Environment("production"), (), Status.UP, 1.0)
    lines = head_lines(state, View(2.0, UTC, Inventory(), hosts), width, most)
    return ["".join(piece.text for piece in line).rstrip() for line in lines]


def test_the_hosts_of_a_service_are_those_that_name_it_the_worst_first() -> None:
    assert carriers_of("ledger", (CALM, OTHER, FULL)) == (FULL, CALM)
    assert carriers_of("checkout", (CALM, OTHER, FULL)) == ()


@pytest.mark.parametrize(
    ("state", "wanted"), [(CALM, False), (FULL, True), (LOST, True), (replace(LOST, reading=None), False)]
)
def test_a_host_that_was_not_read_yet_is_not_ailing(state: HostState, wanted: bool) -> None:
    assert ailing((CALM, state)) is wanted


def test_the_detail_of_a_service_says_on_what_it_runs() -> None:
    lines = head(CALM)
    assert lines[3:] == ["runs on   db-1 ● up"]
    assert not any("runs on" in line for line in head(OTHER))


def test_a_host_that_is_not_well_stands_before_the_versions() -> None:
    assert head(CALM, FULL)[1] == "runs on   db-2 ✖ critical disk / 97 %, limit 95 %   db-1 ● up"
    assert head(CALM, LOST, most=4)[1] == "runs on   db-2 ? unknown connection refused by 10.0.2.20:9100   db-1 ● up"


@pytest.mark.parametrize("width", [16, 40, 76, 200])
@pytest.mark.parametrize("most", [1, 2, 4, 7])
def test_the_head_keeps_to_its_lines(width: int, most: int) -> None:
    assert len(head(CALM, FULL, LOST, width=width, most=most)) <= most


def test_the_list_of_hosts_tells_of_services_where_there_are_any() -> None:
    assert "services" not in [column.id for column in host_list((OTHER,)).columns]
    column = host_list((OTHER, CALM)).column("services")
    said = ["".join(piece.text for piece in column.draw(state, 0.0, 20)) for state in (CALM, OTHER)]
    assert said == ["ledger, audit", "–"]
    assert column.measure is not None
    assert column.measure(CALM) == "ledger, audit"
