"""Stores, brokers and registries, each with its public source beside its table."""

from __future__ import annotations

import pytest

from platformpm.model.status import Reason, Status
from tests.unit.formats.health.verdicts import DEGRADED, DOWN, HEADER, PAYLOAD, STATUS, UP, Ask, seen


# https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-cluster-health
def cluster(colour: str, **more: object) -> dict[str, object]:
    return {"cluster_name": "logs", "status": colour, "timed_out": False, "number_of_nodes": 3, **more}


NO_MASTER = {"type": "master_not_discovered_exception", "reason": None}


@pytest.mark.parametrize(
    ("body", "code", "expected"),
    [
        (cluster("green"), 200, ("elasticsearch", UP, None, ())),
        (cluster("yellow", unassigned_shards=5), 200, ("elasticsearch", DEGRADED, PAYLOAD, ())),
        (cluster("red", discovered_cluster_manager=True), 200, ("elasticsearch", DOWN, PAYLOAD, ())),
        (cluster("yellow", timed_out=True), 408, ("elasticsearch", DEGRADED, PAYLOAD, ())),
        (cluster("green", timed_out=True), 408, ("elasticsearch", DEGRADED, PAYLOAD, ())),
        (
            cluster("red", indices={"a": {"status": "green"}, "b": {"status": "red"}}),
            200,
            ("elasticsearch", DOWN, PAYLOAD, ("b",)),
        ),
        (cluster("unknown", indicators={}), 200, ("elasticsearch", Status.UNKNOWN, PAYLOAD, ())),
        (
            {
                "status": "yellow",
                "cluster_name": "x",
                "indicators": {"disk": {"status": "yellow", "symptom": "nearly full"}},
            },
            200,
            ("elasticsearch", DEGRADED, PAYLOAD, ("disk",)),
        ),
        ({"error": {"root_cause": [NO_MASTER], **NO_MASTER}, "status": 503}, 503, ("elasticsearch", DOWN, STATUS, ())),
    ],
)
def test_elasticsearch_and_opensearch(ask: Ask, body: object, code: int, expected: tuple[object, ...]) -> None:
    assert seen(ask(body, code, "/_cluster/health")) == expected


# https://developer.hashicorp.com/consul/api-docs/health and …/agent/check, …/agent/service, …/agent
def consul_check(status: str, name: str = "service:web", service: str = "web", node: str = "n1") -> dict[str, object]:
    return {"Node": node, "CheckID": name, "Name": name, "Status": status, "Output": "said", "ServiceID": service}


def instance(*states: str) -> dict[str, object]:
    return {
        "Node": {"Node": "n"},
        "Service": {"ID": "web"},
        "Checks": [consul_check(s, f"c{i}") for i, s in enumerate(states)],
    }


@pytest.mark.parametrize(
    ("body", "code", "path", "expected"),
    [
        ([instance("passing", "passing")], 200, "/v1/health/service/web", ("consul", UP, None, ())),
        ([instance("passing", "critical")], 200, "/v1/health/service/web", ("consul", DOWN, PAYLOAD, ("c1",))),
        ([instance("warning")], 200, "/v1/health/service/web", ("consul", DEGRADED, PAYLOAD, ("c0",))),
        ([instance("passing"), instance("critical")], 200, "/x", ("consul", DEGRADED, PAYLOAD, ("c0",))),
        ([instance("critical"), instance("critical")], 200, "/x", ("consul", DOWN, PAYLOAD, ("c0",))),
        ([], 200, "/v1/health/service/web?passing", ("consul", DOWN, PAYLOAD, ())),
        ([], 200, "/v1/health/state/critical", ("consul", UP, None, ())),
        (
            [consul_check("passing"), consul_check("critical", "tcp")],
            200,
            "/v1/health/checks/web",
            ("consul", DOWN, PAYLOAD, ("tcp",)),
        ),
        (
            [consul_check("passing"), consul_check("critical", node="n2")],
            200,
            "/x",
            ("consul", DEGRADED, PAYLOAD, ("service:web",)),
        ),
        (
            {"a": consul_check("passing"), "b": consul_check("warning", "b")},
            200,
            "/v1/agent/checks",
            ("consul", DEGRADED, PAYLOAD, ("b",)),
        ),
        (
            {"a": consul_check("critical", "_service_maintenance:web")},
            200,
            "/x",
            ("consul", DOWN, PAYLOAD, ("_service_maintenance:web",)),
        ),
        ({"AggregatedStatus": "passing", "Service": {}, "Checks": []}, 200, "/x", ("consul", UP, None, ())),
        (
            [{"AggregatedStatus": "warning", "Checks": [consul_check("warning")]}],
            429,
            "/x",
            ("consul", DEGRADED, PAYLOAD, ("service:web",)),
        ),
        (
            [{"AggregatedStatus": "critical", "Checks": [consul_check("critical")]}],
            503,
            "/x",
            ("consul", DOWN, STATUS, ("service:web",)),
        ),
        ("critical", 503, "/v1/agent/health/service/name/web?format=text", ("consul", DOWN, STATUS, ())),
        ("maintenance", 503, "/v1/agent/health/service/id/web?format=text", ("consul", DOWN, STATUS, ())),
        ({"Config": {"Version": "1.18.0"}, "Member": {"Status": 1}}, 200, "/v1/agent/self", ("consul", UP, None, ())),
        (
            {"Config": {"Version": "1.18.0"}, "Member": {"Status": 4}},
            200,
            "/v1/agent/self",
            ("consul", DOWN, PAYLOAD, ()),
        ),
        ('"10.0.0.1:8300"', 200, "/v1/status/leader", ("consul", UP, None, ())),
        ('""', 200, "/v1/status/leader", ("consul", DOWN, PAYLOAD, ())),
        (
            {"Healthy": False, "Servers": [{"Name": "s1", "Healthy": False}]},
            429,
            "/x",
            ("consul", DEGRADED, PAYLOAD, ("s1",)),
        ),
    ],
)
def test_consul(ask: Ask, body: object, code: int, path: str, expected: tuple[object, ...]) -> None:
    assert seen(ask(body, code, path)) == expected


