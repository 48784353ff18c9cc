"""JSON formats that are told by their keys: where the version stands, and what must stand beside it."""

from __future__ import annotations

from collections.abc import Callable

from platformpm.formats.payload import Payload
from platformpm.formats.version.finding import VersionFinding, VersionFormat
from platformpm.formats.version.tokens import stamped

Path = tuple[str, ...]
Grade = Callable[[object], "str | None"]


def path(dotted: str) -> Path:
    """Give the keys of a dotted path."""
    return tuple(dotted.split("."))


def at(table: object, keys: Path) -> object:
    """Give what stands under nested `keys`, None when nothing does."""
    for key in keys:
        if not isinstance(table, dict):
            return None
        table = table.get(key)
    return table


def _any_at(table: dict[str, object], marks: tuple[Path, ...]) -> bool:
    return any(mark[0] in table and at(table, mark) is not None for mark in marks)


def shape(
    name: str,
    source: str,
    *paths: str,
    beside: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
    grade: Grade = stamped,
) -> VersionFormat:
    """Make the format of one product: the first of the dotted `paths` that holds a version.

    At least one of the dotted paths in `beside` must be there too, and no top-level key outside `only`, when given.
    """
    wanted = tuple((dotted, path(dotted)) for dotted in paths)
    marks = tuple(path(dotted) for dotted in beside)
    allowed = frozenset(only)

    def read(payload: Payload) -> VersionFinding | None:
        table = payload.table
        if (marks and not _any_at(table, marks)) or (allowed and not table.keys() <= allowed):
            return None
        for dotted, keys in wanted:
            version = grade(at(table, keys))
            if version is not None:
                return VersionFinding(version, f"{name} {dotted}")
        return None

    return VersionFormat(name, source, read, keys=frozenset(keys[0] for _, keys in wanted), certain=True)
