"""Consul: health of services and checks, of an agent's own checks, and the agent itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding, Shape
from platformpm.formats.health.words import list_of, saying, table_of, text_of
from platformpm.formats.version.tokens import stamped
from platformpm.model.status import RANK, Reason, Status, worst

_WORDS = {
    "passing": Status.UP,
    "warning": Status.DEGRADED,
    "critical": Status.DOWN,
    "maintenance": Status.DOWN,
}
"""Maintenance takes an instance out of DNS and out of passing queries: it serves nobody."""

_WARNING_CODE = frozenset({429})
"""`/v1/agent/health/service/…` repeats its aggregate as 200, 429 (warning) or 503 (critical)."""

_FILTERED = "x-consul-results-filtered-by-acls"
_MEMBER_ALIVE = 1
_AGENT_SERVICE = "/v1/agent/health/service/"
_OF_A_SERVICE = (
    *("/v1/health/service/", "/v1/health/checks/", "/v1/health/connect/", "/v1/health/ingress/"),
    _AGENT_SERVICE,
)
_NOT_FOUND = 404
_Check = Mapping[str, object]


def _read(answer: Answer) -> Finding | None:
    if answer.shape is Shape.LIST:
        return _read_list(answer)
    return _read_text(answer) if answer.shape is Shape.TEXT else _read_table(answer.table)


def _read_table(table: Mapping[str, object]) -> Finding | None:
    if "Config" in table and "Member" in table:
        return _read_agent(table)
    if "AggregatedStatus" in table:
        return _aggregated([table])
    if isinstance(table.get("Healthy"), bool) and isinstance(table.get("Servers"), list):
        return _read_autopilot(table)
    if table and all(map(_is_check, table.values())):
        return _grouped("map of checks", [[table_of(check) for check in table.values()]])
    return None


def _read_list(answer: Answer) -> Finding | None:
    entries = [table_of(entry) for entry in list_of(answer.payload.json)]
    if not entries:
        return _read_nothing(answer)
    if all("AggregatedStatus" in entry for entry in entries):
        return _aggregated(entries)
    if all(isinstance(entry.get("Checks"), list) and "Service" in entry for entry in entries):
        groups = [[table_of(check) for check in list_of(entry["Checks"])] for entry in entries]
        return _grouped("list of instances with Service and Checks", groups)
    if all(map(_is_check, entries)):
        by_instance: dict[tuple[str, str], list[_Check]] = {}
        for check in entries:
            by_instance.setdefault((_plain(check.get("Node")), _plain(check.get("ServiceID"))), []).append(check)
        return _grouped("list of checks", by_instance.values())
    return None


def _read_nothing(answer: Answer) -> Finding | None:
    """An empty list: no instance of the service is registered (or passes), or no check is in the state asked for."""
    if (answer.header(_FILTERED) or "").strip().lower() == "true":
        says = "hidden by ACLs: the token may not read this"
        return Finding(Status.UNKNOWN, says, f"header {_FILTERED}", reason=Reason.UNAUTHORIZED)
    if any(path in answer.path for path in _OF_A_SERVICE):
        return Finding(Status.DOWN, "no instance of the service", f"empty list at {answer.path}")
    if "/v1/health/state/" in answer.path:
        return Finding(Status.UP, "no check in this state", f"empty list at {answer.path}")
    return None


def _plain(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_check(value: object) -> bool:
    return isinstance(value, dict) and "CheckID" in value and isinstance(value.get("Status"), str)


def _grouped(because: str, groups: Iterable[list[_Check]]) -> Finding:
    """An instance is as bad as its worst check; the service is down only when all of its instances are."""
    by_instance = list(groups)
    instances = [worst(map(_state, checks), Status.UP) for checks in by_instance]
    bad = (check for check in chain.from_iterable(by_instance) if _state(check) is not Status.UP)
    return Finding(_service(instances), _count(instances), because, map(_component, bad))


def _service(instances: list[Status]) -> Status:
    bad = worst(instances)
    return Status.DEGRADED if bad is Status.DOWN and min(instances, key=RANK.__getitem__) is not Status.DOWN else bad


def _count(instances: list[Status]) -> str:
    return f"{sum(state is Status.UP for state in instances)} of {len(instances)} instances passing"


def _state(check: _Check) -> Status:
    word = check.get("Status")
    return _WORDS.get(word, Status.UNKNOWN) if isinstance(word, str) else Status.UNKNOWN


def _component(check: _Check) -> Component:
    name = text_of(check.get("CheckID"), 80) or text_of(check.get("Name"), 80)
    return Component(name, saying(check.get("Status"), text_of(check.get("Output")) or text_of(check.get("Notes"))))


def _aggregated(entries: list[_Check]) -> Finding | None:
    """Read `/v1/agent/health/service/…`; its code repeats the aggregate."""
    words = [entry["AggregatedStatus"] for entry in entries]
    states = [_WORDS.get(word, Status.UNKNOWN) if isinstance(word, str) else Status.UNKNOWN for word in words]
    checks = [table_of(check) for entry in entries for check in list_of(entry.get("Checks"))]
    failing = [_component(check) for check in checks if _state(check) is not Status.UP]
    says = f"aggregated status {text_of(words[0], 40)}" if len(words) == 1 else _count(states)
    return Finding(_service(states), says, "key AggregatedStatus", failing, accepted=_WARNING_CODE)


def _read_agent(table: Mapping[str, object]) -> Finding | None:
    config, member = table_of(table["Config"]), table_of(table["Member"])
    status = member.get("Status")
    if not isinstance(status, int) or "Version" not in config:
        return None
    alive = status == _MEMBER_ALIVE
    says = "member alive" if alive else f"member status {text_of(status, 20)}"
    version = stamped(config["Version"])
    return Finding(Status.UP if alive else Status.DOWN, says, "keys Config and Member", version=version)


def _read_autopilot(table: _Check) -> Finding:
    """Read `/v1/operator/autopilot/health`: it answers 429 when a server is not healthy, be there a quorum or not."""
    bad = [server for server in map(table_of, list_of(table["Servers"])) if server.get("Healthy") is False]
    failing = [Component(text_of(server.get("Name"), 80), "not healthy") for server in bad]
    tolerance = table.get("FailureTolerance")
    status = Status.UP if table["Healthy"] else Status.DEGRADED
    says = f"healthy, failure tolerance {text_of(tolerance, 20)}" if table["Healthy"] else "not healthy"
    return Finding(status, says, "keys Healthy and Servers", failing, accepted=_WARNING_CODE)


def _read_text(answer: Answer) -> Finding | None:
    """Read `/v1/agent/health/service/…?format=text` and `/v1/status/leader` (an empty string: no leader)."""
    if answer.path.endswith("/v1/status/leader") and isinstance(answer.payload.json, str):
        leader = text_of(answer.payload.json)
        status = Status.UP if leader else Status.DOWN
        return Finding(status, f"leader {leader}" if leader else "no leader", "path /v1/status/leader")
    if answer.status == _NOT_FOUND and _AGENT_SERVICE in answer.path:
        return Finding(Status.DOWN, text_of(answer.word) or "not found", f"path {_AGENT_SERVICE}")
    asked = answer.chosen or _AGENT_SERVICE in answer.path
    if asked and answer.word in _WORDS:
        return Finding(_WORDS[answer.word], answer.word, f"text {answer.word}", accepted=_WARNING_CODE)
    return None


CONSUL = Dialect(
    "consul",
    "Consul",
    "https://developer.hashicorp.com/consul/api-docs/health",
    _read,
    Shape.TABLE | Shape.LIST | Shape.TEXT,
)
