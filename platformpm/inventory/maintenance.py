"""Maintenance as it is declared, and what silences select."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from platformpm.errors import UsageError
from platformpm.inventory import selectors
from platformpm.inventory.positions import KeyPath
from platformpm.inventory.resolve import Resolved
from platformpm.inventory.tables import MaintenanceTable
from platformpm.model.inventory import Inventory
from platformpm.model.silence import Once, Silence, Weekly, instant

_WEEK = 7 * 86400.0


def maintenance_of(resolved: Resolved, inventory: Inventory) -> tuple[Silence, ...]:
    """Map the declared maintenance; a word that selects nothing in `inventory` is a warning: it may come later."""
    for number, table in resolved.maintenance.items():
        for place, word in enumerate(table.selectors or ()):
            _look_for(resolved, inventory, ("maintenance", number, "selectors", place), word)
    found = (_silence(resolved, number, table) for number, table in resolved.maintenance.items())
    return tuple(replace(one, reason=inventory.mask(one.reason)) for one in found if one is not None)


def subjects_of(inventory: Inventory, words: Sequence[str]) -> frozenset[str]:
    """Give the subjects of alerts (`service@environment`, `host:NAME`) that words select; none where they are wrong."""
    try:
        selected = selectors.subjects(inventory, selectors.parse(words))
    except UsageError:
        return frozenset()
    places = {f"{key.service}@{key.environment}" for key in (instance.key for instance in inventory.instances())}
    return frozenset(filter(selected, (*places, *(f"host:{host.name}" for host in inventory.hosts))))


def _silence(resolved: Resolved, number: int, table: MaintenanceTable) -> Silence | None:
    """Map one; None where something is wrong, which is told once."""
    path: KeyPath = ("maintenance", number)
    schedule = _schedule(table, table.timezone or resolved.platform.timezone)
    wrong = _wrong(table, schedule)
    if wrong is not None and not resolved.problems.has_within(path):
        resolved.problems.add((*path, *wrong[0]), wrong[1])
    if wrong is not None or schedule is None:
        return None
    return Silence(
        f"maintenance-{number + 1}", tuple(table.selectors or ()), schedule, table.reason or "", declared=True
    )


def _schedule(table: MaintenanceTable, name: str | None) -> Once | Weekly | None:
    zone = None if name is None else ZoneInfo(name)
    once, weekly = (table.since, table.until), (table.every, table.length)
    if table.since is not None and table.until is not None and weekly == (None, None):
        return Once(_instant(table.since, zone), _instant(table.until, zone))
    if table.every is not None and table.length is not None and once == (None, None):
        return Weekly(*table.every, table.length, zone)
    return None


def _wrong(table: MaintenanceTable, schedule: Once | Weekly | None) -> tuple[KeyPath, str] | None:
    if not table.selectors:
        return (), 'needs selectors, such as ["checkout@production"]; ["*", "host:*"] is everything'
    if schedule is None:
        return (), "must have from and to (once), or every and for (each week)"
    if isinstance(schedule, Once) and schedule.until <= schedule.since:
        return ("to",), "must be after from"
    if isinstance(schedule, Weekly) and schedule.length > _WEEK:
        return ("for",), "must be at most a week"
    return None


def _instant(at: datetime, zone: tzinfo | None) -> float:
    return at.timestamp() if at.tzinfo is not None else instant(at, zone)


def _look_for(resolved: Resolved, inventory: Inventory, path: KeyPath, word: str) -> None:
    """Note a word that is no selector, and warn of one that selects nothing."""
    try:
        selector = selectors.parse((word,))
    except UsageError as error:
        resolved.problems.add(path, str(error))
        return
    try:
        if not all(term.negated for term in selector.terms):
            selectors.select(inventory, selector)
    except UsageError as error:
        resolved.problems.warn(path, str(error))
