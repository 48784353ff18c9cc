"""The last resort: a JSON object with a `status` everybody understands."""

from __future__ import annotations

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding
from platformpm.formats.health.words import GENERIC, cause_in, fold, named, not_up, saying
from platformpm.model.status import Status

_PARTS = ("components", "checks", "services", "dependencies", "details", "results")


def _read(answer: Answer) -> Finding | None:
    """Read the top-level `status` by the closed table; for any other word the HTTP status code decides."""
    word = answer.table.get("status")
    status = GENERIC.get(fold(word))
    if status is None:
        return None
    failing: list[Component] = []
    if status is not Status.UP:
        for part in _PARTS:
            failing.extend(not_up(named(answer.table.get(part))))
    return Finding(status, saying(f"status {word}", cause_in(answer.table)), "key status", failing)


GENERIC_STATUS = Dialect(
    "generic",
    "JSON object with a status",
    "https://json-schema.org/understanding-json-schema/reference/object",
    _read,
    keys=("status",),
)
