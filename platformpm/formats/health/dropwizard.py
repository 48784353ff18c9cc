"""Dropwizard Metrics health checks, and the two systems that serve them: Jenkins (metrics plugin) and Nexus.

The body maps the name of each check to `{"healthy": true, "message": …, "error": {"message": …}, …}`. The health
module of Dropwizard (2.1 on, `/health-check?name=all`) lists `{"name": …, "healthy": …, "type": …, "critical": …}`.
"""

from __future__ import annotations

from collections.abc import Mapping

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding, Shape
from platformpm.formats.health.words import cause_in, list_of, saying, table_of, text_of
from platformpm.formats.version.tokens import stamped
from platformpm.model.status import Status

_JENKINS_CHECKS = ("disk-space", "plugins", "temporary-space", "thread-deadlock")
_NEXUS_PATHS = (
    "/service/rest/v1/status",
    "/service/rest/v1/status/writable",
    "/service/metrics/ping",
    "/service/rest/metrics/ping",
)
_NEXUS_ADVICE = frozenset(
    (
        *("Available CPUs", "Blob Stores Quota", "Coordinate Content Selectors", "Default Admin Credentials"),
        *("Default Secret Encryption Key", "DefaultRoleRealm", "File Descriptors", "NuGet V2 repositories"),
        *("Re-encryption required", "Scripting"),
    )
)
"""Checks that advise: Nexus serves all the same."""


def _checks(table: Mapping[str, object]) -> bool:
    """Say whether each entry is a check; metadata of other kinds is not part of the format."""
    return bool(table) and all(
        isinstance(entry, dict) and type(entry.get("healthy")) is bool for entry in table.values()
    )


def _finding(table: Mapping[str, object], because: str, advice: frozenset[str] = frozenset()) -> Finding:
    bad = [name for name, entry in table.items() if table_of(entry).get("healthy") is False]
    failing = [Component(name, saying("unhealthy", cause_in(table[name]))) for name in bad]
    status = Status.UP if not bad else Status.DEGRADED if advice.issuperset(bad) else Status.DOWN
    says = f"{len(table) - len(bad)} of {len(table)} checks healthy"
    return Finding(status, says, because, failing)


def _read(answer: Answer) -> Finding | None:
    if answer.shape is Shape.LIST:
        return _read_views([table_of(entry) for entry in list_of(answer.payload.json)])
    return _finding(answer.table, "map of checks with healthy") if _checks(answer.table) else None


def _read_views(views: list[Mapping[str, object]]) -> Finding | None:
    """Read the list of the health module; only a check that is critical takes the application out of service."""
    if not views or not all(isinstance(view.get("name"), str) and _typed(view) for view in views):
        return None
    bad = [view for view in views if view["healthy"] is False]
    status = Status.UP if not bad else Status.DOWN if any(view["critical"] for view in bad) else Status.DEGRADED
    failing = [Component(text_of(view["name"], 80), "unhealthy") for view in bad]
    says = f"{len(views) - len(bad)} of {len(views)} checks healthy"
    return Finding(status, says, "list of checks with healthy and critical", failing)


def _typed(view: Mapping[str, object]) -> bool:
    return type(view.get("healthy")) is bool and type(view.get("critical")) is bool


def _read_jenkins(answer: Answer) -> Finding | None:
    table = answer.table
    version = stamped(answer.header("x-jenkins"))
    if _checks(table) and (version or answer.chosen or any(name in table for name in _JENKINS_CHECKS)):
        return _with_version(_finding(table, "checks of the metrics plugin"), version)
    if isinstance(table.get("quietingDown"), bool):
        quiet = table["quietingDown"] is True
        says = "quieting down: no new builds start" if quiet else f"mode {text_of(table.get('mode'), 20) or 'unknown'}"
        status = Status.DEGRADED if quiet else Status.UP
        return Finding(status, says, "key quietingDown", version=version)
    if version is None:
        return None
    if answer.good:
        return Finding(Status.UP, f"Jenkins {version}", "header X-Jenkins", version=version)
    return (
        Finding(Status.DOWN, "Jenkins is not ready", "header X-Jenkins", version=version) if _is_5xx(answer) else None
    )


def _with_version(finding: Finding, version: str | None) -> Finding:
    return Finding(finding.status, finding.says, finding.because, finding.failing, version)


def _is_5xx(answer: Answer) -> bool:
    return answer.status >= 500


def _read_nexus(answer: Answer) -> Finding | None:
    """`/status` and `/status/writable` answer 200 or 503 with an empty body; `/status/check` a map of checks."""
    name, _, rest = (answer.header("server") or "").partition("/")
    version = stamped(rest.partition(" ")[0]) if name == "Nexus" else None
    if answer.shape is Shape.TABLE:
        own = version or answer.chosen or "/status/check" in answer.path or "Available CPUs" in answer.table
        return (
            _with_version(_finding(answer.table, "checks of Nexus", _NEXUS_ADVICE), version)
            if own and _checks(answer.table)
            else None
        )
    if not (
        answer.path.endswith(_NEXUS_PATHS) or (answer.chosen and (answer.shape is Shape.EMPTY or answer.word == "pong"))
    ):
        return None
    if answer.shape is Shape.TEXT and answer.word != "pong" and version is None:
        return None
    what = "writable" if answer.path.endswith("/writable") else "available"
    because = f"path {answer.path}"
    if answer.good:
        return Finding(Status.UP, what, because, version=version)
    return Finding(Status.DOWN, f"not {what}", because, version=version) if _is_5xx(answer) else None


DROPWIZARD = Dialect(
    "dropwizard",
    "Dropwizard health checks",
    "https://metrics.dropwizard.io/4.2.0/manual/servlets.html#healthcheckservlet",
    _read,
    Shape.TABLE | Shape.LIST,
)
JENKINS = Dialect(
    "jenkins",
    "Jenkins",
    "https://plugins.jenkins.io/metrics/",
    _read_jenkins,
    Shape.TABLE | Shape.TEXT | Shape.EMPTY,
)
NEXUS = Dialect(
    "nexus",
    "Sonatype Nexus Repository",
    "https://help.sonatype.com/en/status-api.html",
    _read_nexus,
    Shape.TABLE | Shape.TEXT | Shape.EMPTY,
)
