"""Atlassian Statuspage: `api/v2/status.json`, `summary.json` and `components.json`."""

from __future__ import annotations

from collections.abc import Iterator

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding
from platformpm.formats.health.words import counted, list_of, saying, table_of, text_of
from platformpm.model.status import Status, worst

_INDICATORS = {
    "none": Status.UP,
    "minor": Status.DEGRADED,
    "maintenance": Status.DEGRADED,
    "major": Status.DOWN,
    "critical": Status.DOWN,
}
_COMPONENTS = {
    "operational": Status.UP,
    "degraded_performance": Status.DEGRADED,
    "under_maintenance": Status.DEGRADED,
    "partial_outage": Status.DEGRADED,
    "major_outage": Status.DOWN,
}


def _read(answer: Answer) -> Finding | None:
    """The page answers 200 whatever it reports: the indicator counts, and without one the worst component."""
    table = answer.table
    if not isinstance(table.get("page"), dict) and not answer.chosen:
        return None
    entries = [entry for entry in list_of(table.get("components")) if isinstance(entry, dict)]
    failing = list(_failing(entries))
    indicator = table_of(table.get("status")).get("indicator")
    if isinstance(indicator, str) and indicator in _INDICATORS:
        says = saying(f"indicator {indicator}", text_of(table_of(table["status"]).get("description")))
        return Finding(_INDICATORS[indicator], says, "keys page and status.indicator", failing)
    states = [_COMPONENTS[str(entry["status"])] for entry in entries if _known(entry.get("status"))]
    if "status" in table or not states:
        return None
    return Finding(worst(states), counted(len(states), "component"), "keys page and components", failing)


def _known(word: object) -> bool:
    return isinstance(word, str) and word in _COMPONENTS


def _failing(entries: list[dict[str, object]]) -> Iterator[Component]:
    """Walk components that are not operational; a group only repeats its members."""
    groups = {
        text_of(entry.get("id")): text_of(entry.get("name"), 80) for entry in entries if entry.get("group") is True
    }
    for entry in entries:
        word = entry.get("status")
        if entry.get("group") is True or not _known(word) or word == "operational":
            continue
        group = groups.get(text_of(entry.get("group_id")), "")
        name = text_of(entry.get("name"), 80)
        yield Component(f"{group}.{name}" if group else name, text_of(word, 40))


STATUSPAGE = Dialect(
    "statuspage",
    "Atlassian Statuspage",
    "https://support.atlassian.com/statuspage/docs/what-are-the-different-apis-under-statuspage/",
    _read,
    keys=("page", "components"),
)
