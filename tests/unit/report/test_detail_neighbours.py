"""Who needs whom, in one environment."""

from dataclasses import replace

import pytest

from platformpm.model.check import Check, Instance, InstanceKey
from platformpm.model.inventory import Environment, Inventory, Service, Team
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import InstanceState, ServiceState
from platformpm.model.status import Status
from platformpm.report.neighbours import (
    Neighbour,
    Relation,
    neighbour_table,
    neighbours_of,
    summary,
    team_text,
    with_states,
)

GRAPH = {
    "web": ("checkout", "search"),
    "checkout": ("ledger", "redis"),
    "ledger": ("postgres",),
    "postgres": (),
    "redis": (),
    "search": (),
    "reports": ("ledger",),
    "alone": (),
}
TEAMS = {"payments": Team("payments", "Payments", "p@acme.example", "#payments"), "web": Team("web")}
OWNERS = {"web": "web", "checkout": "payments", "reports": "ghosts"}


def inventory() -> Inventory:
    services = tuple(
        Service(name, owner=OWNERS.get(name), depends_on=needs, tier=1, external=name == "redis")
        for name, needs in GRAPH.items()
    )
    return Inventory(services=services, teams=TEAMS)


def state_of(name: str, status: Status, environment: str = "production") -> ServiceState:
    instance = Instance(InstanceKey(name, environment, "a"), "http", "http://h", Check(), "http://h")
    service = next(one for one in inventory().services if one.name == name)
    return ServiceState(service, Environment(environment), (InstanceState(instance),), status)


def snapshot(*states: ServiceState) -> PlatformSnapshot:
    return PlatformSnapshot(1, 0.0, inventory(), states)


def said(rows: tuple[Neighbour, ...]) -> list[tuple[str, str, str | None]]:
    return [(row.key.relation.value, row.key.service, row.via) for row in rows]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "checkout",
            [
                ("needs", "ledger", None),
                ("needs", "redis", None),
                ("needs", "postgres", "ledger"),
                ("used by", "web", None),
            ],
        ),
        (
            "postgres",
            [
                ("used by", "ledger", None),
                ("used by", "checkout", "ledger"),
                ("used by", "reports", "ledger"),
                ("used by", "web", "checkout"),
            ],
        ),
        ("alone", []),
        ("not-there", []),
    ],
)
def test_neighbours_are_found_near_ones_first_with_the_way_to_far_ones(
    name: str, expected: list[tuple[str, str, str | None]]
) -> None:
    assert said(neighbours_of(inventory(), name)) == expected


def test_a_cycle_ends_and_puts_a_service_on_both_sides() -> None:
    services = (Service("a", depends_on=("b",)), Service("b", depends_on=("a",)))
    rows = neighbours_of(Inventory(services=services), "a")
    assert said(rows) == [("needs", "b", None), ("used by", "b", None)]


def test_a_dependency_that_nobody_declares_is_a_row_all_the_same() -> None:
    rows = neighbours_of(Inventory(services=(Service("a", depends_on=("ghost",)),)), "a")
    assert said(rows) == [("needs", "ghost", None)]
    assert cells(rows[0])["status"] == "– absent"


def test_states_are_those_of_the_same_environment() -> None:
    near, far = state_of("ledger", Status.UP, "staging"), state_of("ledger", Status.DOWN, "production")
    rows = with_states(neighbours_of(inventory(), "checkout"), snapshot(near, far), "production")
    assert next(row for row in rows if row.key.service == "ledger").state is far


def test_rows_whose_state_did_not_change_stay_the_same_objects() -> None:
    ledger, redis = state_of("ledger", Status.UP), state_of("redis", Status.UP)
    first = with_states(neighbours_of(inventory(), "checkout"), snapshot(ledger, redis), "production")
    second = with_states(first, snapshot(ledger, replace(redis, status=Status.DOWN)), "production")
    changed = {new.key.service for old, new in zip(first, second, strict=True) if old is not new}
    assert changed == {"redis"}


def test_a_state_that_went_away_leaves_its_row() -> None:
    first = with_states(neighbours_of(inventory(), "checkout"), snapshot(state_of("ledger", Status.UP)), "production")
    second = with_states(first, snapshot(), "production")
    assert all(row.state is None for row in second)


def test_what_is_needed_stands_first_and_of_it_the_worst() -> None:
    states = (state_of("ledger", Status.UP), state_of("postgres", Status.DOWN), state_of("web", Status.DOWN))
    rows = with_states(neighbours_of(inventory(), "checkout"), snapshot(*states), "production")
    order = neighbour_table(rows).column("relation").order
    assert order is not None
    assert [row.key.service for row in sorted(rows, key=order)] == ["postgres", "ledger", "redis", "web"]


def test_the_summary_counts_what_is_not_up_and_the_teams_that_must_know() -> None:
    down = snapshot(state_of("ledger", Status.DOWN))
    rows = with_states(neighbours_of(inventory(), "checkout"), down, "production")
    assert summary(rows) == "needs 3, 1 not up · used by 1 (1 team)"
    assert summary(neighbours_of(inventory(), "postgres")) == "used by 4 (3 teams)"
    assert summary(()) == ""


@pytest.mark.parametrize(
    ("team", "expected"),
    [(None, ""), (Team("web"), "web"), (TEAMS["payments"], "Payments #payments"), (Team("a", chat="#a"), "a #a")],
)
def test_a_team_is_named_with_its_chat(team: Team | None, expected: str) -> None:
    assert team_text(team) == expected


def cells(row: Neighbour) -> dict[str, str]:
    columns = neighbour_table((row,)).columns
    return {column.id: "".join(piece.text for piece in column.draw(row, 100.0, 20)) for column in columns}


def test_cells_mark_far_ones_external_ones_and_unknown_teams() -> None:
    rows = {row.key.service: row for row in neighbours_of(inventory(), "checkout")}
    assert cells(rows["postgres"])["relation"] == "↳ needs"
    assert cells(rows["postgres"])["via"] == "via ledger"
    assert cells(rows["redis"])["status"] == "– external"
    assert cells(rows["redis"])["relation"].strip() == "needs"
    assert "via" not in cells(rows["redis"])
    ghosts = {row.key.service: row for row in neighbours_of(inventory(), "ledger")}["reports"]
    assert cells(ghosts)["team"] == "ghosts"
    assert ghosts.key.relation is Relation.USED_BY


@pytest.mark.parametrize(("width", "expected"), [(18, "Payments #payments"), (17, "Payments"), (4, "Payments")])
def test_the_chat_of_a_team_gives_way_before_its_name(width: int, expected: str) -> None:
    rows = neighbours_of(inventory(), "ledger")
    checkout = next(row for row in rows if row.key.service == "checkout")
    drawn = neighbour_table(rows).column("team").draw(checkout, 0.0, width)
    assert "".join(piece.text for piece in drawn) == expected
