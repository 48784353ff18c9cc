"""The inventory that `init` writes for addresses it has looked at."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platformpm.inventory.addresses import Address
from platformpm.inventory.problems import quoted_key
from platformpm.inventory.toml import value_text
from platformpm.inventory.values import is_name
from platformpm.model.text import safe_text

LOCAL = "local"
"""The environment of what runs on this machine, from which nothing is promoted."""
_ENVIRONMENTS = {
    LOCAL: ("local",),
    "development": ("dev", "develop", "development"),
    "test": ("test", "testing", "qa", "uat"),
    "staging": ("staging", "stage", "stg", "preprod"),
    "production": ("production", "prod", "live"),
}
"""Environments in the order of promotion, and what in a host's name tells of them."""
_BY_WORD = {word: name for name, words in _ENVIRONMENTS.items() for word in words}
_LONGEST_NAME = 63
_LIMITS = 'limits = { cpu = [80, 95], memory = [85, 95], disk = [85, 95], for = "2m" }'


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out about one address. `name` is what its service may be called, `said` one line for people.

    `health` and `version` are the paths to ask, None where the address itself will do; `release` is the version that
    was seen. `verify` False accepts its certificate unseen. `advice` says what to do where not all is well. With
    `metrics`, the page of an exporter, it is a host and no service.
    """

    address: Address
    name: str
    environment: str
    said: str
    health: str | None = None
    version: str | None = None
    release: str | None = None
    verify: bool = True
    advice: str = ""
    metrics: str | None = None

    @property
    def settings(self) -> tuple[object, ...]:
        """Give what must be the same for two instances of one service."""
        return self.name, self.address.scheme, self.health, self.version, self.verify, self.metrics


def place_of(host: str) -> tuple[str, str]:
    """Give the names of service and environment that a host's name suggests; production where it suggests none.

    `checkout-stg.acme.example` is checkout in staging.
    """
    first, *others = host.lower().rstrip(".").split(".")
    words = [word for label in (first, *others) for word in re.split(r"[-_]", label)]
    environment = next((_BY_WORD[word] for word in words if word in _BY_WORD), "production")
    kept = [word for word in re.split(r"[-_]", first) if word not in _BY_WORD] or re.split(r"[-_]", first)
    return named("-".join(kept)), environment


def named(text: str) -> str:
    """Give a text as the name of a service."""
    name = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")[:_LONGEST_NAME]
    return name if is_name(name) else "service"


def proposal(
    services: Mapping[str, Sequence[Found]], hosts: Mapping[str, Sequence[Found]], *, machine: bool = False
) -> str:
    """Give the TOML of an inventory for what was found, by name; with `machine` this machine is a host of it."""
    lines = [
        "# Written by platformpm init from what it found. Names, environments and owners are guesses: correct them.",
        '# "platformpm inventory validate" checks it; every key stands in "platformpm inventory schema".',
        "",
        "[platform]",
        'name = "My Platform"',
        *_environments({one.environment for found in services.values() for one in found}),
    ]
    for name, instances in services.items():
        lines += _service(name, instances)
    if machine:
        lines += ["", "[hosts.local]                         # this machine", _LIMITS]
    for name, exporters in hosts.items():
        lines += _host(name, exporters[0], services)
    return "\n".join(lines) + "\n"


def _environments(used: Collection[str]) -> Iterator[str]:
    before = None
    for name in (name for name in _ENVIRONMENTS if name in used):
        yield from ("", f"[environments.{name}]")
        if before is not None:
            yield f"promotes_from = {value_text(before)}"
        if name == "production":
            yield "critical = true"
        before = name if name != LOCAL else None


def grouped(found: Sequence[Found]) -> Mapping[str, Sequence[Found]]:
    """Give by service what may be copies of one; what only has the same name gets another."""
    groups: dict[tuple[object, ...], list[Found]] = {}
    for one in found:
        groups.setdefault(one.settings, []).append(one)
    out: dict[str, list[Found]] = {}
    for group in groups.values():
        name, number = group[0].name, 1
        while name in out:
            number += 1
            name = f"{group[0].name[: _LONGEST_NAME - 4]}-{number}"
        out[name] = group
    return out


def _host(name: str, one: Found, services: Mapping[str, Sequence[Found]]) -> Iterator[str]:
    """Give the table of a host; what was found at the same address runs on it."""
    yield ""
    yield f"# {safe_text(one.said)}"
    yield f"[hosts.{quoted_key(name)}]"
    yield f"url = {value_text(one.metrics)}"
    if not one.verify:
        yield "verify = false"
    yield _LIMITS
    carried = [
        name for name, copies in services.items() if any(copy.address.host == one.address.host for copy in copies)
    ]
    if carried:
        yield f"services = {value_text(carried)}"


def _service(name: str, instances: Sequence[Found]) -> Iterator[str]:
    one = instances[0]
    yield ""
    for instance in instances:
        yield f"# {safe_text(f'{instance.address.url}: {instance.said}', 300)}"
        if instance.advice:
            yield f"# {safe_text(instance.advice)}"
    yield f"[services.{quoted_key(name)}]"
    settings: dict[str, Any] = {"health": one.health, "version": one.version}
    if not one.verify:
        settings["verify"] = False
    yield from (f"{key} = {value_text(value)}" for key, value in settings.items() if value is not None)
    places: dict[str, list[Found]] = {}
    for instance in instances:
        places.setdefault(instance.environment, []).append(instance)
    for place, copies in places.items():
        yield f"instances.{place} = {value_text([copy.address.url for copy in copies])}"
        releases = {copy.release for copy in copies}
        if len(releases) == 1 and (release := releases.pop()) is not None:
            yield f"# target.{place} = {value_text(release)}"