def test_consul_counts_the_instances_that_pass(ask: Ask) -> None:
    verdict = ask([instance("passing"), instance("passing"), instance("passing")])
    assert verdict is not None
    assert verdict.detail == "3 of 3 instances passing"


def test_consul_agent_tells_its_version(ask: Ask) -> None:
    verdict = ask({"Config": {"Version": "1.18.0"}, "Member": {"Status": 1}})
    assert verdict is not None
    assert verdict.version == "1.18.0"


# https://developer.hashicorp.com/vault/api-docs/system/health
def vault(**more: object) -> dict[str, object]:
    return {"initialized": True, "sealed": False, "standby": False, "version": "1.17.2", **more}


@pytest.mark.parametrize(
    ("body", "code", "status", "reason", "detail"),
    [
        (vault(), 200, UP, None, "active"),
        (vault(standby=True), 429, UP, None, "standby"),
        (vault(replication_dr_mode="secondary"), 472, UP, None, "disaster recovery"),
        (vault(performance_standby=True, standby=True), 473, UP, None, "performance standby"),
        (vault(standby=True), 200, UP, None, "standby"),
        (vault(sealed=True, standby=True), 503, DOWN, STATUS, "HTTP 503; sealed"),
        (vault(sealed=True), 200, DOWN, PAYLOAD, "sealed"),
        (vault(initialized=False, sealed=True), 501, DOWN, STATUS, "not initialized"),
        (vault(standby=True, ha_connection_healthy=False), 474, DOWN, STATUS, "without connection"),
        (vault(removed_from_cluster=True), 530, DOWN, STATUS, "removed"),
        ("", 200, UP, None, "active"),
        ("", 429, UP, None, "standby"),
        ("", 503, DOWN, STATUS, "sealed"),
        ("", 501, DOWN, STATUS, "not initialized"),
    ],
)
def test_vault(ask: Ask, body: object, code: int, status: Status, reason: Reason | None, detail: str) -> None:
    verdict = ask(body, code, "/v1/sys/health")
    assert seen(verdict) == ("vault", status, reason, ())
    assert verdict is not None
    assert detail in verdict.detail
    assert verdict.version == ("1.17.2" if body else None)


# https://www.rabbitmq.com/docs/monitoring#health-checks
ALARM = {"status": "failed", "reason": "alarms in effect", "alarms": [{"node": "rabbit@a", "resource": "memory"}]}


