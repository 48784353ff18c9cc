"""Orchestrators, proxies and monitors, each with its public source beside its table."""

from __future__ import annotations

import pytest

from platformpm.model.status import Status
from tests.unit.formats.health.verdicts import DOWN, PAYLOAD, STATUS, UP, Ask, seen

# https://kubernetes.io/docs/reference/using-api/health-checks/
PASSED = "[+]ping ok\n[+]log ok\n[+]etcd excluded: ok\n[+]poststarthook/start-informers ok\nreadyz check passed\n"
FAILED = "[+]ping ok\n[-]etcd failed: reason withheld\n[-]shutdown failed: reason withheld\nreadyz check failed\n"


@pytest.mark.parametrize(
    ("body", "code", "path", "expected"),
    [
        (PASSED, 200, "/readyz?verbose", ("kubernetes", UP, None, ())),
        (FAILED, 500, "/readyz", ("kubernetes", DOWN, STATUS, ("etcd", "shutdown"))),
        (FAILED, 200, "/anything", ("kubernetes", DOWN, PAYLOAD, ("etcd", "shutdown"))),
        ("ok", 200, "/livez", ("kubernetes", UP, None, ())),
        ("ok", 200, "/healthz/etcd", ("kubernetes", UP, None, ())),
        ("internal server error: etcd: no leader", 500, "/readyz/etcd", ("kubernetes", DOWN, STATUS, ("etcd",))),
    ],
)
def test_kubernetes_check_lists(ask: Ask, body: str, code: int, path: str, expected: tuple[object, ...]) -> None:
    assert seen(ask(body, code, path)) == expected


def test_a_plain_ok_elsewhere_is_nobodys(ask: Ask) -> None:
    assert ask("ok", 200, "/health") is None
    assert ask("OK", 200, "/") is None


def test_an_unlucky_check_is_told_with_its_reason(ask: Ask) -> None:
    verdict = ask(FAILED, 500, "/readyz")
    assert verdict is not None
    assert verdict.detail.startswith("HTTP 500; etcd failed: reason withheld")


# https://etcd.io/docs/v3.6/op-guide/monitoring/ (truth values are strings)
@pytest.mark.parametrize(
    ("body", "code", "expected"),
    [
        ({"health": "true"}, 200, ("etcd", UP, None, ())),
        ({"health": "true", "reason": ""}, 200, ("etcd", UP, None, ())),
        ({"health": "false", "reason": "RAFT NO LEADER"}, 503, ("etcd", DOWN, STATUS, ())),
        ({"health": "false"}, 200, ("etcd", DOWN, PAYLOAD, ())),
        ({"health": False, "reason": "ALARM NOSPACE"}, 200, ("etcd", DOWN, PAYLOAD, ())),
        ("[+]data_corruption ok\n[+]serializable_read ok\nok\n", 200, ("etcd", UP, None, ())),
        (
            "[-]data_corruption failed: alarm activated: CORRUPT\n[+]serializable_read ok\n",
            503,
            ("etcd", DOWN, STATUS, ("data_corruption",)),
        ),
    ],
)
def test_etcd(ask: Ask, body: object, code: int, expected: tuple[object, ...]) -> None:
    assert seen(ask(body, code)) == expected


# https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--ready
INFO = {"version": "a4d1/1.30.1/Clean/RELEASE/BoringSSL", "hot_restart_version": "11.104"}


@pytest.mark.parametrize(
    ("body", "code", "expected"),
    [
        ("LIVE\n", 200, ("envoy", UP, None, ())),
        ("DRAINING", 503, ("envoy", DOWN, STATUS, ())),
        ("PRE_INITIALIZING", 503, ("envoy", DOWN, STATUS, ())),
        ("INITIALIZING", 503, ("envoy", DOWN, STATUS, ())),
        ({**INFO, "state": "LIVE"}, 200, ("envoy", UP, None, ())),
        ({**INFO, "state": "DRAINING"}, 200, ("envoy", DOWN, PAYLOAD, ())),
    ],
)
def test_envoy(ask: Ask, body: object, code: int, expected: tuple[object, ...]) -> None:
    verdict = ask(body, code, "/ready")
    assert seen(verdict) == expected
    assert verdict is not None
    assert verdict.version == ("1.30.1" if isinstance(body, dict) else None)


# https://doc.traefik.io/traefik/operations/ping/
def test_traefik_answers_ok_at_ping_only(ask: Ask) -> None:
    assert seen(ask("OK", 200, "/ping")) == ("traefik", UP, None, ())
    assert seen(ask("Service Unavailable\n", 503, "/ping")) == ("traefik", DOWN, STATUS, ())
    assert ask("pong", 200, "/ping") is None


# https://prometheus.io/docs/prometheus/latest/management_api/
@pytest.mark.parametrize(
    ("body", "code", "path", "headers", "status"),
    [
        ("Prometheus Server is Healthy.\n", 200, "/x", {}, UP),
        ("Prometheus is Ready.\n", 200, "/x", {}, UP),
        ("Prometheus Agent is Ready.\n", 200, "/x", {}, UP),
        ("OK", 200, "/-/healthy", {}, UP),
        ("Healthy", 200, "/-/healthy", {}, UP),
        ("", 200, "/-/ready", {}, UP),
        ("Service Unavailable", 503, "/-/ready", {"x-prometheus-stopping": "true"}, DOWN),
        ("Service Unavailable", 503, "/prom/-/ready", {"x-prometheus-stopping": "false"}, DOWN),
    ],
)
def test_prometheus_and_kin(ask: Ask, body: str, code: int, path: str, headers: dict[str, str], status: Status) -> None:
    assert seen(ask(body, code, path, headers)) == ("prometheus", status, None if status is UP else STATUS, ())
