"""From files to checked tables: read, put secrets in, write short forms out, validate. Shared by `load` and `show`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from platformpm.inventory.check_tables import Table
from platformpm.inventory.interpolate import Interpolated, interpolate
from platformpm.inventory.problems import Problems, shown
from platformpm.inventory.shorts import normalised
from platformpm.inventory.slots import Slot, may_hold_users, slots
from platformpm.inventory.sources import Document, read
from platformpm.inventory.tables import (
    DefaultsTable,
    EngineTable,
    EnvironmentTable,
    HistoryTable,
    HostTable,
    MaintenanceTable,
    PlatformTable,
    ServiceTable,
    TeamTable,
    WatchTable,
)
from platformpm.inventory.validate import validated
from platformpm.inventory.values import NAME_HELP, is_name

T = TypeVar("T", bound=Table)


@dataclass(slots=True)
class Resolved:
    """The tables of an inventory, and all that is known of where they came from."""

    document: Document
    interpolated: Interpolated
    problems: Problems
    platform: PlatformTable = field(default_factory=PlatformTable.model_construct)
    defaults: DefaultsTable = field(default_factory=DefaultsTable.model_construct)
    engine: EngineTable = field(default_factory=EngineTable.model_construct)
    history: HistoryTable = field(default_factory=HistoryTable.model_construct)
    watch: WatchTable = field(default_factory=WatchTable.model_construct)
    environments: dict[str, EnvironmentTable] = field(default_factory=dict)
    teams: dict[str, TeamTable] = field(default_factory=dict)
    services: dict[str, ServiceTable] = field(default_factory=dict)
    hosts: dict[str, HostTable] = field(default_factory=dict)
    maintenance: dict[int, MaintenanceTable] = field(default_factory=dict)
    _slots: tuple[Slot, ...] | None = None

    def slots(self) -> tuple[Slot, ...]:
        """Give every place that holds a secret; walked once."""
        if self._slots is None:
            texts = (source.text for source in self.document.files)
            users = bool(self.interpolated.values) or may_hold_users(texts)
            self._slots = tuple(slots(self.interpolated.tree, users=users))
        return self._slots

    def declared(self, section: str) -> Mapping[str, object]:
        """Give the entries of a section as written, good or bad."""
        entries = self.document.tree.get(section)
        return entries if isinstance(entries, dict) else {}

    def knows(self, section: str, name: str) -> bool:
        """Tell whether an entry is declared; unknown files may declare anything."""
        return not self.document.whole or name in self.declared(section)

    def folder_of(self, *path: str) -> Path:
        """Give the folder of the file that holds the key `path`."""
        source = self.problems.owner(path)
        return source.path.parent if source else Path()


def resolve(path: Path, environ: Mapping[str, str], *, pipes: bool = True) -> Resolved:
    """Read and validate everything; what is wrong stands in `problems` of the result."""
    problems = Problems()
    document = read(path, problems, pipes=pipes)
    interpolated = interpolate(document.tree, environ, problems, pipes=pipes)
    resolved = Resolved(document, interpolated, problems)
    tree = interpolated.tree
    resolved.platform = _one(PlatformTable, tree, "platform", problems)
    resolved.defaults = _one(DefaultsTable, tree, "defaults", problems)
    resolved.engine = _one(EngineTable, tree, "engine", problems)
    resolved.history = _one(HistoryTable, tree, "history", problems)
    resolved.watch = _one(WatchTable, tree, "watch", problems)
    resolved.environments = _named(EnvironmentTable, tree, "environments", problems)
    resolved.teams = _named(TeamTable, tree, "teams", problems)
    resolved.services = _named(ServiceTable, tree, "services", problems)
    resolved.hosts = _named(HostTable, tree, "hosts", problems)
    resolved.maintenance = _listed(MaintenanceTable, tree, "maintenance", problems)
    return resolved


def _one(model: type[T], tree: Mapping[str, object], section: str, problems: Problems) -> T:
    entry = tree.get(section)
    return (
        validated(model, normalised(section, entry), (section,), problems) if entry else None
    ) or model.model_construct()


def _named(model: type[T], tree: Mapping[str, object], section: str, problems: Problems) -> dict[str, T]:
    out: dict[str, T] = {}
    entries = tree.get(section)
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        if not is_name(name):
            hint = name.lower() if is_name(name.lower()) else None
            problems.add_about((section, name), f"{shown(name)} is not a name: {NAME_HELP}", suggestion=hint)
        table = validated(model, normalised(section, entry), (section, name), problems)
        if table is not None:
            out[name] = table
    return out


def _listed(model: type[T], tree: Mapping[str, object], section: str, problems: Problems) -> dict[int, T]:
    entries = tree.get(section)
    listed = enumerate(entries if isinstance(entries, list) else ())
    tables = ((number, validated(model, entry, (section, number), problems)) for number, entry in listed)
    return {number: table for number, table in tables if table is not None}
