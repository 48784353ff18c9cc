"""`inventory show`: everything in one TOML text, as it holds after merging, with secrets masked.

Values stay as they were written ("15s"). Each service shows its whole checks; where a key differs between its
environments, it stands only with the defaults and environments it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platformpm.inventory.checks import TIMEOUT, WEB, idle_keys, interval_of
from platformpm.inventory.commands import located
from platformpm.inventory.durations import format_duration, parse_duration
from platformpm.inventory.instances import PLACE
from platformpm.inventory.interpolate import interpolate
from platformpm.inventory.loading import Loaded, loaded_of
from platformpm.inventory.mapping import FILES, absolute, environment_names
from platformpm.inventory.positions import KeyPath
from platformpm.inventory.problems import Problems
from platformpm.inventory.resolve import Resolved, resolve
from platformpm.inventory.settings import ABOUT_CHECKS, joined, layers_of
from platformpm.inventory.shorts import normalised
from platformpm.inventory.slots import slots
from platformpm.inventory.sources import NAMED
from platformpm.inventory.toml import dumps
from platformpm.model.check import Purpose
from platformpm.model.inventory import IN_MEMORY
from platformpm.model.secret import MASK

_INHERITED = ("owner", "product", "tier", "depends_on", "runbook", "tags", "external", "min_up")


def show(path: Path, environ: Mapping[str, str]) -> tuple[Loaded, str]:
    """Give the inventory, read once, and its TOML. That loads again and means the same where nothing is masked.

    Saved elsewhere, commands run in the folder it is saved in. Raises InventoryError when the inventory is bad.
    """
    resolved = resolve(path, environ)
    loaded = loaded_of(resolved)
    tree = _masked(resolved, environ)
    tree["services"] = {name: _service(tree, name, resolved) for name in tree.get("services", {})}
    order = (
        *("platform", "engine", "history", "watch", "defaults", "environments", "teams", "services", "hosts"),
        "maintenance",
    )
    return loaded, loaded.inventory.mask(dumps({name: tree[name] for name in order if tree.get(name)}))


def _masked(resolved: Resolved, environ: Mapping[str, str]) -> dict[str, Any]:
    """Give the tree with short forms written out and a mask in every place of a secret."""
    masked = interpolate(resolved.document.tree, environ, Problems(), masked=True).tree
    out: dict[str, Any] = {}
    entries: Any
    for section, entries in masked.items():
        if section == "defaults":
            out[section] = _copy(normalised(section, entries))
        elif section in NAMED:
            out[section] = {name: _copy(normalised(section, entry)) for name, entry in entries.items()}
        else:
            out[section] = _copy(entries)
    _anchor(out, resolved)
    for slot in slots(out):
        _put(out, slot.path, slot.masked)
    for table in [out.get("defaults", {}), *_each(out, "environments"), *_each(out, "services")]:
        for place in (table, table.get("health", {}), table.get("version", {})):
            for hidden in {"body", "send"} & place.keys():
                place[hidden] = MASK
    return out


def _anchor(tree: dict[str, Any], resolved: Resolved) -> None:
    """Make file names absolute: the text may be saved anywhere."""
    history = tree.get("history", {})
    if history.get("path", IN_MEMORY) != IN_MEMORY:
        history["path"] = absolute(resolved.folder_of("history"), history["path"])
    entries: list[tuple[tuple[str, ...], Any]] = [(("defaults",), tree.get("defaults", {}))]
    entries += [
        ((section, name), table)
        for section in ("environments", "services", "hosts")
        for name, table in tree.get(section, {}).items()
    ]
    for path, table in entries:
        for place in (table, table.get("health", {}), table.get("version", {})):
            for name in FILES & place.get("tls", {}).keys():
                place["tls"][name] = absolute(resolved.folder_of(*path), place["tls"][name])
            if "command" in place:
                folder = str(resolved.folder_of(*path).absolute())
                place["command"] = [located(place["command"][0], folder), *place["command"][1:]]


def _each(tree: Mapping[str, Any], section: str) -> list[dict[str, Any]]:
    return list(tree.get(section, {}).values())


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(child) for name, child in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _put(tree: Any, path: KeyPath, text: str) -> None:
    for part in path[:-1]:
        tree = tree[part]
    tree[path[-1]] = text


def _service(tree: Mapping[str, Any], name: str, resolved: Resolved) -> dict[str, Any]:
    """Give a service with what it inherits, its instances in all environments and its whole checks."""
    own, defaults = tree["services"][name], tree.get("defaults", {})
    plain = {key: value for key, value in own.items() if key not in ABOUT_CHECKS | {"health", "version", "instances"}}
    inherited = {key: defaults[key] for key in _INHERITED if key in defaults and key not in plain}
    if "depends_on" in inherited:
        inherited["depends_on"] = [need for need in inherited["depends_on"] if need != name]
    out = {**inherited, **plain}
    if links := {**defaults.get("links", {}), **own.get("links", {})}:
        out["links"] = links
    instances = _instances(tree, name, resolved)
    schemes = _schemes(instances)
    for purpose in Purpose:
        check = _check(tree, own, purpose, [e for e, found in instances.items() if found])
        if check and schemes:
            out[purpose.value] = _usable(check, schemes, joined(layer for _, layer in layers_of(own, purpose.value)))
        elif purpose.value in own:
            out[purpose.value] = own[purpose.value]
    if schemes and schemes.isdisjoint(WEB):
        out.pop("version", None)
    if instances:
        out["instances"] = instances
    return out


def _instances(tree: Mapping[str, Any], name: str, resolved: Resolved) -> dict[str, Any]:
    own = tree["services"][name].get("instances", {})
    out = {environment: [value] if isinstance(value, str) else value for environment, value in own.items()}
    external = tree["services"][name].get("external", tree.get("defaults", {}).get("external", False))
    for environment in environment_names(resolved):
        template = tree.get("environments", {}).get(environment, {}).get("url")
        if template is not None and environment not in out and not external:
            out[environment] = [template.replace(PLACE, name)]
    return out


def _schemes(instances: Mapping[str, Any]) -> frozenset[str]:
    found = (url for urls in instances.values() for url in (urls.values() if isinstance(urls, dict) else urls))
    return frozenset(str(url).partition("://")[0].lower() for url in found)


def _usable(check: Mapping[str, Any], schemes: frozenset[str], own: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is inherited and means nothing to these kinds of instances.

    Only http instances inherit a path: said of the service itself, it would hold for the others too.
    """
    idle = {*idle_keys(schemes)}
    if "path" not in own and not schemes <= WEB:
        idle.add(("path",))
    out = {name: value for name, value in check.items() if (name,) not in idle}
    expect = out.pop("expect", {})
    if expect := {name: value for name, value in expect.items() if ("expect", name) not in idle}:
        out["expect"] = expect
    return out


