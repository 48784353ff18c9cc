"""Applications people run, each with its public source beside its table."""

from __future__ import annotations

import pytest

from platformpm.model.status import Reason, Status
from tests.unit.formats.health.verdicts import DEGRADED, DOWN, PAYLOAD, STATUS, UP, Ask, seen


# https://grafana.com/docs/grafana/latest/developers/http_api/other/
@pytest.mark.parametrize(
    ("body", "code", "path", "expected", "version"),
    [
        (
            {"commit": "d6c", "database": "ok", "version": "10.4.1"},
            200,
            "/api/health",
            ("grafana", UP, None, ()),
            "10.4.1",
        ),
        ({"database": "ok"}, 200, "/api/health", ("grafana", UP, None, ()), None),
        (
            {"commit": "d6c", "database": "failing", "version": "10.4.1"},
            503,
            "/grafana/api/health",
            ("grafana", DOWN, STATUS, ("database",)),
            "10.4.1",
        ),
        ("Ok", 200, "/healthz", ("grafana", UP, None, ()), None),
    ],
)
def test_grafana(
    ask: Ask, body: object, code: int, path: str, expected: tuple[object, ...], version: str | None
) -> None:
    verdict = ask(body, code, path)
    assert seen(verdict) == expected
    assert verdict is not None
    assert verdict.version == version


# https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/logging-monitoring/check-health.html
def airflow(**words: str | None) -> dict[str, object]:
    parts: dict[str, object] = {"metadatabase": {"status": "healthy"}, "scheduler": {"status": "healthy"}}
    parts |= {name: {"status": word, f"latest_{name}_heartbeat": None} for name, word in words.items()}
    return parts


@pytest.mark.parametrize(
    ("body", "status", "failing"),
    [
        (airflow(), UP, ()),
        (airflow(triggerer=None, dag_processor=None), UP, ()),
        (airflow(triggerer="healthy", dag_processor="healthy"), UP, ()),
        (airflow(scheduler="unhealthy"), DOWN, ("scheduler",)),
        (airflow(metadatabase="unhealthy", scheduler="unhealthy"), DOWN, ("metadatabase", "scheduler")),
        (airflow(dag_processor="unhealthy"), DOWN, ("dag_processor",)),
        ({**airflow(), "scheduler": {"status": "healthy", "detailed_status": "degraded"}}, DEGRADED, ("scheduler",)),
        ({**airflow(), "triggerer": None}, UP, ()),
    ],
)
def test_airflow_answers_200_whatever_it_says(ask: Ask, body: object, status: Status, failing: tuple[str, ...]) -> None:
    for path in ("/health", "/api/v2/monitor/health"):
        assert seen(ask(body, 200, path)) == ("airflow", status, None if status is UP else PAYLOAD, failing)


# https://next.sonarqube.com/sonarqube/web_api/api/system
@pytest.mark.parametrize(
    ("body", "expected", "detail"),
    [
        ({"health": "GREEN", "causes": []}, ("sonarqube", UP, None, ()), "GREEN"),
        ({"health": "YELLOW", "causes": [{"message": "slow"}]}, ("sonarqube", DEGRADED, PAYLOAD, ()), "slow"),
        (
            {"health": "RED", "causes": ["Elasticsearch is RED"]},
            ("sonarqube", DOWN, PAYLOAD, ()),
            "Elasticsearch is RED",
        ),
        (
            {
                "health": "RED",
                "causes": [],
                "nodes": [{"name": "app-1", "health": "GREEN"}, {"name": "app-2", "health": "RED"}],
            },
            ("sonarqube", DOWN, PAYLOAD, ("app-2",)),
            "app-2 RED",
        ),
        ({"status": "YELLOW", "causes": ["search"]}, ("sonarqube", DEGRADED, PAYLOAD, ()), "search"),
    ],
)
def test_sonarqube_health(ask: Ask, body: object, expected: tuple[object, ...], detail: str) -> None:
    verdict = ask(body, 200, "/api/system/health")
    assert seen(verdict) == expected
    assert verdict is not None
    assert detail in verdict.detail


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("UP", UP),
        ("RESTARTING", DEGRADED),
        ("STARTING", DOWN),
        ("DOWN", DOWN),
        ("DB_MIGRATION_NEEDED", DOWN),
        ("DB_MIGRATION_RUNNING", DOWN),
    ],
)
def test_sonarqube_status(ask: Ask, word: str, status: Status) -> None:
    verdict = ask({"id": "20150504120436", "version": "10.6", "status": word}, 200, "/api/system/status")
    assert seen(verdict) == ("sonarqube", status, None if status is UP else PAYLOAD, ())
    assert verdict is not None
    assert verdict.version == "10.6"


