"""What a version reader gives, and what a named version format is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from platformpm.formats.payload import Payload
from platformpm.model.status import Reason


@dataclass(frozen=True, slots=True)
class VersionFinding:
    """A version and where it was read, both cleaned; the version has at most 100 characters."""

    version: str
    source: str


@dataclass(frozen=True, slots=True)
class VersionMiss:
    """Why no version could be read: `detail` says what was looked for and what was there, cleaned."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class VersionFormat:
    """A place where software tells its version: its name, its public source, and how to read it.

    It is only asked when the answer has one of `keys` at the top of its JSON object or one of the `headers` (lower
    case); without either, when the body is no JSON object. `certain` formats are plainly one product's own and hold
    even where a redirect ended on another host.
    """

    name: str
    source: str
    read: Callable[[Payload], VersionFinding | None]
    keys: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()
    certain: bool = False
