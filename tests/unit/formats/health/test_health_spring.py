"""Sources: https://docs.spring.io/spring-boot/api/rest/actuator/health.html and the pages on HealthIndicators."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from platformpm.formats.health import HealthVerdict
from platformpm.model.status import Reason, Status

Ask = Callable[..., HealthVerdict | None]

V3 = {"content-type": "application/vnd.spring-boot.actuator.v3+json;charset=UTF-8"}
DISK = {"status": "UP", "details": {"total": 500, "free": 300, "threshold": 10, "exists": True}}
PING = {"status": "UP"}


def down(error: str) -> dict[str, object]:
    return {"status": "DOWN", "details": {"error": error}}


CASES = [
    # name, body, code, status, reason, failing, part of the detail
    ("3.x up", {"status": "UP", "components": {"diskSpace": DISK, "ping": PING}}, 200, Status.UP, None, (), "UP"),
    (
        "3.x down with 503",
        {"status": "DOWN", "components": {"db": down("org.postgresql.PSQLException: refused"), "ping": PING}},
        503,
        Status.DOWN,
        Reason.STATUS,
        ("db",),
        "HTTP 503; db DOWN: org.postgresql.PSQLException: refused",
    ),
    (
        "down with 200 after a changed mapping",
        {"status": "DOWN", "components": {"db": down("x")}},
        200,
        Status.DOWN,
        Reason.PAYLOAD,
        ("db",),
        "db DOWN: x",
    ),
    (
        "composite contributors are named by their path",
        {
            "status": "DOWN",
            "components": {
                "broker": {"status": "DOWN", "components": {"us1": down("no route"), "us2": {"status": "UP"}}},
                "db": {"status": "UP", "details": {"database": "H2"}},
            },
        },
        503,
        Status.DOWN,
        Reason.STATUS,
        ("broker.us1",),
        "broker.us1 DOWN: no route",
    ),
    (
        "2.0 and 2.1 nest under details",
        {"status": "DOWN", "details": {"db": {"status": "DOWN", "details": {"a": down("e"), "b": {"status": "UP"}}}}},
        503,
        Status.DOWN,
        Reason.STATUS,
        ("db.a",),
        "db.a DOWN: e",
    ),
    (
        "1.x lists components beside the status",
        {"status": "DOWN", "diskSpace": {"status": "UP", "free": 1}, "redis": {"status": "DOWN", "error": "gone"}},
        503,
        Status.DOWN,
        Reason.STATUS,
        ("redis",),
        "redis DOWN: gone",
    ),
    ("groups", {"status": "UP", "groups": ["liveness", "readiness"]}, 200, Status.UP, None, (), "UP"),
    ("refusing traffic", {"status": "OUT_OF_SERVICE"}, 503, Status.DOWN, Reason.STATUS, (), "OUT_OF_SERVICE"),
    (
        "refusing traffic by a component",
        {"status": "OUT_OF_SERVICE", "components": {"readinessState": {"status": "OUT_OF_SERVICE"}}},
        503,
        Status.DOWN,
        Reason.STATUS,
        ("readinessState",),
        "readinessState OUT_OF_SERVICE",
    ),
    ("unknown", {"status": "UNKNOWN", "components": {}}, 200, Status.UNKNOWN, Reason.PAYLOAD, (), "UNKNOWN"),
    (
        "an unknown component does not fail",
        {"status": "UP", "components": {"discovery": {"status": "UNKNOWN"}}},
        200,
        Status.UP,
        None,
        (),
        "UP",
    ),
    ("custom FATAL", {"status": "FATAL", "components": {}}, 200, Status.DOWN, Reason.PAYLOAD, (), "FATAL"),
    ("custom WARNING", {"status": "WARNING", "details": {}}, 200, Status.DEGRADED, Reason.PAYLOAD, (), "WARNING"),
    (
        "custom component behind a DOWN",
        {"status": "DOWN", "components": {"feed": {"status": "LAGGING"}, "db": {"status": "UP"}}},
        503,
        Status.DOWN,
        Reason.STATUS,
        ("feed",),
        "feed LAGGING",
    ),
    (
        "custom component of an UP",
        {"status": "UP", "components": {"feed": {"status": "LAGGING"}}},
        200,
        Status.UP,
        None,
        (),
        "UP",
    ),
    ("up, but 503", {"status": "UP", "components": {}}, 503, Status.DOWN, Reason.STATUS, (), "though the body says"),
]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_actuator_answers_of_all_generations_are_understood(ask: Ask, case: tuple[object, ...]) -> None:
    _, body, code, status, reason, failing, detail = case
    verdict = ask(body, code)
    assert verdict is not None
    assert (verdict.dialect, verdict.status, verdict.reason) == ("spring-boot", status, reason)
    assert verdict.failing == failing
    assert str(detail) in verdict.detail
    assert verdict.version is None


@pytest.mark.parametrize(
    ("path", "headers", "dialect"),
    [
        ("/health", {}, "generic"),
        ("/shop/actuator/health/readiness", {}, "spring-boot"),
        ("/manage/health", V3, "spring-boot"),
        ("/health", {"content-type": "application/vnd.spring-boot.actuator.v2+json"}, "spring-boot"),
    ],
)
def test_a_bare_up_is_spring_only_by_path_or_media_type(
    ask: Ask, path: str, headers: dict[str, str], dialect: str
) -> None:
    verdict = ask({"status": "UP"}, path=path, headers=headers)
    assert verdict is not None
    assert (verdict.dialect, verdict.status) == (dialect, Status.UP)


def test_the_media_type_is_told_as_the_cause_of_recognition(ask: Ask) -> None:
    verdict = ask({"status": "UP"}, headers=V3)
    assert verdict is not None
    assert "vnd.spring-boot.actuator.v3+json" in verdict.because


def test_other_actuator_endpoints_are_not_health(ask: Ask) -> None:
    assert ask({"_links": {"self": {"href": "/actuator"}}}, headers=V3) is None
    assert ask({"timestamp": "now", "status": 404, "error": "Not Found"}, 404) is None


def test_a_custom_status_counts_only_from_a_certain_actuator(ask: Ask) -> None:
    body = {"status": "SHAKY", "components": {"feed": {"status": "LAGGING"}}}
    assert ask(body) is None
    verdict = ask(body, path="/actuator/health")
    assert verdict is not None
    assert (verdict.status, verdict.reason, verdict.failing) == (Status.DEGRADED, Reason.PAYLOAD, ("feed",))
