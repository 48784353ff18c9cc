"""One selector word that may name a single instance: `checkout@production/eu-1`."""

from __future__ import annotations

from fnmatch import fnmatchcase

from platformpm.errors import UsageError
from platformpm.inventory.problems import shown
from platformpm.inventory.selectors import hint, parse, select
from platformpm.model.check import Instance
from platformpm.model.inventory import Inventory


def named_instances(inventory: Inventory, word: str) -> tuple[Instance, ...]:
    """Give the instances that one selector word names, which may end in `/INSTANCE` after `SERVICE@ENVIRONMENT`.

    Raises UsageError when it names none.
    """
    service, at, place = word.partition("@")
    environment, slash, name = place.partition("/")
    selector = parse([service + at + environment])
    found = tuple(select(inventory, selector).instances())
    if not found:
        raise UsageError(f"{shown(word)} has no instances to ask")
    wanted = name.strip().lower()
    chosen = tuple(one for one in found if not slash or fnmatchcase(one.key.instance.lower(), wanted))
    if not chosen:
        names = list(dict.fromkeys(one.key.instance for one in found))
        raise UsageError(f"nothing is selected by {shown(word)}{hint(wanted, names, f'{service}@{environment}/')}")
    return chosen
