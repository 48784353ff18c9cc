"""How Envoy writes the build it is: the same on the JSON page of its admin port and on the line of older releases."""

from __future__ import annotations

import re
from typing import NamedTuple

from platformpm.formats.version.tokens import stamped

_LONGEST = 300
_BUILD = r"[\w.+-]+/(?P<release>[^/\s]+)/[^/\s]+/(?:RELEASE|DEBUG)(?:/[^/\s]+)?"
"""`revision/release/status/build type/TLS library`; older releases leave the library out.

The revision is a commit, or the tag that a distribution built; the status `Clean`, `Modified` or `Distribution`.
"""
_BUILT = re.compile(_BUILD, re.ASCII)
_LINE = re.compile(rf"envoy (?P<build>{_BUILD}) (?P<state>live|draining)(?: \d+)*", re.ASCII)
_NUMBERED = re.compile(r"\d+\.\d+[0-9A-Za-z.+_-]*", re.ASCII)


class EnvoyLine(NamedTuple):
    """What `/server_info` said up to 1.8: `envoy 267c23d/1.8.0/Clean/RELEASE live 571 571 0`."""

    release: str | None
    state: str


def is_build(version: object) -> bool:
    """Tell whether a `version` has the form that only Envoy gives it."""
    return isinstance(version, str) and len(version) <= _LONGEST and _BUILT.fullmatch(version) is not None


def release_of(version: object) -> str | None:
    """Give the release in a `version` of Envoy's: the second part of a build, else the first that is a number."""
    if not isinstance(version, str) or len(version) > _LONGEST:
        return None
    built = _BUILT.fullmatch(version)
    if built is not None:
        return stamped(built["release"])
    return next((stamped(part) for part in version.split("/") if _NUMBERED.fullmatch(part)), None)


def envoy_line(text: str) -> EnvoyLine | None:
    """Give what the line of an old release says, None when `text` is no such line."""
    line = _LINE.fullmatch(text) if len(text) <= _LONGEST else None
    return None if line is None else EnvoyLine(release_of(line["build"]), line["state"])
