"""Maps the checked tables to the objects of the model. Services that say the same share one `Check`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from platformpm.inventory.addresses import AddressError, is_absolute, join, origin
from platformpm.inventory.checks import REQUESTED, WEB, Level, check_fit, check_kinds, check_of
from platformpm.inventory.commands import check_commands, command_of
from platformpm.inventory.heartbeats import HEARTBEAT, check_rhythm
from platformpm.inventory.instances import Copy, check_template, copies, template_copy
from platformpm.inventory.opening import opened
from platformpm.inventory.positions import KeyPath
from platformpm.inventory.problems import shown
from platformpm.inventory.resolve import Resolved
from platformpm.inventory.settings import joined, layers_of, set_keys
from platformpm.inventory.tables import HostTable, ServiceTable
from platformpm.inventory.values import is_name
from platformpm.model.check import Check, Instance, InstanceKey, Purpose
from platformpm.model.inventory import Environment, Service
from platformpm.model.secret import Secret

FILES = frozenset({"ca_file", "certificate_file", "key_file"})
"""Keys of `tls` that name files."""
_RULE = ("json", "header", "regex", "metric", "label")
_HARMLESS = frozenset({"path", "port", *_RULE})
"""Keys that cannot contradict an outer one: checks that differ in nothing else are shared."""

_SERVICE_KEYS = ("owner", "product", "tier", "runbook", "external", "min_up")


def absolute(folder: Path, name: str) -> str:
    """Give a file name relative to `folder` as an absolute one; `~` is the user's home."""
    try:
        return str((folder / Path(name).expanduser()).absolute())
    except RuntimeError:  # no such user
        return str((folder / name).absolute())


def environment_names(resolved: Resolved) -> list[str]:
    """Give the environments in promotion order; without a table, in order of appearance."""
    if resolved.declared("environments"):
        return _promoted({name: table.promotes_from for name, table in resolved.environments.items()})
    names: dict[str, None] = {}
    for table in resolved.services.values():
        names.update(dict.fromkeys(table.instances or ()))
    return list(names)


def environment_of(resolved: Resolved, name: str, place: int) -> Environment:
    """Map one environment, which has this place in the order of promotion."""
    table = resolved.environments.get(name)
    if table is None:
        return Environment(name, place=place)
    critical = bool(table.critical)
    return Environment(name, table.title or "", table.url, table.promotes_from, critical=critical, place=place)


