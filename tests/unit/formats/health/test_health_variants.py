"""Rarer answers of known systems: other endpoints, older releases, other writers; each with its public source."""

from __future__ import annotations

import pytest

from platformpm.model.status import Status
from tests.unit.formats.health.verdicts import DEGRADED, DOWN, PAYLOAD, STATUS, UP, Ask, seen

# https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-cat-health (always 200)
TITLES = "epoch      timestamp cluster status node.total active_shards_percent\n"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("1475871424 16:17:04 green green 1 1 1 1 0 0 0 0 - 100.0%\n", UP),
        ("1475871424 16:17:04 green red 1 1 1 1 0 0 0 0 - 100.0%\n", DOWN),
        (f"{TITLES}1475871424 16:17:04  logs    yellow          1                     50.0%\n", DEGRADED),
        ("status cluster\nred    green\n", DOWN),
        ("yellow\n", DEGRADED),
        ([{"epoch": "1475871424", "cluster": "logs", "status": "red", "node.total": "1"}], DOWN),
    ],
)
def test_elasticsearch_cat_health(ask: Ask, body: object, status: Status) -> None:
    assert seen(ask(body, 200, "/_cat/health")) == ("elasticsearch", status, None if status is UP else PAYLOAD, ())
    assert ask(body, 200, "/_cat/other") is None


@pytest.mark.parametrize(
    "body", ["", "\n", "no such column", "1475871424 16:17:04 logs", [], [{"status": 3}], "red red"]
)
def test_what_is_no_row_of_cat_health_is_left_to_the_status_code(ask: Ask, body: object) -> None:
    assert ask(body, 200, "/_cat/health") is None


# https://www.dropwizard.io/en/stable/manual/health.html and HealthStateView (list of `/health-check?name=all`)
def test_the_health_module_of_dropwizard_knows_what_is_critical(ask: Ask) -> None:
    def view(name: str, healthy: bool, critical: bool) -> dict[str, object]:
        return {"name": name, "healthy": healthy, "type": "READY", "critical": critical}

    path = "/health-check?name=all"
    well = view("db", healthy=True, critical=True)
    assert seen(ask([well], 200, path)) == ("dropwizard", UP, None, ())
    minor = [well, view("cache", healthy=False, critical=False)]
    assert seen(ask(minor, 200, path)) == ("dropwizard", DEGRADED, PAYLOAD, ("cache",))
    major = [view("db", healthy=False, critical=True), *minor]
    assert seen(ask(major, 503, path)) == ("dropwizard", DOWN, STATUS, ("db", "cache"))
    assert seen(ask(major, 200, path)) == ("dropwizard", DOWN, PAYLOAD, ("db", "cache"))
    for other in ([], [{"name": "db", "healthy": False}], [{"healthy": False, "critical": True}], ["db"]):
        assert ask(other, 200, path) is None


# https://james.apache.org/server/manage-webadmin.html#healthcheck
def test_components_are_named_by_whatever_key_names_them(ask: Ask) -> None:
    checks = [
        {"componentName": "Guice", "escapedComponentName": "Guice", "status": "healthy", "cause": None},
        {"componentName": "Mail queue", "escapedComponentName": "Mail%20queue", "status": "degraded", "cause": "slow"},
    ]
    verdict = ask({"status": "degraded", "checks": checks}, 200, "/healthcheck")
    assert seen(verdict) == ("generic", DEGRADED, PAYLOAD, ("Mail queue",))
    assert verdict is not None
    assert verdict.detail == "Mail queue degraded: slow"


# Writers of many tutorials beside https://learn.microsoft.com/aspnet/core/host-and-deploy/health-checks#customize-output
@pytest.mark.parametrize(
    "parts",
    [
        {"errors": [{"key": "sql", "value": "Unhealthy"}, {"key": "queue", "value": "Healthy"}]},
        {"info": [{"key": "sql", "status": "Unhealthy", "error": "x"}, {"key": "queue", "status": "Healthy"}]},
        {"duration": "00:00:00.1", "info": [{"key": "sql", "status": "Unhealthy", "data": {}}]},
    ],
)
def test_lists_of_keys_by_aspnet_core_writers(ask: Ask, parts: dict[str, object]) -> None:
    assert seen(ask({"status": "Unhealthy", **parts}, 503)) == ("aspnet-core", DOWN, STATUS, ("sql",))


@pytest.mark.parametrize("parts", [{"errors": []}, {"errors": ["x"]}, {"info": {"version": "1"}}, {"info": [{"a": 1}]}])
def test_other_infos_and_errors_are_not_aspnet_core(ask: Ask, parts: dict[str, object]) -> None:
    assert seen(ask({"status": "Unhealthy", **parts}, 200)) == ("generic", DOWN, PAYLOAD, ())


