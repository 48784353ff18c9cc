"""The words of a command with what `{…}` in them stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from platformpm.model.check import PLACES, Instance

_PLACE = re.compile(rf"\{{({'|'.join(PLACES)})\}}")


def filled(words: Iterable[str], instance: Instance) -> tuple[str, ...]:
    """Give words with the `PLACES` in them filled in for `instance`; each stays one word."""
    parts = urlsplit(instance.health_url)
    host = instance.address or parts.hostname or ""
    known = dict(zip(PLACES, (*instance.key, host, str(parts.port or "")), strict=True))
    return tuple(_PLACE.sub(lambda place: known[place[1]], word) for word in words)
