"""Elasticsearch and OpenSearch: `_cluster/health`, `_health_report`, `_cat/health`, and the error of a cluster.

The error body is what a cluster answers that cannot say how it is, for example while no master is elected.
"""

from __future__ import annotations

from collections.abc import Iterator

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding, Shape
from platformpm.formats.health.words import cause_in, fold, list_of, saying, table_of, text_of
from platformpm.model.status import Status

_COLOURS = {"green": Status.UP, "yellow": Status.DEGRADED, "red": Status.DOWN, "unknown": Status.UNKNOWN}
_ANSWERED = frozenset({408})
"""`wait_for_status` that ran out: the cluster did answer, and its colour counts."""


_CAT = "/_cat/health"


def _read(answer: Answer) -> Finding | None:
    if answer.shape is not Shape.TABLE:
        return _read_cat(answer)
    table = answer.table
    if isinstance(table.get("error"), dict):
        return _read_error(answer)
    colour = fold(table.get("status"))
    if colour not in _COLOURS or not ("cluster_name" in table or answer.chosen):
        return None
    status = _COLOURS[colour]
    says = f"cluster {colour}"
    unassigned = table.get("unassigned_shards")
    if isinstance(unassigned, int) and unassigned > 0:
        says += f", {text_of(unassigned)} unassigned shards"
    if table.get("timed_out") is True and status is Status.UP:
        status, says = Status.DEGRADED, f"{says}, timed out"
    return Finding(status, says, "keys cluster_name and status", _parts(answer), accepted=_ANSWERED)


def _read_cat(answer: Answer) -> Finding | None:
    """Read the one row of `_cat/health`: columns of text, below their names with `?v`, or `?format=json`."""
    if not (answer.chosen or answer.path.endswith(_CAT)):
        return None
    if answer.shape is Shape.LIST:
        rows = [table_of(row) for row in list_of(answer.payload.json)]
        colour = fold(rows[0].get("status")) if len(rows) == 1 else ""
    else:
        colour = _cat_colour([line.split() for line in answer.word.splitlines()[-2:]])
    return Finding(_COLOURS[colour], f"cluster {colour}", f"a row of {_CAT}") if colour in _COLOURS else None


def _cat_colour(rows: list[list[str]]) -> str:
    """Give the word below `status`; without names the fourth, as by default, or the only one (`?h=status`)."""
    if not rows:
        return ""
    titled = len(rows) > 1 and "status" in rows[0]
    column = rows[0].index("status") if titled else 3 if len(rows[-1]) > 1 else 0
    return rows[-1][column].casefold() if column < len(rows[-1]) else ""


def _parts(answer: Answer) -> Iterator[Component]:
    """Walk indicators (`_health_report`) and indices (`level=indices`) that are not green."""
    for key in ("indicators", "indices"):
        for name, part in table_of(answer.table.get(key)).items():
            entry = table_of(part)
            if fold(entry.get("status")) in ("yellow", "red", "unknown"):
                yield Component(name, saying(entry.get("status"), text_of(entry.get("symptom"))))


def _read_error(answer: Answer) -> Finding | None:
    """`{"error": {"type": …, "reason": …}, "status": 503}`, for example while no master is elected."""
    error = table_of(answer.table.get("error"))
    code = answer.table.get("status")
    if answer.good or not isinstance(error.get("type"), str) or not isinstance(code, int) or "root_cause" not in error:
        return None
    return Finding(Status.DOWN, saying(error["type"], cause_in(error)), "keys error.type and error.root_cause")


ELASTICSEARCH = Dialect(
    "elasticsearch",
    "Elasticsearch / OpenSearch cluster health",
    "https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-cluster-health",
    _read,
    Shape.TABLE | Shape.LIST | Shape.TEXT,
    ("status",),
)
