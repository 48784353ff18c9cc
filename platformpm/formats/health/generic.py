"""The last resort: a JSON object with a `status` everybody understands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding
from platformpm.formats.health.words import GENERIC, cause_in, fold, named, not_up, saying, table_of, text_of
from platformpm.model.status import Status

_PARTS = ("components", "checks", "services", "dependencies", "details", "results")
_OF_WORDS = frozenset({"components", "checks", "services", "dependencies"})
"""Parts whose entries may be a bare word or truth value; details are free-form."""


def _read(answer: Answer) -> Finding | None:
    """Read the top-level `status` by the closed table; for any other word the HTTP status code decides."""
    word = answer.table.get("status")
    status = GENERIC.get(fold(word))
    if status is None:
        return None
    failing = () if status is Status.UP else _failing(answer.table)
    return Finding(status, saying(f"status {word}", cause_in(answer.table)), "key status", failing)


def _failing(table: Mapping[str, object]) -> Iterator[Component]:
    for part in _PARTS:
        yield from not_up(_entries(part, table.get(part)))


def _entries(part: str, value: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    yield from named(value)
    if part in _OF_WORDS:
        for name, entry in table_of(value).items():
            if isinstance(entry, (str, bool)):
                yield name, {"status": text_of(entry, 64)}


GENERIC_STATUS = Dialect(
    "generic",
    "JSON object with a status",
    "https://json-schema.org/understanding-json-schema/reference/object",
    _read,
    keys=("status",),
)
