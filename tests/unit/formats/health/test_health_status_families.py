"""Formats built around a top-level status, each with its public source in the table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from platformpm.formats.health import HealthVerdict
from platformpm.model.status import Reason, Status

Ask = Callable[..., HealthVerdict | None]
UP, DEGRADED, DOWN = Status.UP, Status.DEGRADED, Status.DOWN
PAYLOAD, STATUS = Reason.PAYLOAD, Reason.STATUS


def check(ask: Ask, body: object, code: int, expected: tuple[object, ...]) -> HealthVerdict:
    verdict = ask(body, code)
    assert verdict is not None
    assert (verdict.dialect, verdict.status, verdict.reason, verdict.failing) == expected
    return verdict


# https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check
IETF_CHECKS = {
    "cassandra:responseTime": [
        {"componentId": "dfd6cf2b", "componentType": "datastore", "observedValue": 250, "status": "pass"}
    ],
    "memory:utilization": [{"componentId": "6fd416e0", "observedValue": 8.5, "status": "warn", "output": "near limit"}],
    "uptime": [{"componentType": "system", "observedValue": 1209600.245, "status": "pass"}],
}


@pytest.mark.parametrize(
    ("body", "code", "status", "reason", "failing"),
    [
        (
            {"status": "pass", "serviceId": "f03e", "releaseId": "1.2.2", "version": "1", "notes": [""]},
            200,
            UP,
            None,
            (),
        ),
        ({"status": "warn", "checks": IETF_CHECKS}, 200, DEGRADED, PAYLOAD, ("memory:utilization",)),
        ({"status": "fail", "checks": {"db": [{"status": "fail", "output": "refused"}]}}, 503, DOWN, STATUS, ("db",)),
        ({"status": "fail", "checks": {"db": {"status": "fail"}}}, 200, DOWN, PAYLOAD, ("db",)),
        ({"status": "ok", "releaseId": "2"}, 200, UP, None, ()),
        ({"status": "UP", "checks": {"a:b": [{"componentId": "x", "status": "UP"}]}}, 200, UP, None, ()),
        ({"status": "error", "serviceId": "x"}, 500, DOWN, STATUS, ()),
        ({"status": "down", "serviceId": "x"}, 200, DOWN, PAYLOAD, ()),
        ({"status": "pass", "serviceId": "x"}, 503, DOWN, STATUS, ()),
    ],
)
def test_ietf_health_json(
    ask: Ask, body: object, code: int, status: Status, reason: Reason | None, failing: tuple[str, ...]
) -> None:
    check(ask, body, code, ("ietf-health", status, reason, failing))


def test_ietf_media_type_is_enough_and_the_release_is_the_version(ask: Ask) -> None:
    media = {"content-type": "application/health+json; charset=utf-8"}
    verdict = ask({"status": "pass", "version": "1", "releaseId": "1.2.2"}, headers=media)
    assert verdict is not None
    assert (verdict.dialect, verdict.version) == ("ietf-health", "1.2.2")
    only = ask({"status": "fail", "version": "7", "output": "disk full"}, 503, headers=media)
    assert only is not None
    assert (only.version, only.detail) == (None, "HTTP 503; status fail: disk full")


# https://download.eclipse.org/microprofile/microprofile-health-4.0/microprofile-health-spec-4.0.html
@pytest.mark.parametrize(
    ("body", "code", "status", "reason", "failing"),
    [
        ({"status": "UP", "checks": []}, 200, UP, None, ()),
        ({"status": "UP", "checks": [{"name": "db", "status": "UP", "data": {"pool": 4}}]}, 200, UP, None, ()),
        (
            {"status": "DOWN", "checks": [{"name": "db", "status": "DOWN", "data": {"<default>": "no connection"}}]},
            503,
            DOWN,
            STATUS,
            ("db",),
        ),
        ({"status": "DOWN", "checks": [{"name": "q", "status": "DOWN"}]}, 200, DOWN, PAYLOAD, ("q",)),
        ({"outcome": "DOWN", "checks": [{"name": "old", "state": "DOWN"}]}, 503, DOWN, STATUS, ("old",)),
        ({"outcome": "UP", "status": "UP", "checks": [{"name": "heap", "state": "UP"}]}, 200, UP, None, ()),
    ],
)
def test_microprofile_health(
    ask: Ask, body: object, code: int, status: Status, reason: Reason | None, failing: tuple[str, ...]
) -> None:
    check(ask, body, code, ("microprofile", status, reason, failing))


# https://www.keycloak.org/observability/health
def test_keycloak_is_microprofile_with_names_of_its_own(ask: Ask) -> None:
    name = "Keycloak database connections async health check"
    check(ask, {"status": "UP", "checks": [{"name": name, "status": "UP"}]}, 200, ("keycloak", UP, None, ()))
    body = {"status": "DOWN", "checks": [{"name": name, "status": "DOWN", "data": {"Failing since": "2024-01-01"}}]}
    verdict = check(ask, body, 503, ("keycloak", DOWN, STATUS, (name,)))
    assert "2024-01-01" in verdict.detail


# https://learn.microsoft.com/aspnet/core/host-and-deploy/health-checks and HealthChecks.UI's UIHealthReport
ENTRIES = {
    "redis": {"data": {}, "duration": "00:00:00.02", "status": "Healthy", "tags": []},
    "sql": {"data": {}, "description": "timeout", "exception": "Login failed", "status": "Unhealthy"},
}


@pytest.mark.parametrize(
    ("body", "code", "status", "reason", "failing"),
    [
        ("Healthy", 200, UP, None, ()),
        ("Degraded\r\n", 200, DEGRADED, PAYLOAD, ()),
        ("Unhealthy", 503, DOWN, STATUS, ()),
        ("Unhealthy", 200, DOWN, PAYLOAD, ()),
        ("Healthy", 503, DOWN, STATUS, ()),
        ('"Degraded"', 200, DEGRADED, PAYLOAD, ()),
        ({"status": "Unhealthy", "totalDuration": "00:00:00.05", "entries": ENTRIES}, 503, DOWN, STATUS, ("sql",)),
        ({"Status": "Unhealthy", "TotalDuration": "0", "Entries": ENTRIES}, 503, DOWN, STATUS, ("sql",)),
        ({"status": 1, "totalDuration": "0", "entries": {"a": {"status": 1}}}, 200, DEGRADED, PAYLOAD, ("a",)),
        ({"status": "Healthy", "results": {"a": {"status": "Healthy", "data": {}}}}, 200, UP, None, ()),
        ({"status": "Degraded", "results": {"a": {"status": "Degraded"}}}, 200, DEGRADED, PAYLOAD, ("a",)),
        ({"status": "Unhealthy", "checks": [{"name": "q", "status": "Unhealthy"}]}, 503, DOWN, STATUS, ("q",)),
        ({"status": "Healthy", "totalDuration": "00:00:00.0004", "entries": {}}, 200, UP, None, ()),
    ],
)
def test_aspnet_core_in_text_and_json(
    ask: Ask, body: object, code: int, status: Status, reason: Reason | None, failing: tuple[str, ...]
) -> None:
    check(ask, body, code, ("aspnet-core", status, reason, failing))


def test_text_that_only_contains_healthy_is_nobodys(ask: Ask) -> None:
    assert ask("healthy") is None
    assert ask("not Unhealthy at all") is None


# https://docs.nestjs.com/recipes/terminus
DOG = {"status": "down", "message": "timeout of 1000ms exceeded"}


@pytest.mark.parametrize(
    ("body", "code", "status", "reason", "failing"),
    [
        (
            {"status": "ok", "info": {"db": {"status": "up"}}, "error": {}, "details": {"db": {"status": "up"}}},
            200,
            UP,
            None,
            (),
        ),
        ({"status": "error", "info": {}, "error": {"dog": DOG}, "details": {"dog": DOG}}, 503, DOWN, STATUS, ("dog",)),
        ({"status": "error", "details": {"dog": DOG}}, 200, DOWN, PAYLOAD, ("dog",)),
        ({"status": "shutting_down", "info": {}, "error": {}, "details": {}}, 503, DOWN, STATUS, ()),
        ({"status": "shutting_down", "info": {}, "error": {}, "details": {}}, 200, DOWN, PAYLOAD, ()),
        ({"status": "ok", "info": {}, "error": {}, "details": {}}, 500, DOWN, STATUS, ()),
    ],
)
def test_terminus(
    ask: Ask, body: object, code: int, status: Status, reason: Reason | None, failing: tuple[str, ...]
) -> None:
    check(ask, body, code, ("terminus", status, reason, failing))


# https://github.com/goharbor/harbor/blob/main/api/v2.0/swagger.yaml
def test_harbor_answers_200_when_a_component_is_unhealthy(ask: Ask) -> None:
    core = {"name": "core", "status": "healthy"}
    bad = {"name": "registry", "status": "unhealthy", "error": "connection refused"}
    check(ask, {"status": "healthy", "components": [core]}, 200, ("harbor", UP, None, ()))
    body = {"status": "unhealthy", "components": [core, bad]}
    verdict = check(ask, body, 200, ("harbor", DOWN, PAYLOAD, ("registry",)))
    assert verdict.detail == "registry unhealthy: connection refused"


# DESIGN section 4: the closed table of the lowest dialect
@pytest.mark.parametrize(
    ("word", "status"),
    [(word, UP) for word in ("up", "OK", "Pass", "healthy", "GREEN")]
    + [(word, DEGRADED) for word in ("warn", "WARNING", "Degraded", "yellow")]
    + [(word, DOWN) for word in ("DOWN", "fail", "Failed", "failing", "error", "Unhealthy", "critical", "red")],
)
def test_the_generic_table(ask: Ask, word: str, status: Status) -> None:
    reason = None if status is UP else PAYLOAD
    check(ask, {"status": word}, 200, ("generic", status, reason, ()))
    check(ask, {"status": word}, 503, ("generic", DOWN, STATUS, ()))


@pytest.mark.parametrize("key", ["Status", "STATUS", "sTatus"])
def test_the_generic_key_counts_in_any_letter_case(ask: Ask, key: str) -> None:
    verdict = check(ask, {key: "DOWN"}, 200, ("generic", DOWN, PAYLOAD, ()))
    assert verdict.because == f"key {key}"
    check(ask, {key: "DOWN", "status": "ok"}, 200, ("generic", UP, None, ()))


@pytest.mark.parametrize(
    "word", ["running", "alive", "success", "true", "", "not ok", 1, True, None, ["up"], {"code": "UP"}]
)
def test_any_other_word_leaves_the_decision_to_the_status_code(ask: Ask, word: object) -> None:
    assert ask({"status": word}) is None
    assert ask({"status": word}, 503) is None


def test_a_status_below_the_top_is_not_generic(ask: Ask) -> None:
    assert ask({"data": {"status": "down"}}) is None
    assert ask([{"status": "down"}]) is None


def test_generic_names_bad_parts_of_a_bad_answer(ask: Ask) -> None:
    body = {
        "status": "degraded",
        "services": {"mail": {"status": "down", "message": "no relay"}, "db": {"status": "ok"}},
    }
    verdict = check(ask, body, 200, ("generic", DEGRADED, PAYLOAD, ("mail",)))
    assert verdict.detail == "mail down: no relay"
    good = {"status": "ok", "services": {"mail": {"status": "down"}}}
    check(ask, good, 200, ("generic", UP, None, ()))
