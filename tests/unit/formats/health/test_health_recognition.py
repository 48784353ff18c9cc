"""What holds for all dialects: whose body it is, what a name asks for, who may not look."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from platformpm.formats.health import DIALECTS, HealthVerdict
from platformpm.model.status import Reason, Status

Ask = Callable[..., HealthVerdict | None]


@pytest.mark.parametrize("code", [401, 403, 407])
def test_who_may_not_look_is_never_judged(ask: Ask, code: int) -> None:
    assert ask({"status": "DOWN", "components": {}}, code) is None
    assert ask({"status": "UP"}, code, dialect="spring-boot") is None


def test_a_rate_limit_is_not_a_health_answer_unless_the_format_says_so(ask: Ask) -> None:
    assert ask({"status": "error"}, 429) is None
    assert ask({"initialized": True, "sealed": False, "standby": True}, 429) is not None


def test_a_named_dialect_is_the_only_one_tried(ask: Ask) -> None:
    elastic = {"cluster_name": "c", "status": "red"}
    assert ask(elastic, dialect="grafana") is None
    assert ask(elastic, dialect="none") is None
    verdict = ask(elastic, dialect="generic")
    assert verdict is not None
    assert verdict.dialect == "generic"
    with pytest.raises(KeyError):
        ask(elastic, dialect="no-such-dialect")


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        ("nats", {"status": "ok"}),
        ("kubernetes", "ok"),
        ("traefik", "OK"),
        ("cockroachdb", {}),
        ("spring-boot", {"status": "UP"}),
    ],
)
def test_a_named_dialect_needs_no_hint(ask: Ask, dialect: str, body: object) -> None:
    verdict = ask(body, path="/anywhere", dialect=dialect)
    assert verdict is not None
    assert (verdict.dialect, verdict.status) == (dialect, Status.UP)


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_a_page_of_html_is_in_no_dialect(ask: Ask, dialect: str) -> None:
    assert ask("<!doctype html><html><body>Welcome</body></html>", dialect=dialect) is None


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
def test_each_dialect_names_itself_and_its_public_source(dialect: object) -> None:
    name, title, source = (getattr(dialect, key) for key in ("name", "title", "source"))
    assert name == name.lower()
    assert name not in ("auto", "none")
    assert title
    assert source.startswith("https://")


# Shapes that overlap: whose they are.
@pytest.mark.parametrize(
    ("body", "dialect"),
    [
        ({"status": "UP", "details": {"db": {"status": "UP"}}}, "spring-boot"),
        ({"status": "ok", "details": {"db": {"status": "up"}}, "info": {}, "error": {}}, "terminus"),
        ({"status": "UP", "checks": [{"name": "db", "status": "UP"}]}, "microprofile"),
        ({"status": "pass", "checks": {"db": [{"status": "pass"}]}}, "ietf-health"),
        ({"status": "Healthy", "checks": [{"name": "db", "status": "Healthy"}]}, "aspnet-core"),
        ({"status": "healthy", "components": [{"name": "core", "status": "healthy"}]}, "harbor"),
        ({"status": "UP", "components": {"db": {"status": "UP"}}}, "spring-boot"),
        ({"status": "ok", "database": "ok", "version": "1.2"}, "generic"),
        ({"status": "green"}, "generic"),
        ({"status": "green", "cluster_name": "c"}, "elasticsearch"),
        ({"status": "UP", "id": "x", "version": "9.9"}, "sonarqube"),
        ({"status": "ok", "version": "9.9"}, "generic"),
        ({"status": "ok", "uptime": 3}, "generic"),
        ({"status": "healthy", "checks": {"db": {"status": "healthy"}}}, "generic"),
    ],
)
def test_overlapping_shapes_go_to_their_owner(ask: Ask, body: object, dialect: str) -> None:
    verdict = ask(body)
    assert verdict is not None
    assert (verdict.dialect, verdict.status) == (dialect, Status.UP)


# Look-alikes of other people's making: a word a known system would not use says nothing about their health.
@pytest.mark.parametrize(
    "body",
    [
        {"database": "connected", "version": "1.2"},
        {"status": "unavailable"},
        {"status": "RUNNING", "db": {"status": "CONNECTED"}},
        {"error": "", "code": 0, "message": "fine"},
        {"error": {"type": "x", "root_cause": []}, "status": 200},
        {"id": "a", "version": "1", "status": "STARTING", "region": "eu"},
        {"state": "LIVE"},
        {"health": "good"},
        {"page": {"title": "home"}, "status": {"indicator": "blue"}},
        {"sealed": "no", "initialized": "yes"},
        {"checks": [{"name": "a", "status": "UP"}]},
        {"healthy": True},
    ],
)
def test_look_alikes_are_left_to_the_status_code(ask: Ask, body: object) -> None:
    assert ask(body) is None


def test_failing_components_are_cleaned_counted_once_and_at_most_twenty(ask: Ask) -> None:
    parts = {f"db\x1b[31m-{i}": {"status": "DOWN", "details": {"error": "\u202eevil\nline"}} for i in range(500)}
    verdict = ask({"status": "DOWN", "components": parts}, 503)
    assert verdict is not None
    assert len(verdict.failing) == 20
    assert verdict.more == 480
    assert verdict.detail.startswith("HTTP 503; at least 500 components fail: db")
    assert "\x1b" not in verdict.detail + "".join(verdict.failing)
    assert "\u202e" not in verdict.detail
    assert len(verdict.detail) <= 200


@pytest.mark.parametrize(
    ("count", "named", "more", "begins"),
    [(20, 20, 0, "c0 DOWN; c1 DOWN"), (21, 20, 1, "21 components fail: c0 DOWN"), (9_000, 20, 480, "at least 500 ")],
)
def test_more_failing_components_than_are_named_are_counted(
    ask: Ask, count: int, named: int, more: int, begins: str
) -> None:
    verdict = ask({"status": "DOWN", "components": {f"c{i}": {"status": "DOWN"} for i in range(count)}})
    assert verdict is not None
    assert (len(verdict.failing), verdict.more) == (named, more)
    assert verdict.detail.startswith(begins)


@pytest.mark.parametrize(
    ("body", "path", "dialect"),
    [
        ("ok", "/healthz", "kubernetes"),
        ("LIVE", "/ready", "envoy"),
        ("Healthy", "/health", "aspnet-core"),
        ({"cluster_name": "c", "status": "green"}, "/", "elasticsearch"),
        ({"initialized": True, "sealed": False, "standby": False}, "/v1/sys/health", "vault"),
        ({"status": "healthy", "components": []}, "/api/v2.0/health", "harbor"),
        ({"health": "true"}, "/health", "etcd"),
        ({"database": "ok", "version": "1"}, "/api/health", "grafana"),
    ],
)
def test_a_bad_code_outweighs_a_good_body_and_both_are_told(ask: Ask, body: object, path: str, dialect: str) -> None:
    verdict = ask(body, 502, path)
    assert verdict is not None
    assert (verdict.dialect, verdict.status, verdict.reason) == (dialect, Status.DOWN, Reason.STATUS)
    assert verdict.detail.startswith("HTTP 502, though the body says ")
