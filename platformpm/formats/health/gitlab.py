"""GitLab: `/-/health`, `/-/liveness`, `/-/readiness` (with `?all=1`) and `/health_check`."""

from __future__ import annotations

from collections.abc import Iterator

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding, Shape
from platformpm.formats.health.words import cause_in, counted, saying, table_of, text_of
from platformpm.model.status import Reason, Status

_WORDS = {"ok": Status.UP, "failed": Status.DOWN}
_PATHS = ("/-/readiness", "/-/liveness")
_CHECK = "_check"
_HIDDEN = {"error": "Not Found", "status": 404}
"""What GitLab answers to an address that is not in its monitoring allowlist: it says nothing about its health."""


def _read(answer: Answer) -> Finding | None:
    if answer.shape is Shape.TEXT:
        return _read_text(answer)
    if answer.status == 404 and answer.table == _HIDDEN and "/-/" in answer.path:
        says, accepted = "not in the monitoring allowlist of GitLab", frozenset({404})
        return Finding(Status.UNKNOWN, says, "GitLab's hidden endpoint", accepted=accepted, reason=Reason.UNAUTHORIZED)
    if "/health_check" in answer.path and isinstance(answer.table.get("healthy"), bool):
        return _read_gem(answer)
    return _read_checks(answer)


def _read_checks(answer: Answer) -> Finding | None:
    """Up to 9.x the body has only the checks; later a status stands beside lists of them.

    That status is ok while one of the entries of each check is: a Gitaly shard that failed only degrades.
    """
    word = answer.table.get("status")
    kinds = (dict, list) if word is None or answer.path.endswith(_PATHS) else list
    checks = [key for key in answer.table if key.endswith(_CHECK) and isinstance(answer.table[key], kinds)]
    if word is None:
        overall, fits = Status.UP, bool(checks) and len(checks) == len(answer.table)
    else:
        overall = _WORDS.get(word, Status.UNKNOWN) if isinstance(word, str) else Status.UNKNOWN
        fits = overall is not Status.UNKNOWN and (bool(checks) or answer.path.endswith(_PATHS) or answer.chosen)
    if not fits:
        return None
    failing = list(_failing(answer, checks))
    because = f"check {checks[0]}" if checks else f"path {answer.path}"
    says = f"status {word}" if word else counted(len(checks), "check")
    if failing and overall is Status.UP:
        overall = Status.DEGRADED if word else Status.DOWN
    return Finding(overall, says, because, failing)


def _failing(answer: Answer, checks: list[str]) -> Iterator[Component]:
    for key in checks:
        value = answer.table[key]
        for entry in map(table_of, value if isinstance(value, list) else (value,)):
            if entry.get("status") == "failed":
                yield Component(key, saying("failed", cause_in(entry)))


def _read_gem(answer: Answer) -> Finding:
    """Read `/health_check.json`, up to 17.x: `{"healthy": true, "message": "success"}`."""
    well = answer.table["healthy"] is True
    says = text_of(answer.table.get("message")) or ("healthy" if well else "unhealthy")
    return Finding(Status.UP if well else Status.DOWN, says, "key healthy at /health_check")


def _read_text(answer: Answer) -> Finding | None:
    word = answer.word
    if word == "GitLab OK":
        return Finding(Status.UP, word, "text GitLab OK")
    if not answer.path.endswith("/health_check"):
        return None
    if word == "success":
        return Finding(Status.UP, word, "text success at /health_check")
    return (
        Finding(Status.DOWN, text_of(word), "text health_check failed")
        if word.startswith("health_check failed")
        else None
    )


GITLAB = Dialect(
    "gitlab",
    "GitLab health checks",
    "https://docs.gitlab.com/administration/monitoring/health_check/",
    _read,
    Shape.TABLE | Shape.TEXT,
)