# https://help.sonatype.com/en/status-api.html
NEXUS = {"server": "Nexus/3.70.1-02 (OSS)"}


@pytest.mark.parametrize(
    ("body", "code", "path", "expected"),
    [
        ("", 200, "/service/rest/v1/status", ("nexus", UP, None, ())),
        ("", 503, "/service/rest/v1/status", ("nexus", DOWN, STATUS, ())),
        ("", 503, "/service/rest/v1/status/writable", ("nexus", DOWN, STATUS, ())),
        ({"Available CPUs": {"healthy": True}}, 200, "/service/rest/v1/status/check", ("nexus", UP, None, ())),
        (
            {"Available CPUs": {"healthy": False, "message": "only 1 core"}, "Transactions": {"healthy": True}},
            200,
            "/service/rest/v1/status/check",
            ("nexus", DEGRADED, PAYLOAD, ("Available CPUs",)),
        ),
        (
            {"Read-Only Detector": {"healthy": False, "error": {"message": "frozen"}}},
            200,
            "/service/rest/v1/status/check",
            ("nexus", DOWN, PAYLOAD, ("Read-Only Detector",)),
        ),
    ],
)
def test_nexus(ask: Ask, body: object, code: int, path: str, expected: tuple[object, ...]) -> None:
    verdict = ask(body, code, path, NEXUS)
    assert seen(verdict) == expected
    assert verdict is not None
    assert verdict.version == "3.70.1-02"


# https://plugins.jenkins.io/metrics/ and https://www.jenkins.io/doc/book/using/remote-access-api/
JENKINS = {"x-jenkins": "2.452.1"}
DISK = {"healthy": False, "message": "Only 3 GB left on agent-1"}


@pytest.mark.parametrize(
    ("body", "code", "path", "expected"),
    [
        ("<html>Sign in</html>", 200, "/login", ("jenkins", UP, None, ())),
        ("Please wait while Jenkins is getting ready to work", 503, "/login", ("jenkins", DOWN, STATUS, ())),
        (
            {"_class": "hudson.model.Hudson", "mode": "NORMAL", "quietingDown": False},
            200,
            "/api/json",
            ("jenkins", UP, None, ()),
        ),
        ({"mode": "NORMAL", "quietingDown": True}, 200, "/api/json", ("jenkins", DEGRADED, PAYLOAD, ())),
        (
            {"plugins": {"healthy": True}, "thread-deadlock": {"healthy": True}},
            200,
            "/metrics/k/healthcheck",
            ("jenkins", UP, None, ()),
        ),
        (
            {"disk-space": DISK, "plugins": {"healthy": True}},
            500,
            "/metrics/k/healthcheck",
            ("jenkins", DOWN, STATUS, ("disk-space",)),
        ),
        ({"disk-space": DISK}, 200, "/metrics/k/healthcheckOk", ("jenkins", DOWN, PAYLOAD, ("disk-space",))),
    ],
)
def test_jenkins(ask: Ask, body: object, code: int, path: str, expected: tuple[object, ...]) -> None:
    verdict = ask(body, code, path, JENKINS)
    assert seen(verdict) == expected
    assert verdict is not None
    assert verdict.version == "2.452.1"


def test_a_jenkins_page_that_is_not_there_is_left_to_the_status_code(ask: Ask) -> None:
    assert ask("<html>Not found</html>", 404, "/x", JENKINS) is None


# https://metrics.dropwizard.io/4.2.0/manual/servlets.html#healthcheckservlet
def test_dropwizard_checks_of_any_other_application(ask: Ask) -> None:
    good = {"deadlocks": {"healthy": True, "duration": 0, "timestamp": "2024"}}
    assert seen(ask(good)) == ("dropwizard", UP, None, ())
    bad = {**good, "db": {"healthy": False, "error": {"type": "E", "message": "refused"}}}
    verdict = ask(bad, 500)
    assert seen(verdict) == ("dropwizard", DOWN, STATUS, ("db",))
    assert verdict is not None
    assert verdict.detail == "HTTP 500; db unhealthy: refused"
    assert ask({"db": {"healthy": "false"}}) is None


