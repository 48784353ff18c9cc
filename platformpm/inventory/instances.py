"""The instances of a service: from the lists, names and templates of the TOML to checked addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from platformpm.inventory.addresses import Address, AddressError, parse_address
from platformpm.inventory.faults import kind_of
from platformpm.inventory.positions import KeyPath
from platformpm.inventory.problems import Problems, shown
from platformpm.inventory.values import NAME_HELP, is_name

PLACE = "{service}"


@dataclass(frozen=True, slots=True)
class Copy:
    """One instance as declared: its name, its address, and the key that holds it."""

    name: str
    address: Address
    path: KeyPath


def copies(service: str, declared: Mapping[str, object], problems: Problems) -> dict[str, list[Copy]]:
    """Give the instances of a service by environment, in the order written. Empty lists stay: nothing is there."""
    out: dict[str, list[Copy]] = {}
    for environment, value in declared.items():
        path: KeyPath = ("services", service, "instances", environment)
        if not is_name(environment):
            problems.add(path, f"{shown(environment)} is not a name: {NAME_HELP}")
        elif isinstance(value, dict):
            out[environment] = list(_named(value, path, problems))
        elif isinstance(value, list):
            out[environment] = _listed([(item, (*path, i)) for i, item in enumerate(value)], problems)
        elif isinstance(value, str):
            out[environment] = _listed([(value, path)], problems)
        else:
            problems.add(path, f"must be a list of URLs or a table of name to URL, not {kind_of(value)}")
    return out


def template_copy(service: str, template: str, path: KeyPath) -> Copy:
    """Give the one instance a service has by the URL of its environment. Raises AddressError."""
    address = parse_address(template.replace(PLACE, service))
    return Copy(address.name, address, path)


def check_template(template: str) -> None:
    """Check the URL of an environment. Raises AddressError."""
    parse_address(template.replace(PLACE, "service"))


def _named(table: Mapping[str, object], path: KeyPath, problems: Problems) -> Iterator[Copy]:
    for name, value in table.items():
        where = (*path, name)
        if not is_name(name):
            problems.add(where, f"{shown(name)} is not a name: {NAME_HELP}", suggestion=_lowered(name))
            continue
        address = _address(value, where, problems)
        if address is not None:
            yield Copy(name, address, where)


def _listed(items: list[tuple[object, KeyPath]], problems: Problems) -> list[Copy]:
    """Name instances by `host:port`; where two share it, by the path too. What is still the same is an error."""
    found = [(address, where) for item, where in items if (address := _address(item, where, problems)) is not None]
    names = Counter(address.name for address, _ in found) if len(found) > 1 else {}
    out: list[Copy] = []
    seen: dict[str, str] = {}
    for address, where in found:
        name = address.url.partition("://")[2] if names and names[address.name] > 1 else address.name
        if name in seen:
            same = seen[name] == address.url
            named = f"would be named {shown(name)} like another: give both a name, as in {{ web = …, tcp = … }}"
            problems.add(where, f"{shown(name)} is listed twice: each instance is probed once" if same else named)
            continue
        seen[name] = address.url
        out.append(Copy(name, address, where))
    return out


def _address(value: object, where: KeyPath, problems: Problems) -> Address | None:
    if not isinstance(value, str):
        problems.add(where, f"must be a URL, not {kind_of(value)}")
        return None
    try:
        return parse_address(value)
    except AddressError as error:
        problems.add(where, str(error), suggestion=error.suggestion)
        return None


def _lowered(name: str) -> str | None:
    return name.lower() if is_name(name.lower()) else None
