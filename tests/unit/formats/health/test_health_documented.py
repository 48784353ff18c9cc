"""Answers as the documentation of each system shows them, whole, and the same ones with a wrong type in every place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from platformpm.formats.health import DIALECTS, HealthVerdict, recognise
from platformpm.formats.payload import Payload
from platformpm.model.exchange import Response
from platformpm.model.status import Status
from platformpm.model.text import safe_text

Ask = Callable[..., HealthVerdict | None]
UP, DEGRADED, DOWN = Status.UP, Status.DEGRADED, Status.DOWN

# Each as (dialect, path, code, status, failing components, body); the sources stand in the dialects themselves.
DOCUMENTED: list[tuple[str, str, int, Status, tuple[str, ...], str]] = [
    ("spring-boot", "/actuator/health", 503, DOWN, ("broker.us1", "db"), """{"status": "DOWN", "components": {
        "broker": {"status": "DOWN", "components": {"us1": {"status": "DOWN", "details": {"error": "E"}},
        "us2": {"status": "UP", "details": {"version": "1.0.4"}}}}, "ping": {"status": "UP"},
        "db": {"status": "DOWN", "details": {"error": "refused"}}}, "groups": ["liveness", "readiness"]}"""),
    ("ietf-health", "/health", 200, DEGRADED, ("cpu:utilization",), """{"status": "warn", "version": "1",
        "releaseId": "1.2.2", "notes": [""], "output": "", "serviceId": "f03e", "description": "authz", "checks": {
        "cassandra:responseTime": [{"componentId": "d", "componentType": "datastore", "observedValue": 250,
        "observedUnit": "ms", "status": "pass", "affectedEndpoints": ["/users/{userId}"], "output": ""}],
        "cpu:utilization": [{"componentId": "6", "node": 1, "observedValue": 85, "status": "warn", "output": "hot"}]},
        "links": {"about": "http://api.example/about"}}"""),
    ("microprofile", "/health", 503, DOWN, ("secondCheck",), """{"status": "DOWN", "checks": [{"name": "firstCheck",
        "status": "UP", "data": {"key": "value"}}, {"name": "secondCheck", "status": "DOWN", "data": {"n": 1}}]}"""),
    ("keycloak", "/health/ready", 200, UP, (), """{"status": "UP", "checks": [{"name": "Keycloak cluster health check",
        "status": "UP"}, {"name": "Keycloak database connections async health check", "status": "UP"}]}"""),
    ("aspnet-core", "/healthz", 503, DOWN, ("sql",), """{"status": "Unhealthy", "totalDuration": "00:00:15.04",
        "entries": {"sql": {"data": {}, "description": "network", "duration": "00:00:15", "exception": "Login failed",
        "status": "Unhealthy", "tags": ["db"]}, "redis": {"data": {}, "status": "Healthy", "tags": []}}}"""),
    ("elasticsearch", "/_cluster/health", 200, DOWN, ("logs",), """{"cluster_name": "c", "status": "red",
        "timed_out": false, "number_of_nodes": 1, "unassigned_shards": 1, "active_shards_percent_as_number": 50.0,
        "indices": {"logs": {"status": "red", "number_of_shards": 1}, "ok": {"status": "green"}}}"""),
    ("etcd", "/health", 503, DOWN, (), '{"health": "false", "reason": "RAFT NO LEADER"}'),
    ("consul", "/v1/health/service/web", 200, DOWN, ("service:web",), """[{"Node": {"ID": "4", "Node": "foobar"},
        "Service": {"ID": "web", "Service": "web", "Weights": {"Passing": 10}}, "Checks": [{"Node": "foobar",
        "CheckID": "service:web", "Name": "web", "Status": "critical", "Notes": "", "Output": "503", "ServiceID": "web"},
        {"Node": "foobar", "CheckID": "serfHealth", "Status": "passing", "Output": "", "ServiceID": ""}]}]"""),
    ("consul", "/v1/agent/self", 200, UP, (), """{"Config": {"Datacenter": "dc1", "NodeName": "foo", "Version": "1.18.1"},
        "Member": {"Name": "foo", "Addr": "10.1.10.12", "Tags": {"bootstrap": "1"}, "Status": 1}, "Meta": {}}"""),
    ("vault", "/v1/sys/health", 429, UP, (), """{"initialized": true, "sealed": false, "standby": true,
        "performance_standby": false, "replication_performance_mode": "disabled", "replication_dr_mode": "disabled",
        "server_time_utc": 1516639589, "version": "1.16.1", "cluster_name": "v", "ha_connection_healthy": true}"""),
    ("rabbitmq", "/api/health/checks/alarms", 503, DOWN, ("memory on rabbit@a",), """{"status": "failed",
        "reason": "There are alarms in effect", "alarms": [{"node": "rabbit@a", "resource": "memory"}]}"""),
    ("nats", "/healthz", 503, DOWN, ("$G.orders", "jetstream"), """{"status": "unavailable", "errors": [
        {"type": "STREAM", "account": "$G", "stream": "orders", "error": "not current"},
        {"type": "JETSTREAM", "error": "no meta leader"}]}"""),
    ("cockroachdb", "/health?ready=1", 503, DOWN, (), """{"error": "node is not healthy", "code": 14,
        "message": "node is not healthy", "details": []}"""),
    ("grafana", "/api/health", 503, DOWN, ("database",), '{"commit": "d", "database": "failing", "version": "10.4.1"}'),
    ("airflow", "/api/v2/monitor/health", 200, DOWN, ("scheduler",), """{"metadatabase": {"status": "healthy"},
        "scheduler": {"status": "unhealthy", "latest_scheduler_heartbeat": "2018-12-26 17:15:11+00:00"},
        "triggerer": {"status": "healthy", "latest_triggerer_heartbeat": "2018-12-26 17:16:12+00:00"},
        "dag_processor": {"status": null, "latest_dag_processor_heartbeat": null}}"""),
    ("sonarqube", "/api/system/health", 200, DOWN, ("app-1",), """{"health": "RED", "causes": [{"message": "node is RED"}],
        "nodes": [{"name": "app-1", "type": "APPLICATION", "health": "RED", "causes": [{"message": "foo"}]},
        {"name": "search-1", "type": "SEARCH", "host": "192.168.1.2", "health": "GREEN", "causes": []}]}"""),
    ("sonarqube", "/api/system/status", 200, DOWN, (), '{"id": "2015", "version": "5.1", "status": "STARTING"}'),
    ("harbor", "/api/v2.0/health", 200, DOWN, ("redis",), """{"status": "unhealthy", "components": [{"name": "core",
        "status": "healthy"}, {"name": "redis", "status": "unhealthy", "error": "no such host"}]}"""),
    ("nexus", "/service/rest/v1/status/check", 200, DOWN, ("Transactions",), """{"Available CPUs": {"healthy": true,
        "message": null, "error": null, "details": null, "time": 1611, "duration": 0, "timestamp": "2021"},
        "Transactions": {"healthy": false, "message": "stuck", "error": {"message": "m"}}}"""),
    ("jenkins", "/metrics/k/healthcheck", 500, DOWN, ("disk-space",), """{"disk-space": {"healthy": false,
        "message": "Only 3 GB left", "duration": 0}, "plugins": {"healthy": true, "message": "No failed plugins"}}"""),
    ("gitlab", "/-/readiness?all=1", 503, DOWN, ("gitaly_check",), """{"status": "failed", "db_check": [{"status": "ok"}],
        "gitaly_check": [{"status": "failed", "message": "14", "labels": {"shard": "default"}}]}"""),
    ("envoy", "/server_info", 200, DOWN, (), """{"version": "816188b8/1.30.2/Clean/RELEASE/BoringSSL",
        "state": "DRAINING", "uptime_current_epoch": "33s", "hot_restart_version": "11.104", "node": {"id": ""}}"""),
    ("terminus", "/health", 503, DOWN, ("dog",), """{"status": "error", "info": {"docs": {"status": "up"}},
        "error": {"dog": {"status": "down", "message": "timeout"}},
        "details": {"docs": {"status": "up"}, "dog": {"status": "down", "message": "timeout"}}}"""),
    ("statuspage", "/api/v2/summary.json", 200, DEGRADED, ("Europe.API",), """{"page": {"id": "k", "name": "Acme"},
        "components": [{"id": "g", "name": "Europe", "status": "partial_outage", "group": true, "components": ["a"]},
        {"id": "a", "name": "API", "status": "partial_outage", "group": false, "group_id": "g"}],
        "incidents": [], "status": {"indicator": "minor", "description": "Partial"}}"""),
    ("dropwizard", "/healthcheck", 500, DOWN, ("db",), """{"db": {"healthy": false, "error": {"message": "refused",
        "stack": ["a"]}}, "deadlocks": {"healthy": true, "duration": 0}}"""),
    ("generic", "/health", 503, DOWN, ("db",), '{"status": "unhealthy", "checks": [{"name": "db", "status": "down"}]}'),
]  # fmt: skip
WRONG: list[object] = [None, True, False, 0, -1, 3.5, 10**30, "", "x" * 300, "\x1b[2J\u202e\x00", [], {}, [[]], [None]]
WRONG += [{"\x1b]52;c;x\x07": {"status": "DOWN", "healthy": False}}, ["DOWN", {"name": {"x": 1}, "status": "DOWN"}]]


@pytest.mark.parametrize("case", DOCUMENTED, ids=lambda case: f"{case[0]}{case[1]}")
def test_the_documented_answer(ask: Ask, case: tuple[str, str, int, Status, tuple[str, ...], str]) -> None:
    dialect, path, code, status, failing, body = case
    for verdict in (ask(body, code, path), ask(body, code, "/behind/a/proxy", dialect=dialect)):
        assert verdict is not None
        assert (verdict.dialect, verdict.status, verdict.failing) == (dialect, status, failing)
        assert (verdict.reason is None) == (status is UP)


def places(value: object, start: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """Walk the paths to every value in a JSON document."""
    yield start
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from places(part, (*start, key))


def replaced(value: object, place: tuple[object, ...], wrong: object) -> object:
    if not place:
        return wrong
    if isinstance(value, dict):
        return {key: replaced(part, place[1:], wrong) if key == place[0] else part for key, part in value.items()}
    assert isinstance(value, list)
    return [replaced(part, place[1:], wrong) if key == place[0] else part for key, part in enumerate(value)]


@pytest.mark.parametrize("case", DOCUMENTED, ids=lambda case: f"{case[0]}{case[1]}")
def test_a_wrong_type_in_any_place_breaks_nothing(case: tuple[str, str, int, Status, tuple[str, ...], str]) -> None:
    dialect, path, code, _, _, body = case
    document = json.loads(body)
    for place in places(document):
        for wrong in WRONG:
            raw = json.dumps(replaced(document, place, wrong)).encode()
            payload = Payload(Response(url=f"http://service.example{path}", status=code, body=raw))
            for verdict in (recognise(payload), recognise(payload, dialect)):
                hold(verdict, code)


def hold(verdict: HealthVerdict | None, code: int) -> None:
    if verdict is None:
        return
    assert verdict.dialect in DIALECTS
    assert verdict.status is not UP or code in (200, 429)
    for text in (verdict.detail, verdict.because, verdict.version or "", *verdict.failing):
        assert text == safe_text(text)