def _promoted(before: Mapping[str, str | None]) -> list[str]:
    out: dict[str, None] = {}
    for name in before:
        chain: list[str] = []
        step: str | None = name
        while step is not None and step in before and step not in out and step not in chain:
            chain.append(step)
            step = before[step]
        out.update(dict.fromkeys(reversed(chain)))
    return list(out)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A check and where it is asked: `path` and `port` are those of the URL."""

    check: Check
    path: str | None
    port: int | None
    levels: tuple[Level, ...]

    def path_for(self, scheme: str) -> str | None:
        """Give the path for an instance: what other tables say is where http services tell of their health."""
        if scheme in WEB:
            return self.path
        own = (
            level.keys["path"]
            for level in reversed(self.levels)
            if "path" in level.keys and level.path[0] == "services"
        )
        return next(own, None) if scheme in REQUESTED else None


class ServiceMapper:
    """Maps services one by one; keeps what the environments say and the checks that can be shared."""

    def __init__(self, resolved: Resolved) -> None:
        """Look at what holds for every service."""
        self.resolved = resolved
        self.names = environment_names(resolved)
        self.order = {name: place for place, name in enumerate(self.names)}
        self.defaults = set_keys(resolved.defaults)
        self.templates = {n: t.url for n, t in resolved.environments.items() if t.url is not None}
        self._outer: dict[tuple[str, Purpose], list[Level]] = {}
        self._shared: dict[tuple[str, Purpose], _Plan] = {}
        self._ruled: dict[tuple[tuple[str, Purpose], tuple[object, ...]], Check] = {}
        self._files: dict[Path, str | None] = {}
        self._default_levels = {purpose: self._levels(self.defaults, ("defaults",), purpose) for purpose in Purpose}
        for name in self.names:
            table = set_keys(resolved.environments.get(name))
            for purpose in Purpose:
                own = self._levels(table, ("environments", name), purpose)
                self._outer[name, purpose] = [*self._default_levels[purpose], *own]

    def copies(self, name: str, table: ServiceTable) -> dict[str, list[Copy]]:
        """Give the instances of a service by environment in promotion order, those by template included."""
        declared = copies(name, table.instances or {}, self.resolved.problems)
        external = table.external if table.external is not None else self.defaults.get("external")
        if self.templates and not external:
            for environment, template in self.templates.items():
                if environment not in (table.instances or {}):
                    copy = self._by_template(name, environment, template)
                    declared |= {environment: [copy]} if copy else {}
        if len(declared) < 2:
            return declared
        return dict(sorted(declared.items(), key=lambda item: self.order.get(item[0], len(self.order))))

    def _by_template(self, name: str, environment: str, template: str) -> Copy | None:
        """Give the instance by the URL of an environment; what is wrong with every service's is told elsewhere."""
        path: KeyPath = ("environments", environment, "url")
        try:
            check_template(template)
        except AddressError:
            return None
        try:
            return template_copy(name, template, path)
        except AddressError as error:
            if is_name(name):
                self.resolved.problems.add(("services", name), f"the url of {shown(environment)} does not fit: {error}")
            return None

    def service(self, name: str, table: ServiceTable, declared: Mapping[str, list[Copy]]) -> Service:
        """Map one service."""
        keys = set_keys(table)
        path: KeyPath = ("services", name)
        own = {purpose: self._levels(keys, path, purpose) for purpose in Purpose}
        self._check_own(keys, path, declared)
        instances: list[Instance] = []
        for environment, found in declared.items():
            if environment not in self.order or not found:
                continue
            health = self._plan(environment, Purpose.HEALTH, own[Purpose.HEALTH])
            version = self._version_plan(environment, keys, own[Purpose.VERSION])
            check_commands(found, health.check.command, health.port, self.resolved.problems)
            check_rhythm(name, _schemes(found), health.check.heartbeat, self.resolved.problems)
            instances += [self._instance(name, environment, copy, health, version) for copy in found]
        inherited = {k: self.defaults[k] for k in _SERVICE_KEYS if k in self.defaults}
        plain = {**inherited, **{k: keys[k] for k in _SERVICE_KEYS if k in keys}}
        needs = keys.get("depends_on")
        if needs is None:
            needs = [need for need in self.defaults.get("depends_on", ()) if need != name]
        links = {**self.defaults.get("links", {}), **keys.get("links", {})}
        return Service(
            name=name,
            title=keys.get("title", ""),
            depends_on=tuple(dict.fromkeys(needs)),
            links=MappingProxyType(links),
            tags=tuple(dict.fromkeys(keys.get("tags", self.defaults.get("tags", ())))),
            instances=tuple(instances),
            target=MappingProxyType(dict(keys.get("target", {}))),
            renamed_from=keys.get("renamed_from"),
            **plain,
        )

    def host(self, name: str, table: HostTable) -> Check:
        """Map how the exporter of a host is asked."""
        keys = set_keys(table)
        return self._built(Purpose.HEALTH, self._levels(keys, ("hosts", name), Purpose.HEALTH)).check

    def _levels(self, table: Mapping[str, Any], path: KeyPath, purpose: Purpose) -> list[Level]:
        """Give what one table says about a check, its own keys first, with file names made absolute."""
        out = []
        for inside, layer in layers_of(table, purpose.value):
            where = (*path, purpose.value) if inside else path
            keys = {**layer, "tls": self._anchored(layer["tls"], where)} if "tls" in layer else layer
            if "command" in layer:
                keys = {**keys, "command": command_of(layer["command"], (*where, "command"), self.resolved)}
            out.append(Level(where, keys))
        return out

    def _anchored(self, tls: Mapping[str, Any], path: KeyPath) -> dict[str, Any]:
        folder = self.resolved.folder_of(*(str(part) for part in path))
        out = dict(tls)
        for name in sorted(FILES & tls.keys()):
            out[name] = absolute(folder, tls[name])
            reason = self._unreadable(Path(out[name]))
            if reason is not None:
                message = f"{shown(tls[name])} cannot be read: {reason}"
                self.resolved.problems.add((*path, "tls", name), message)
        return out

    def _unreadable(self, file: Path) -> str | None:
        if file not in self._files:
            try:
                with opened(file, pipes=False) as certificate:
                    certificate.read(1)
                self._files[file] = None
                self.resolved.document.watched.append(file)
            except (OSError, ValueError) as error:
                self._files[file] = getattr(error, "strerror", None) or str(error)
        return self._files[file]

    def _plan(self, environment: str, purpose: Purpose, own: list[Level]) -> _Plan:
        """Give the check of a service in an environment; services that add nothing but a path share it."""
        key = (environment, purpose)
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = self._built(purpose, self._outer[key])
        if not own:
            return shared
        last = own[-1].keys
        if len(own) > 1 or not last.keys() <= _HARMLESS:
            return self._built(purpose, [*self._outer[key], *own])
        rule = tuple(last.get(name) for name in _RULE)
        check = self._ruled.get((key, rule))
        if check is None:
            check = self._ruled[key, rule] = self._built(purpose, [*self._outer[key], *own]).check
        return _Plan(check, last.get("path", shared.path), last.get("port", shared.port), (*shared.levels, *own))

    def _built(self, purpose: Purpose, levels: list[Level]) -> _Plan:
        settings = joined(level.keys for level in levels)
        check_fit(purpose, settings, levels, self.resolved.problems)
        return _Plan(check_of(purpose, settings), settings.get("path"), settings.get("port"), tuple(levels))

    def _version_plan(self, environment: str, keys: Mapping[str, Any], own: list[Level]) -> _Plan | None:
        table = self.resolved.environments.get(environment)
        wanted = "version" in keys or "version" in self.defaults or (table is not None and table.version is not None)
        return self._plan(environment, Purpose.VERSION, own) if wanted else None

    def _instance(self, service: str, environment: str, copy: Copy, health: _Plan, version: _Plan | None) -> Instance:
        address = copy.address
        port = None if address.scheme in HEARTBEAT else health.port
        if address.scheme not in WEB:
            version = None
        for plan in (health, version):
            if plan is not None and address.user is not None and plan.path is not None and is_absolute(plan.path):
                self._same_origin(copy, plan)
        return Instance(
            key=InstanceKey(service, environment, copy.name),
            scheme=address.scheme,
            url=address.url,
            health=health.check,
            health_url=join(address, health.path_for(address.scheme), port),
            version=version.check if version else None,
            version_url=join(address, version.path, version.port) if version else None,
            credentials=Secret(address.user) if address.user is not None else None,
        )

    def _same_origin(self, copy: Copy, plan: _Plan) -> None:
        """A full URL may lead anywhere; the password in the instance's address must not go with it."""
        assert plan.path is not None  # noqa: S101  # the caller looked
        if origin(plan.path) != origin(copy.address.url):
            message = "another host than the instance's, whose address has a password: give it with auth instead"
            level = next(level for level in reversed(plan.levels) if "path" in level.keys)
            self.resolved.problems.add((*level.path, "path"), message)

    def _check_own(self, keys: Mapping[str, Any], path: KeyPath, declared: Mapping[str, list[Copy]]) -> None:
        """Look for keys of the service's own checks that none of its instances can use."""
        if "health" not in keys and "version" not in keys:
            return
        schemes = frozenset[str]().union(*map(_schemes, declared.values()))
        check_kinds(keys.get("health", {}), (*path, "health"), schemes, self.resolved.problems)
        if "version" in keys and schemes and schemes.isdisjoint(WEB):
            self.resolved.problems.add((*path, "version"), "a version is read over http: no instance speaks it")


def _schemes(found: Iterable[Copy]) -> frozenset[str]:
    return frozenset(copy.address.scheme for copy in found)
