"""What must fit together between the entries: owners, dependencies, promotion, targets, hosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from platformpm.inventory.addresses import AddressError
from platformpm.inventory.instances import Copy, check_template
from platformpm.inventory.positions import KeyPath
from platformpm.inventory.problems import Problems, dotted, shown
from platformpm.inventory.resolve import Resolved
from platformpm.inventory.tables import ServiceTable
from platformpm.model.topology import cycles

_MOST_CYCLES = 20
"""A tangle has far more cycles than anyone reads; the first ones show where to cut."""

_ASKED = frozenset({"headers", "auth", "redirects", "family", "proxy", "tls", "verify"})
"""Keys of a host that say how its exporter is asked."""

Copies = Mapping[str, list[Copy]]
"""Instances of a service by environment."""


def check_entries(resolved: Resolved, instances: Mapping[str, Copies]) -> None:
    """Note everything that does not fit together. `instances` are those of each service."""
    _environments(resolved)
    _owners(resolved)
    _dependencies(resolved)
    _renamed(resolved)
    _hosts(resolved)
    for name, service in resolved.services.items():
        _instances(resolved, name, service, instances.get(name, {}))
        _target(resolved, name, service, instances)
        _min_up(resolved, name, service, instances.get(name, {}))
    if not resolved.problems.errors and not resolved.declared("services") and not resolved.declared("hosts"):
        resolved.problems.add_about((), "the inventory declares neither services nor hosts")


def _environments(resolved: Resolved) -> None:
    problems, names = resolved.problems, resolved.declared("environments")
    graph: dict[str, list[str]] = {}
    for name, table in resolved.environments.items():
        path: KeyPath = ("environments", name)
        if table.url is not None:
            try:
                check_template(table.url)
            except AddressError as error:
                problems.add((*path, "url"), str(error), suggestion=error.suggestion)
        before = table.promotes_from
        graph[name] = [] if before is None else [before]
        if before is not None and not resolved.knows("environments", before):
            message = f"unknown environment {shown(before)}"
            problems.add((*path, "promotes_from"), message, suggestion=problems.near(before, set(names) - {name}))
    _cycles(problems, "environments", "promotes_from", graph, "promotion cycle")


def _owners(resolved: Resolved) -> None:
    teams = resolved.declared("teams")
    if not teams:
        return
    owners = [(("services", name, "owner"), table.owner) for name, table in resolved.services.items()]
    for path, owner in [*owners, (("defaults", "owner"), resolved.defaults.owner)]:
        if owner is not None and not resolved.knows("teams", owner):
            resolved.problems.add(path, f"unknown team {shown(owner)}", suggestion=resolved.problems.near(owner, teams))


def _dependencies(resolved: Resolved) -> None:
    defaults = list(resolved.defaults.depends_on or ())
    _known_services(resolved, ("defaults", "depends_on"), defaults)
    graph: dict[str, list[str]] = {}
    for name, table in resolved.services.items():
        own = table.depends_on
        graph[name] = list(own) if own is not None else [need for need in defaults if need != name]
        if own:
            _known_services(resolved, ("services", name, "depends_on"), own)
    _cycles(resolved.problems, "services", "depends_on", graph, "dependency cycle")


def _known_services(resolved: Resolved, path: KeyPath, wanted: Iterable[str]) -> None:
    for index, name in enumerate(wanted):
        if not resolved.knows("services", name):
            others = resolved.declared("services").keys() - {str(path[1])}
            message = f"unknown service {shown(name)}"
            resolved.problems.add((*path, index), message, suggestion=resolved.problems.near(name, others))


def _cycles(problems: Problems, section: str, key: str, graph: Mapping[str, list[str]], what: str) -> None:
    for cycle in islice(cycles(graph), _MOST_CYCLES):
        problems.add_about((section, cycle[0], key), f"{what}: {' -> '.join(cycle)}")


def _renamed(resolved: Resolved) -> None:
    taken: dict[str, str] = {}
    for name, table in resolved.services.items():
        old = table.renamed_from
        if old is None:
            continue
        path = ("services", name, "renamed_from")
        if old in resolved.declared("services"):
            resolved.problems.add(path, f"{shown(old)} still exists: its history is its own")
        elif old in taken:
            resolved.problems.add(path, f"{shown(old)} was already renamed to {shown(taken[old])}")
        taken.setdefault(old, name)


def _hosts(resolved: Resolved) -> None:
    for name, table in resolved.hosts.items():
        path: KeyPath = ("hosts", name)
        _known_services(resolved, (*path, "services"), table.services or ())
        if table.url is None:
            for asked in sorted(_ASKED & table.model_fields_set):
                resolved.problems.add((*path, asked), "needs url: this machine is not asked over the network")


def _instances(resolved: Resolved, name: str, service: ServiceTable, instances: Copies) -> None:
    known = resolved.declared("environments")
    path: KeyPath = ("services", name, "instances")
    for environment in service.instances or {}:
        if known and not resolved.knows("environments", environment):
            message = f"unknown environment {shown(environment)}"
            resolved.problems.add((*path, environment), message, suggestion=resolved.problems.near(environment, known))
    external = service.external if service.external is not None else resolved.defaults.external
    if external or any(instances.values()) or _excused(resolved, name):
        return
    message = f"has no instances: list them in [{dotted(path)}], or say external = true"
    resolved.problems.add_about(("services", name), message)


def _excused(resolved: Resolved, name: str) -> bool:
    """Tell whether instances were written but are wrong: one problem is enough."""
    broken = resolved.problems.has_within(("services", name, "instances"))
    return broken or any(resolved.problems.is_broken(("environments", e, "url")) for e in resolved.environments)


def _target(resolved: Resolved, name: str, service: ServiceTable, instances: Mapping[str, Copies]) -> None:
    known = resolved.declared("environments")
    own = instances.get(name, {})
    for environment in service.target or {}:
        path = ("services", name, "target", environment)
        if known and not resolved.knows("environments", environment):
            hint = resolved.problems.near(environment, known)
            resolved.problems.add(path, f"unknown environment {shown(environment)}", suggestion=hint)
        elif not own.get(environment) and not resolved.problems.has_within(("services", name, "instances")):
            message = f"nothing runs in {shown(environment)}: this service has no instances there"
            resolved.problems.warn(
                path, message, suggestion=None if known else resolved.problems.near(environment, own)
            )


def _min_up(resolved: Resolved, name: str, service: ServiceTable, instances: Copies) -> None:
    """Warn of a count that cannot be reached; a percentage always can."""
    wanted = service.min_up or resolved.defaults.min_up
    if wanted is None or wanted.percent or resolved.problems.has_within(("services", name, "instances")):
        return
    for environment, found in instances.items():
        if 0 < len(found) < wanted.value and not _spreads(resolved, service, environment):
            resolved.problems.warn(
                ("services", name, "min_up"),
                f"{wanted.value} instances must serve, but {environment} has {len(found)}: it will always be down",
            )


def _spreads(resolved: Resolved, service: ServiceTable, environment: str) -> bool:
    """Tell whether a name may be many instances: how many, nobody knows yet."""
    tables = (service, resolved.environments.get(environment), resolved.defaults)
    return any("all" in (table.resolve, table.health and table.health.resolve) for table in tables if table)
