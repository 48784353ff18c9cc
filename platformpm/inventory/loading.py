"""Loads an inventory: all or nothing, with every problem at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from platformpm.errors import InventoryError, Problem
from platformpm.inventory.commands import warn_of_writers
from platformpm.inventory.mapping import ServiceMapper, absolute, environment_of
from platformpm.inventory.positions import KeyPath
from platformpm.inventory.resolve import Resolved, resolve
from platformpm.inventory.semantics import check_entries
from platformpm.inventory.settings import set_keys
from platformpm.inventory.slots import spoken, warn_of_literals
from platformpm.inventory.tables import HostTable, LimitsTable
from platformpm.model.inventory import (
    IN_MEMORY,
    EngineSettings,
    HistorySettings,
    Host,
    HostLimits,
    Inventory,
    Limit,
    Platform,
    Team,
    WatchSettings,
)
from platformpm.model.secret import MASK, Masker
from platformpm.model.spellings import spellings

_OF_HOSTS = frozenset({"title", "url", "interval", "timeout"})
_SHORTEST_HIDDEN = 3
"""Shorter values are masked nowhere: one or two letters are in every sentence."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A good inventory. `files` are those of the inventory itself; `watched` is everything it was made of.

    `watched` adds the folders looked into, the files of secrets and certificates: a change of any asks for a reload.
    """

    inventory: Inventory
    warnings: tuple[Problem, ...]
    files: tuple[Path, ...]
    watched: tuple[Path, ...]


def load(path: Path, environ: Mapping[str, str], *, again: bool = False) -> Loaded:
    """Load the inventory at `path`, a file or a folder. `environ` is what `${env:…}` reads.

    What is loaded `again` must be regular files: a pipe has been read, and would be waited for without end. Raises
    InventoryError with all problems, warnings included, in the order of files and lines.
    """
    with _garbage_kept():
        return loaded_of(resolve(path, environ, pipes=not again))


def loaded_of(resolved: Resolved) -> Loaded:
    """Give the inventory of what was resolved. Raises InventoryError."""
    inventory = inventory_of(resolved)
    problems = reported(resolved)
    if resolved.problems.errors:
        raise InventoryError(problems)
    files = tuple(source.path for source in resolved.document.files)
    watched = tuple(dict.fromkeys([*resolved.document.watched, *resolved.interpolated.files]))
    return Loaded(inventory, problems, files, watched)


@contextmanager
def _garbage_kept() -> Iterator[None]:
    """Keep the cyclic collector out while many objects are made that all stay: it took 40 % of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def inventory_of(resolved: Resolved) -> Inventory:
    """Map what was resolved and check how it fits together; with errors the result is not for use."""
    mapper = ServiceMapper(resolved)
    declared = {name: mapper.copies(name, table) for name, table in resolved.services.items()}
    check_entries(resolved, declared)
    services = tuple(mapper.service(name, table, declared[name]) for name, table in resolved.services.items())
    warn_of_literals(resolved.slots(), resolved.interpolated.values, resolved.problems)
    warn_of_writers(resolved)
    platform = resolved.platform
    inventory = Inventory(
        platform=Platform(platform.name or Platform().name, platform.timezone),
        environments=tuple(environment_of(resolved, name, place) for place, name in enumerate(mapper.names)),
        teams=MappingProxyType({n: Team(n, t.title or "", t.contact, t.chat) for n, t in resolved.teams.items()}),
        services=services,
        hosts=tuple(_host(name, table, mapper) for name, table in resolved.hosts.items()),
        engine=EngineSettings(**set_keys(resolved.engine)),
        history=_history(resolved),
        watch=WatchSettings(resolved.watch.token),
        sources=tuple(source.shown for source in resolved.document.files),
        mask=masker_of(resolved),
    )
    if not resolved.maintenance:
        return inventory
    from platformpm.inventory.maintenance import maintenance_of  # with time zones, for those who declare it

    return replace(inventory, maintenance=maintenance_of(resolved, inventory))


def masker_of(resolved: Resolved) -> Masker:
    """Give the masker of every secret in every form it may turn up in."""
    texts = resolved.interpolated.secrets()
    for slot in resolved.slots():
        texts.update(slot.secrets)
    texts.update(spoken(resolved.interpolated.tree))
    return Masker({form for text in texts for form in spellings(text)})


def reported(resolved: Resolved) -> tuple[Problem, ...]:
    """Give the problems with secrets masked, short ones too where they were put in."""

    def mask(path: KeyPath, text: str) -> str:
        for length in range(1, len(path) + 1):
            for secret in resolved.interpolated.values.get(path[:length], ()):
                if len(secret) >= _SHORTEST_HIDDEN:
                    text = text.replace(secret, MASK)
        return masker(text)

    masker = masker_of(resolved)
    return tuple(resolved.problems.listed(mask))


def _history(resolved: Resolved) -> HistorySettings:
    keys = set_keys(resolved.history)
    if keys.get("path", IN_MEMORY) != IN_MEMORY:
        keys["path"] = absolute(resolved.folder_of("history"), keys["path"])
    return HistorySettings(**keys)


def _host(name: str, table: HostTable, mapper: ServiceMapper) -> Host:
    keys = {key: value for key, value in set_keys(table).items() if key in _OF_HOSTS}
    keys["services"] = tuple(table.services or ())
    keys["limits"] = _limits(table.limits)
    if table.url is not None:
        check = mapper.host(name, table)
        keys |= {"check": check, "interval": check.interval, "timeout": check.timeout}
    return Host(name, **keys)


def _limits(table: LimitsTable | None) -> HostLimits:
    limits: dict[str, Any] = set_keys(table)
    hold = limits.pop("for", 0.0)
    return HostLimits(**{n: Limit(k.get("warning"), k.get("critical")) for n, k in limits.items()}, hold=hold)
