"""The selectors that an inventory has. It is not validated for this: a shell that waits for a key has no time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from platformpm.cli.context import Context
from platformpm.inventory.finding import find
from platformpm.inventory.problems import Problems
from platformpm.inventory.sources import read
from platformpm.model.text import safe_text

_KEYS = {"owner": "owner", "product": "product", "tier": "tier", "tag": "tags"}
"""Keys of selectors, and those of a service that they look at."""
Table = Mapping[str, object]


def choices(explicit: Path | None, word: str, context: Context) -> Iterator[tuple[str, str]]:
    """Give selectors and what they mean: services, after `@` where they run, after a key and a colon its values."""
    tree = read(find(explicit, context.environ, context.folder), Problems(), pipes=False).tree
    services, hosts = _tables(tree, "services"), _tables(tree, "hosts")
    key, colon, _ = word.partition(":")
    name, at, _ = word.partition("@")
    if colon:
        known = dict.fromkeys(hosts) if key == "host" else _known(key, tree, services)
        yield from ((f"{key}:{value}", "") for value in known)
    elif at:
        yield from (
            (f"{name}@{environment}", "") for environment in _environments(tree, {name: services.get(name, {})})
        )
    else:
        for service, table in services.items():
            title = table.get("title")
            yield service, safe_text(title, 60) if isinstance(title, str) else ""
        yield from ((f"{one}:", "") for one in ("env", *_KEYS, "host"))


def _known(key: str, tree: Table, services: Mapping[str, Table]) -> Mapping[str, None]:
    """Give every value of a key, in the order of the inventory."""
    if key == "env":
        return _environments(tree, services)
    found: dict[str, None] = {}
    defaults = tree.get("defaults")
    for table in [*services.values(), defaults if isinstance(defaults, dict) else {}]:
        value = table.get(_KEYS[key])
        values = value if isinstance(value, list) else [] if value is None else [value]
        found |= dict.fromkeys(str(one) for one in values)
    return found


def _environments(tree: Table, services: Mapping[str, Table]) -> Mapping[str, None]:
    """Give the environments in which services run, and those that have an address for every service."""
    found: dict[str, None] = {}
    for table in services.values():
        instances = table.get("instances")
        found |= dict.fromkeys(instances if isinstance(instances, dict) else ())
    return found | dict.fromkeys(name for name, table in _tables(tree, "environments").items() if "url" in table)


def _tables(tree: Table, section: str) -> dict[str, Table]:
    tables = tree.get(section)
    known = tables.items() if isinstance(tables, dict) else ()
    return {name: table for name, table in known if isinstance(table, dict)}