def _check(
    tree: Mapping[str, Any], own: Mapping[str, Any], purpose: Purpose, environments: list[str]
) -> dict[str, Any] | None:
    """Give the whole check of a service: every key that is the same in all its environments, and all its own."""
    defaults, places = tree.get("defaults", {}), tree.get("environments", {})
    used = [places.get(environment, {}) for environment in environments] or [{}]
    levels = (own, defaults, *used)
    if purpose is Purpose.VERSION and not any("version" in level for level in levels):
        return None
    outer = layers_of(defaults, purpose.value)
    inner = layers_of(own, purpose.value)
    wholes = []
    for place in used:
        layers = [*outer, *layers_of(place, purpose.value), *inner]
        wholes.append(_with_times(purpose, joined(layer for _, layer in layers)))
    same = {key: value for key, value in wholes[0].items() if all(w.get(key) == value for w in wholes)}
    return {**joined(layer for _, layer in inner), **same}


def _usual(purpose: Purpose, settings: Mapping[str, Any]) -> str:
    try:
        known = {"every": parse_duration(settings["every"])} if "every" in settings else {}
    except ValueError:  # a masked one
        known = {}
    return format_duration(interval_of(purpose, known))


def _with_times(purpose: Purpose, settings: dict[str, Any]) -> dict[str, Any]:
    interval = settings.get("interval", _usual(purpose, settings))
    try:
        shortest = min(TIMEOUT, parse_duration(interval))
    except ValueError:  # a masked interval
        return {**settings, "interval": interval}
    return {**settings, "interval": interval, "timeout": settings.get("timeout", format_duration(shortest))}
