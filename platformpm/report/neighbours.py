"""What a service needs and who needs it: the list that says what may be the cause, and who must know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from platformpm.model.inventory import Inventory, Team
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import ServiceState
from platformpm.model.status import RANK, Status
from platformpm.model.topology import Graph, dependents, reachable
from platformpm.report import words
from platformpm.report.columns import Cell, Column, Piece, Table, Tone, cell
from platformpm.report.rows import LAST, nothing, seen, status_cell, text_or_nothing
from platformpm.report.width import display_width


class Relation(StrEnum):
    """How a neighbour stands to the service that is looked at."""

    NEEDS = "needs"
    USED_BY = "used by"


class NeighbourKey(NamedTuple):
    """Identity of a row: in a cycle a service may stand on both sides."""

    relation: Relation
    service: str


@dataclass(frozen=True, slots=True, eq=False)
class Neighbour:
    """A service before or behind the one that is looked at.

    `via` is the service through which it is reached, None for a direct one. `state` is that in the same environment,
    None where it has no instances there.
    """

    key: NeighbourKey
    via: str | None
    tier: int | None
    team: Team | None
    external: bool
    state: ServiceState | None = None


def neighbours_of(inventory: Inventory, name: str) -> tuple[Neighbour, ...]:
    """Give all that `name` needs and all that need it, nearest first, without states."""
    graph: Graph = {service.name: service.depends_on for service in inventory.services}
    back = dependents(graph)
    services = {service.name: service for service in inventory.services}
    out = []
    for relation, forth, reverse in ((Relation.NEEDS, graph, back), (Relation.USED_BY, back, graph)):
        found = reachable(forth, name)
        places = {one: place for place, one in enumerate([name, *found])}
        for one in found:
            via = min((before for before in reverse.get(one, ()) if before in places), key=places.__getitem__)
            service = services.get(one)
            owner = service.owner if service else None
            team = inventory.teams.get(owner, Team(owner)) if owner else None
            key, tier = NeighbourKey(relation, one), service.tier if service else None
            out.append(Neighbour(key, None if via == name else via, tier, team, bool(service and service.external)))
    return tuple(out)


def with_states(known: Sequence[Neighbour], snapshot: PlatformSnapshot, environment: str) -> tuple[Neighbour, ...]:
    """Give the neighbours with their states of now; those that did not change are the same objects."""
    names = {one.key.service for one in known}
    states = {
        state.service.name: state
        for state in snapshot.services
        if state.service.name in names and state.environment.name == environment
    }
    return tuple(
        one if states.get(one.key.service) is one.state else replace(one, state=states.get(one.key.service))
        for one in known
    )  # fmt: skip


def summary(rows: Iterable[Neighbour]) -> str:
    """Say how many there are on each side, what of it is not up, and how many teams must know."""
    sides: Mapping[Relation, list[Neighbour]] = {relation: [] for relation in Relation}
    for row in rows:
        sides[row.key.relation].append(row)
    needs, users = sides[Relation.NEEDS], sides[Relation.USED_BY]
    bad = sum(row.state is not None and row.state.status is not Status.UP for row in needs)
    teams = {row.team.name for row in users if row.team}
    parts = []
    if needs:
        parts.append(f"needs {len(needs)}" + (f", {bad} not up" if bad else ""))
    if users:
        parts.append(f"used by {len(users)}" + (f" ({_plural(len(teams), 'team')})" if teams else ""))
    return " · ".join(parts)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _relation(row: Neighbour, _now: float, _width: int) -> Cell:
    mark = Piece("  " if row.via is None else "↳ ", Tone.DIM)
    return mark, Piece(row.key.relation.value, Tone.PLAIN if row.via is None else Tone.DIM)


def _status(row: Neighbour, _now: float, _width: int) -> Cell:
    if row.state is not None:
        return status_cell(row.state.status, muted=row.state.muted is not None)
    return cell("– external" if row.external else "– absent", Tone.DIM)


def _rank(row: Neighbour) -> tuple[bool, int, bool, int, str]:
    rank = RANK[row.state.status] if row.state else -1
    return row.key.relation is Relation.USED_BY, -rank, row.via is not None, row.tier or LAST, row.key.service


def _via(row: Neighbour) -> str:
    return "" if row.via is None else f"via {row.via}"


def team_text(team: Team | None) -> str:
    """Give a team in a few words: its title and where it chats."""
    return "" if team is None else " ".join(text for text in (team.title or team.name, team.chat) if text)


def _team(row: Neighbour, _now: float, width: int) -> Cell:
    """Give the team with its chat where there is room for both."""
    text = team_text(row.team)
    if row.team is not None and display_width(text) > width:
        text = row.team.title or row.team.name
    return text_or_nothing(text)


_ALL: Table[Neighbour] = Table(
    columns=(
        Column("relation", "", _relation, 9, order=_rank),
        Column("status", "STATUS", _status, 10),
        Column(
            "service", "SERVICE", lambda row, _now, _width: cell(row.key.service, Tone.STRONG), 8, 32,
            measure=lambda row: row.key.service, whole=True,
        ),
        Column(
            "via", "", lambda row, _now, _width: cell(_via(row), Tone.DIM), 6, 24, priority=3, measure=_via, whole=True,
        ),
        Column(
            "team", "TEAM", _team, 10, 32, priority=1, measure=lambda row: team_text(row.team),
        ),
        Column(
            "since", "SINCE", lambda row, now, _width: _since(row, now), 5, priority=4, right=True, ages=True,
        ),
        Column(
            "seen", "WHAT WAS SEEN", lambda row, _now, _width: seen(row.state) if row.state else (), 20, 120,
            priority=5,
        ),
    ),
    key=lambda row: row.key,
    sort="relation",
)  # fmt: skip


def _since(row: Neighbour, now: float) -> Cell:
    return cell(words.since(row.state.since, now), Tone.DIM) if row.state else nothing()


_DIRECT = replace(_ALL, columns=tuple(column for column in _ALL.columns if column.id != "via"))


def neighbour_table(rows: Iterable[Neighbour]) -> Table[Neighbour]:
    """Give the columns for these neighbours: the way to them only where one is not direct."""
    return _ALL if any(row.via is not None for row in rows) else _DIRECT