# https://github.com/goharbor/harbor/blob/main/src/controller/health/checker.go (names of its components)
def test_a_list_of_components_is_harbors_only_by_its_path_or_names(ask: Ask) -> None:
    own = {"status": "unhealthy", "components": [{"name": "jobservice", "status": "unhealthy", "error": "x"}]}
    assert seen(ask(own, 200, "/")) == ("harbor", DOWN, PAYLOAD, ("jobservice",))
    other = {"status": "unhealthy", "components": [{"name": "cart-db", "status": "unhealthy"}]}
    assert seen(ask(other, 200, "/healthz")) == ("generic", DOWN, PAYLOAD, ("cart-db",))
    assert seen(ask(other, 200, "/registry/api/v2.0/health")) == ("harbor", DOWN, PAYLOAD, ("cart-db",))


# https://www.envoyproxy.io/docs/envoy/v1.8.0/operations/admin#get--server_info and …/latest/…, admin.v3.ServerInfo
@pytest.mark.parametrize(
    ("body", "status", "version"),
    [
        ("envoy 267c23d/1.8.0/Clean/RELEASE live 571 571 0\n", UP, "1.8.0"),
        ("envoy 267c23d/1.8.0/Modified/RELEASE draining 571 571 0\n", DOWN, "1.8.0"),
        ({"version": "5eea1cda/1.20.0-dev/Clean/RELEASE/BoringSSL", "state": "LIVE"}, UP, "1.20.0-dev"),
    ],
)
def test_envoy_tells_itself_by_its_build(ask: Ask, body: object, status: Status, version: str) -> None:
    verdict = ask(body, 200, "/server_info")
    assert seen(verdict) == ("envoy", status, None if status is UP else PAYLOAD, ())
    assert verdict is not None
    assert verdict.version == version


@pytest.mark.parametrize("body", ["envoy live", "envoy 1.8.0 live 1", {"version": "1.2.3", "state": "LIVE"}])
def test_other_states_are_not_envoys(ask: Ask, body: object) -> None:
    assert ask(body, 200, "/server_info") is None


# https://developer.hashicorp.com/consul/api-docs/agent/service#get-local-service-health (?format=text)
@pytest.mark.parametrize(
    ("word", "code", "status"), [("passing", 200, UP), ("warning", 429, DEGRADED), ("critical", 503, DOWN)]
)
def test_consul_in_text_needs_no_path_when_it_is_named(ask: Ask, word: str, code: int, status: Status) -> None:
    verdict = ask(word, code, "/behind/a/proxy", dialect="consul")
    assert verdict is not None
    assert (verdict.dialect, verdict.status, verdict.detail.split("; ")[-1]) == ("consul", status, word)
    assert ask(word, 200, "/behind/a/proxy") is None


# https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check#section-3.2 and 3.3 (version, releaseId)
@pytest.mark.parametrize(
    ("said", "version"),
    [
        ({"version": "1"}, None),
        ({"version": "v1"}, None),
        ({"version": "2.4.1"}, None),
        ({"version": "1", "releaseId": "42"}, "42"),
    ],
)
def test_the_version_of_an_api_is_not_what_runs(ask: Ask, said: dict[str, str], version: str | None) -> None:
    verdict = ask({"status": "pass", **said}, headers={"content-type": "application/health+json"})
    assert verdict is not None
    assert (verdict.dialect, verdict.version) == ("ietf-health", version)


@pytest.mark.parametrize(
    ("body", "path", "says"),
    [
        ("[+]ping ok\nhealthz check passed\n", "/healthz", "1 check passed"),
        ("[+]ping ok\n[+]log ok\nhealthz check passed\n", "/healthz", "2 checks passed"),
        ({"metadatabase": {"status": "healthy"}, "scheduler": {"status": None}}, "/health", "1 component healthy"),
        (
            {"metadatabase": {"status": "healthy"}, "scheduler": {"status": "healthy"}},
            "/health",
            "2 components healthy",
        ),
        ({"db_check": {"status": "ok"}}, "/-/readiness", "1 check"),
        (
            {"page": {}, "components": [{"name": "a", "status": "operational"}]},
            "/api/v2/components.json",
            "1 component",
        ),
    ],
)
def test_one_is_not_said_in_the_plural(ask: Ask, body: object, path: str, says: str) -> None:
    verdict = ask(body, 200, path)
    assert verdict is not None
    assert verdict.detail == says
