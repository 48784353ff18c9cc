"""The lists of services and of versions: one row is a service in an environment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from platformpm.model.state import ServiceState
from platformpm.report import uptimes, words
from platformpm.report.columns import Cell, Column, Table, Tone, cell
from platformpm.report.rows import (
    LAST,
    drift_cell,
    drift_rank,
    instances_cell,
    latency_cell,
    on_target_cell,
    seen,
    status_cell,
    text_or_nothing,
    urgency,
    version_cell,
)
from platformpm.report.spark import latency_trend

_Draw = Callable[[ServiceState, float, int], Cell]


def _plain(draw: Callable[[ServiceState], Cell]) -> _Draw:
    return lambda state, _now, _width: draw(state)


def _named(text: Callable[[ServiceState], str | None], tone: Tone = Tone.PLAIN) -> _Draw:
    return lambda state, _now, _width: text_or_nothing(text(state), tone)


def _aged(start: Callable[[ServiceState], float | None]) -> _Draw:
    return lambda state, now, _width: cell(words.since(start(state), now), Tone.DIM)


def _sortable(text: Callable[[ServiceState], str]) -> Callable[[ServiceState], tuple[bool, str]]:
    """Order by a text, rows without it last."""
    return lambda state: (not text(state), text(state))


def _service(state: ServiceState) -> str:
    return state.service.name


def _title(state: ServiceState) -> str:
    return state.service.title


def _environment(state: ServiceState) -> str:
    return state.environment.name


def _owner(state: ServiceState) -> str:
    return state.service.owner or ""


def _product(state: ServiceState) -> str:
    return state.service.product or ""


def _target(state: ServiceState) -> str:
    return state.target or ""


def _tier(state: ServiceState) -> str:
    return "" if state.service.tier is None else str(state.service.tier)


def _instances(state: ServiceState) -> str:
    return "".join(piece.text for piece in instances_cell(state))


def _version(state: ServiceState) -> str:
    return "".join(piece.text for piece in version_cell(state)) if state.versions else ""


def _since(state: ServiceState) -> float | None:
    return state.since


def _drift_since(state: ServiceState) -> float | None:
    return state.drift_since


_COLUMNS: tuple[Column[ServiceState], ...] = (
    Column("status", "STATUS", _plain(lambda s: status_cell(s.status, muted=s.muted is not None)), 10, order=urgency),
    Column(
        "service", "SERVICE", _named(_service, Tone.STRONG), 10, 32,
        measure=_service, whole=True, order=_service,
    ),
    Column(
        "title", "TITLE", _named(_title, Tone.DIM), 12, 28,
        priority=15, measure=_title, whole=True, order=_sortable(_title),
    ),
    Column(
        "environment", "ENV", _named(_environment), 7, 16,
        priority=1, measure=_environment, whole=True, order=lambda s: s.environment.place,
    ),
    Column(
        "instances", "INST", _plain(instances_cell), 4, 7,
        priority=5, right=True, measure=_instances, whole=True, order=lambda s: s.serving / len(s.instances),
    ),
    Column(
        "version", "VERSION", _plain(version_cell), 10, 24,
        priority=2, measure=_version, order=_sortable(_version),
    ),
    Column(
        "target", "TARGET", _named(_target, Tone.DIM), 8, 16,
        priority=13, measure=_target, order=_sortable(_target),
    ),
    Column("drift", "DRIFT", _plain(drift_cell), 11, priority=9, order=drift_rank),
    Column(
        "latency", "LATENCY", _plain(latency_cell), 8, 10,
        priority=3, right=True, order=lambda s: s.latency or 0.0, descending=True,
    ),
    Column("trend", "TREND", lambda s, _now, width: latency_trend([one.series for one in s.instances], width), 8, 24,
           priority=7),
    Column(
        "since", "SINCE", _aged(_since), 5,
        priority=4, right=True, ages=True, order=lambda s: s.since or 0.0, descending=True,
    ),
    Column("owner", "OWNER", _named(_owner), 8, 16, priority=12, measure=_owner, whole=True, order=_sortable(_owner)),
    Column("tier", "TIER", _named(_tier), 4, priority=11, right=True, order=lambda s: s.service.tier or LAST),
    Column(
        "product", "PRODUCT", _named(_product, Tone.DIM), 8, 16,
        priority=14, measure=_product, whole=True, order=_sortable(_product),
    ),
    *uptimes.columns(8, 10, 10),
    Column("seen", "WHAT WAS SEEN", _plain(seen), 30, 120, priority=6),
    Column(
        "on_target", "ON TARGET", lambda s, _now, width: on_target_cell(s, width), 10, 16,
        priority=6, order=lambda s: s.on_target / len(s.instances),
    ),
    Column(
        "drift_since", "SINCE", _aged(_drift_since), 5,
        priority=7, right=True, ages=True, order=lambda s: s.drift_since or 0.0, descending=True,
    ),
)  # fmt: skip

SERVICES: Table[ServiceState] = Table(_COLUMNS, key=lambda state: state.key, sort="status")
"""Every column a service in an environment can have; the lists below choose from them."""

SERVICE_LIST = SERVICES.only(
    *("status", "service", "title", "environment", "instances", "version", "target", "drift", "latency", "trend"),
    *("since", "uptime_24h", "uptime_7d", "uptime_30d", "owner", "tier", "product", "seen"),
)
_PANE = SERVICES.only("status", "service", "environment", "instances", "version", "latency", "trend", "since", "seen")
SERVICE_PANE = replace(_PANE, columns=(*_PANE.columns[:-1], replace(_PANE.columns[-1], priority=LAST, width=20)))
"""In the small list a trend is worth more than a sentence that would be cut, a sentence more than a longer trend."""

_VERSIONS = SERVICES.only(
    *("service", "title", "environment", "version", "target", "on_target", "drift", "drift_since"),
    *("owner", "tier", "product"),
)
_WORTH_THERE = {"drift": 1, "target": 2, "on_target": 10, "drift_since": 11}
VERSION_LIST = Table(
    tuple(replace(column, priority=_WORTH_THERE.get(column.id, column.priority)) for column in _VERSIONS.columns),
    SERVICES.key,
    "drift",
)
"""A version says little without what it is behind of: the target has as much room; bar and time give way to both."""
_WORTH = {"drift": 1, "environment": 2, "version": 3, "target": 3, "on_target": 5, "drift_since": 10}
VERSION_PANE = Table(
    tuple(
        replace(column, priority=_WORTH.get(column.id, 0))
        for column in SERVICES.only(
            "service", "environment", "version", "target", "on_target", "drift", "drift_since"
        ).columns
    ),
    SERVICES.key,
    "drift",
)