@pytest.mark.parametrize(
    ("body", "code", "path", "expected"),
    [
        ({"status": "ok"}, 200, "/api/health/checks/alarms", ("rabbitmq", UP, None, ())),
        ({"status": "ok"}, 200, "/api/aliveness-test/%2F", ("rabbitmq", UP, None, ())),
        (ALARM, 503, "/api/health/checks/alarms", ("rabbitmq", DOWN, STATUS, ("memory on rabbit@a",))),
        (ALARM, 503, "/behind/a/proxy", ("rabbitmq", DOWN, STATUS, ("memory on rabbit@a",))),
        ({"status": "failed", "reason": "nodedown"}, 200, "/api/healthchecks/node", ("rabbitmq", DOWN, PAYLOAD, ())),
        (
            {"status": "failed", "reason": "No active listener", "missing": 5671, "ports": [5672]},
            503,
            "/api/health/checks/port-listener/5671",
            ("rabbitmq", DOWN, STATUS, ("5671",)),
        ),
        (
            {"status": "failed", "reason": "Some virtual hosts are down", "virtual-hosts": ["/", "b"]},
            503,
            "/api/health/checks/virtual-hosts",
            ("rabbitmq", DOWN, STATUS, ("/", "b")),
        ),
    ],
)
def test_rabbitmq(ask: Ask, body: object, code: int, path: str, expected: tuple[object, ...]) -> None:
    assert seen(ask(body, code, path)) == expected


# https://docs.nats.io/running-a-nats-service/nats_admin/monitoring#health-healthz
LOST = {"type": "CONSUMER", "account": "$G", "stream": "ORDERS", "consumer": "billing", "error": "not current"}


@pytest.mark.parametrize(
    ("body", "code", "path", "expected"),
    [
        ({"status": "ok"}, 200, "http://n.example:8222/healthz", ("nats", UP, None, ())),
        ({"status": "ok"}, 200, "/healthz", ("generic", UP, None, ())),
        ({"status": "unavailable", "error": "JetStream is not current"}, 503, "/healthz", ("nats", DOWN, STATUS, ())),
        ({"status": "error", "error": "no leader"}, 500, "/healthz", ("nats", DOWN, STATUS, ())),
        (
            {"status": "error", "status_code": 503, "errors": [LOST]},
            503,
            "/healthz?details=true",
            ("nats", DOWN, STATUS, ("$G.ORDERS.billing",)),
        ),
    ],
)
def test_nats(ask: Ask, body: object, code: int, path: str, expected: tuple[object, ...]) -> None:
    assert seen(ask(body, code, path)) == expected


# https://min.io/docs/minio/linux/operations/monitoring/healthcheck-probe.html
@pytest.mark.parametrize(
    ("code", "path", "headers", "expected"),
    [
        (200, "/minio/health/live", {}, ("minio", UP, None, ())),
        (503, "/minio/health/ready", {}, ("minio", DOWN, STATUS, ())),
        (200, "/minio/health/cluster", {"x-minio-write-quorum": "3"}, ("minio", UP, None, ())),
        (503, "/minio/health/cluster", {"x-minio-write-quorum": "3"}, ("minio", DOWN, STATUS, ())),
        (503, "/behind/proxy", {"x-minio-read-quorum": "2"}, ("minio", DOWN, STATUS, ())),
        (412, "/minio/health/cluster?maintenance=true", {}, ("minio", DEGRADED, STATUS, ())),
        (200, "/minio/health/live", {"x-minio-server-status": "offline"}, ("minio", DOWN, HEADER, ())),
        (503, "/minio/health/cluster", {"x-minio-server-status": "iam-offline"}, ("minio", DOWN, STATUS, ())),
    ],
)
def test_minio_speaks_in_codes_and_headers(
    ask: Ask, code: int, path: str, headers: dict[str, str], expected: tuple[object, ...]
) -> None:
    assert seen(ask("", code, path, headers)) == expected


def test_an_empty_body_elsewhere_is_nobodys(ask: Ask) -> None:
    assert ask("") is None
    assert ask("", 503) is None


# https://www.cockroachlabs.com/docs/stable/monitoring-and-alerting#health-endpoints
NOT_READY = {"error": "node is shutting down", "code": 14, "message": "node is shutting down", "details": []}


@pytest.mark.parametrize(
    ("body", "code", "path", "expected"),
    [
        ({}, 200, "/health?ready=1", ("cockroachdb", UP, None, ())),
        (NOT_READY, 503, "/health?ready=1", ("cockroachdb", DOWN, STATUS, ())),
        ({"nodeId": 1, "address": {}, "buildInfo": {"tag": "v1.1.3"}}, 200, "/health", ("cockroachdb", UP, None, ())),
    ],
)
def test_cockroachdb(ask: Ask, body: object, code: int, path: str, expected: tuple[object, ...]) -> None:
    assert seen(ask(body, code, path)) == expected


def test_an_empty_object_elsewhere_is_nobodys(ask: Ask) -> None:
    assert ask({}, 200, "/health") is None