# https://docs.gitlab.com/administration/monitoring/health_check/
@pytest.mark.parametrize(
    ("body", "code", "path", "expected"),
    [
        ("GitLab OK\n", 200, "/-/health", ("gitlab", UP, None, ())),
        ({"status": "failed"}, 200, "/-/readiness", ("gitlab", DOWN, PAYLOAD, ())),
        ({"status": "ok"}, 200, "/-/liveness", ("gitlab", UP, None, ())),
        ({"status": "ok", "master_check": [{"status": "ok"}]}, 200, "/-/readiness", ("gitlab", UP, None, ())),
        (
            {
                "status": "failed",
                "db_check": [{"status": "ok"}],
                "redis_check": [{"status": "failed", "message": "refused"}],
            },
            503,
            "/-/readiness?all=1",
            ("gitlab", DOWN, STATUS, ("redis_check",)),
        ),
        (
            {"db_check": {"status": "ok"}, "gitaly_check": {"status": "failed", "labels": {"shard": "default"}}},
            500,
            "/-/readiness",
            ("gitlab", DOWN, STATUS, ("gitaly_check",)),
        ),
        (
            {"db_check": {"status": "ok"}, "queues_check": {"status": "ok"}},
            200,
            "/-/liveness",
            ("gitlab", UP, None, ()),
        ),
        ({"status": "failed", "db_check": [{"status": "failed"}]}, 200, "/x", ("gitlab", DOWN, PAYLOAD, ("db_check",))),
        ({"healthy": True, "message": "success"}, 200, "/health_check.json", ("gitlab", UP, None, ())),
        ({"healthy": False, "message": "Redis"}, 500, "/health_check/all.json", ("gitlab", DOWN, STATUS, ())),
        (
            {"error": "Not Found", "status": 404},
            404,
            "/-/readiness",
            ("gitlab", Status.UNKNOWN, Reason.UNAUTHORIZED, ()),
        ),
        ("success", 200, "/health_check", ("gitlab", UP, None, ())),
        ("health_check failed: Redis", 500, "/health_check", ("gitlab", DOWN, STATUS, ())),
    ],
)
def test_gitlab(ask: Ask, body: object, code: int, path: str, expected: tuple[object, ...]) -> None:
    assert seen(ask(body, code, path)) == expected


def test_a_path_that_gitlab_does_not_have_is_left_to_the_status_code(ask: Ask) -> None:
    assert ask({"error": "Not Found", "status": 404}, 404, "/healthz") is None


# https://support.atlassian.com/statuspage/docs/what-are-the-different-apis-under-statuspage/
PAGE = {"id": "k", "name": "Acme", "url": "https://status.acme.example"}


def page(indicator: str, *components: dict[str, object]) -> dict[str, object]:
    return {"page": PAGE, "status": {"indicator": indicator, "description": "words"}, "components": list(components)}


def part(name: str, status: str, **more: object) -> dict[str, object]:
    return {"id": name, "name": name, "status": status, "group": False, **more}


@pytest.mark.parametrize(
    ("body", "status", "failing"),
    [
        (page("none", part("API", "operational")), UP, ()),
        (page("minor", part("API", "degraded_performance")), DEGRADED, ("API",)),
        (page("major", part("API", "partial_outage"), part("Web", "operational")), DOWN, ("API",)),
        (page("critical", part("API", "major_outage")), DOWN, ("API",)),
        (page("maintenance", part("API", "under_maintenance")), DEGRADED, ("API",)),
        (
            page("minor", part("Asia", "partial_outage", group=True), part("API", "partial_outage", group_id="Asia")),
            DEGRADED,
            ("Asia.API",),
        ),
        ({"page": PAGE, "status": {"indicator": "none", "description": "All Systems Operational"}}, UP, ()),
        ({"page": PAGE, "components": [part("API", "operational")]}, UP, ()),
        ({"page": PAGE, "components": [part("API", "degraded_performance")]}, DEGRADED, ("API",)),
        ({"page": PAGE, "components": [part("API", "partial_outage")]}, DEGRADED, ("API",)),
        ({"page": PAGE, "components": [part("API", "under_maintenance")]}, DEGRADED, ("API",)),
        ({"page": PAGE, "components": [part("API", "major_outage"), part("Web", "operational")]}, DOWN, ("API",)),
    ],
)
def test_statuspage(ask: Ask, body: object, status: Status, failing: tuple[str, ...]) -> None:
    expected = ("statuspage", status, None if status is UP else PAYLOAD, failing)
    assert seen(ask(body, 200, "/api/v2/summary.json")) == expected
