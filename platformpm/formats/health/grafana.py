"""Grafana: `/api/health` and `/healthz`."""

from __future__ import annotations

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding, Shape
from platformpm.formats.version.tokens import stamped
from platformpm.model.status import Status

_OWN_KEYS = ("version", "commit", "enterpriseCommit")


def _read(answer: Answer) -> Finding | None:
    """`/healthz` only says that the server runs; `/api/health` asks the database too (503 and `failing`)."""
    if answer.shape is Shape.TEXT:
        fits = answer.word == "Ok" and (answer.path.endswith("/healthz") or answer.chosen)
        return Finding(Status.UP, "Ok", "text Ok at /healthz") if fits else None
    table = answer.table
    database = table.get("database")
    if database not in ("ok", "failing"):
        return None
    if not any(key in table for key in _OWN_KEYS) and not answer.path.endswith("/api/health") and not answer.chosen:
        return None
    if "status" in table and not answer.chosen:
        return None
    well = database == "ok"
    failing = () if well else (Component("database", database),)
    says = f"database {database}"
    version = stamped(table.get("version"))
    return Finding(Status.UP if well else Status.DOWN, says, "keys database and version", failing, version)


GRAFANA = Dialect(
    "grafana",
    "Grafana",
    "https://grafana.com/docs/grafana/latest/developers/http_api/other/#returns-health-information-about-grafana",
    _read,
    Shape.TABLE | Shape.TEXT,
    ("database",),
)
