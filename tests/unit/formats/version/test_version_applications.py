"""Applications: Spring Boot, IETF health, OpenAPI, home-made endpoints, and what must not be taken for a version."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.formats.payload import Payload
from platformpm.formats.version import VersionFinding, VersionMiss, read_version, recognise_version
from platformpm.model.check import VersionRule
from platformpm.model.exchange import Response

Answer = Callable[..., Payload]

# https://docs.spring.io/spring-boot/api/rest/actuator/info.html
SPRING_AROUND = {
    "os": {"name": "Linux", "version": "6.11.0-1015-azure"},
    "process": {"pid": 90226},
    "java": {"version": "17.0.15", "jvm": {"version": "17.0.15+10-LTS"}},
    "spring": {"framework": {"version": "6.1.5"}},
}
# https://www.baeldung.com and https://github.com/git-commit-id: the full form of the git section
GIT_SIMPLE = {"branch": "main", "commit": {"id": "df027cf", "time": "2025-06-18T16:46:11Z"}}
GIT_FULL = {
    "branch": "main",
    "build": {"version": "1.0.3", "user": {"name": "ci"}},
    "commit": {"id": {"abbrev": "df027cf", "full": "df027cf1ec5aeba2d4fedd7b8c42b88dc5ce38e5"}},
    "closest": {"tag": {"name": "v0.9"}},
}

RECOGNISED: list[tuple[str, str, object]] = [
    (
        "2.4.1",
        "info build.version",
        {"build": {"artifact": "a", "version": "2.4.1"}, "git": GIT_SIMPLE} | SPRING_AROUND,
    ),
    ("1.0.3", "info git.build.version", {"git": GIT_FULL} | SPRING_AROUND),
    ("df027cf", "info git.commit.id", {"git": GIT_SIMPLE} | SPRING_AROUND),
    ("df027cf", "info git.commit.id.abbrev", {"git": {"commit": GIT_FULL["commit"]}} | SPRING_AROUND),
    ("2.4.1-SNAPSHOT", "info app.version", {"app": {"name": "checkout", "version": "2.4.1-SNAPSHOT"}} | SPRING_AROUND),
    ("df027cf", "info git.commit.id", {"build": {"version": "@project.version@"}, "git": GIT_SIMPLE}),
    ("42", "info build.version", {"build": {"version": "42"}}),
    (
        "1.2.2",
        "health+json releaseId",
        {"status": "pass", "version": "1", "releaseId": "1.2.2", "serviceId": "f03e522f"},
    ),
    ("1a2b3c4", "health+json releaseId", {"status": "PASS", "version": "1.4", "releaseId": "1a2b3c4"}),
    ("2.4.1", "health+json releaseId", {"status": "fail", "version": "9.9.9", "releaseId": "2.4.1", "checks": {}}),
    ("2.4.1", "json version", {"status": "ok", "version": "2.4.1"}),
    ("v2.5.0-rc.1", "json version", {"name": "checkout", "version": "v2.5.0-rc.1", "dependencies": {"redis": "7.2.4"}}),
    ("2026.11.22-3", "json version", {"version": "2026.11.22-3"}),
    ("20261122.1", "json version", {"version": "20261122.1"}),
    ("1a2b3c4", "json version", {"version": "1a2b3c4"}),
    ("main-1a2b3c4d", "json version", {"version": "main-1a2b3c4d"}),
    ("release-2.4.1", "json version", {"version": "release-2.4.1"}),
    ("2.7.18.RELEASE", "json version", {"version": "2.7.18.RELEASE"}),
    ("2.4.1", "json appVersion", {"version": "1.0", "appVersion": "2.4.1"}),
    ("2.4.1", "json application_version", {"application_version": "2.4.1", "java_version": "21.0.2"}),
    ("2.4.1", "json service.version", {"service.version": "2.4.1", "telemetry.sdk.version": "1.36.0"}),
    ("2.4.1", "json service.version", {"service": {"name": "checkout", "version": "2.4.1"}}),
    ("2.4.1", "json buildInfo.version", {"buildInfo": {"version": "2.4.1", "goVersion": "go1.22.1"}}),
    # https://github.com/hellofresh/health-go
    (
        "2.4.1",
        "json component.version",
        {"status": "OK", "system": {"version": "go1.22.1"}, "component": {"name": "checkout", "version": "2.4.1"}},
    ),
    ("2.4.1", "json version", {"apiVersion": "v2", "version": "2.4.1", "latestVersion": "2.5.0"}),
    (
        "1.0.17",
        "openapi info.version",
        {"openapi": "3.0.2", "info": {"title": "Pets", "version": "1.0.17"}, "paths": {}},
    ),
    ("1.0.7", "openapi info.version", {"swagger": "2.0", "info": {"version": "1.0.7"}, "basePath": "/v2"}),
    ("2.4.1", "body", "2.4.1"),
    ("v2.4.1-rc.2", "body", "  v2.4.1-rc.2\r\n"),
    ("2.4.1", "body", '"2.4.1"'),
    ("1.0.0.0", "body", "1.0.0.0"),
    ("1a2b3c4d5e6f", "body", "1a2b3c4d5e6f\n"),
    ("0.0.0-dev", "json version", {"version": "0.0.0-dev"}),
    ("2.4.1", "json version", {"name": "checkout", "version": "2.4.1", "git": GIT_SIMPLE}),
    ("1234567", "info git.commit.id", {"git": {"branch": "main", "commit": {"id": "1234567"}}}),
    ("1!2.0", "json version", {"version": "1!2.0"}),
    ("20261122-1a2b3c4", "json version", {"version": "20261122-1a2b3c4"}),
]


@pytest.mark.parametrize(("version", "source", "body"), RECOGNISED)
def test_an_application_is_recognised(answer: Answer, version: str, source: str, body: object) -> None:
    assert recognise_version(answer(body)) == VersionFinding(version, source)


def test_the_version_of_an_ietf_answer_counts_when_it_is_plainly_a_build(answer: Answer) -> None:
    kind = {"Content-Type": "application/health+json"}
    assert recognise_version(answer(b'{"status":"pass","version":"1"}', kind)) is None
    assert isinstance(read_version(answer(b'{"status":"pass","version":"1"}', kind), VersionRule()), VersionMiss)
    found = recognise_version(answer(b'{"status":"pass","version":"2.4.1"}', kind))
    assert found == VersionFinding("2.4.1", "health+json version")


DISTRACTORS: list[object] = [
    {"status": "UP", "components": {"redis": {"status": "UP", "details": {"version": "7.2.4"}}}},
    {"status": "UP", "java_version": "21.0.2", "java": {"version": "21.0.2"}, "java.version": "21.0.2"},
    {"status": "ok", "goVersion": "go1.22.1", "go_version": "1.22.1", "node_version": "v20.11.1"},
    {"status": "ok", "apiVersion": "2.1.0", "api_version": "2.1", "schemaVersion": "3.4.5", "schema_version": "1.0.1"},
    {"status": "ok", "os": {"version": "22.04.3"}, "sdk": {"version": "1.2.3"}, "sdk.version": "1.2.3"},
    {
        "status": "ok",
        "minVersion": "1.2.3",
        "latestVersion": "2.5.0",
        "availableVersion": "2.5.0",
        "newVersion": "3.0.0",
    },
    {"status": "ok", "dependencies": [{"name": "spring", "version": "6.1.5"}], "plugins": {"a": {"version": "1.2.3"}}},
    {"status": "ok", "protocolVersion": "1.3.0", "protocol_version": "1.3.0", "tls": {"version": "1.3"}},
    {"status": "ok", "lucene_version": "9.10.0", "erlang_version": "26.2.3", "management_version": "3.13.1"},
    {
        "status": "ok",
        "runtime": {"version": "17.0.1"},
        "framework": {"version": "6.1.5"},
        "server": {"version": "1.2.3"},
    },
    {"jsonrpc": "2.0", "id": 1, "result": {"status": "ok"}},
    {"openapi": "3.0.1", "info": {"title": "API", "version": "v1"}},
    {"swagger": "2.0", "info": {"title": "API"}},
    {"apiVersion": "apps/v1", "kind": "Deployment", "version": "1.2.3"},
    {"$schema": "http://json-schema.org/draft-07/schema#", "version": "1.2.3"},
    {"resourceType": "CapabilityStatement", "version": "4.0.1", "fhirVersion": "4.0.1"},
    {"status": "ok", "version": "v1"},
    {"status": "ok", "version": "1"},
    {"status": "ok", "version": 1},
    {"status": "ok", "version": 1.5},
    {"status": "ok", "version": "v2beta1"},
    {"status": "ok", "version": "go1.22.1"},
    {"status": "ok", "version": "HTTP/1.1"},
    {"status": "ok", "version": "TLSv1.3"},
    {"status": "ok", "version": "OpenJDK 17.0.1"},
    {"status": "ok", "version": "java-17.0.1"},
    {"status": "ok", "version": None},
    {"status": "ok", "version": True},
    {"status": "ok", "version": ["2.4.1"]},
    {"status": "ok", "version": {"major": 2}},
    {"status": "ok", "version": "2.4.1 of yesterday"},
    {"status": "ok", "version": "2.4.1\x1b[31m"},
    {"status": "ok", "version": "1." * 200 + "1"},
    {"status": "ok", "version": "550e8400-e29b-41d4-a716-446655440000"},
    {"status": "ok", "commit": "1a2b3c4"},
    {"status": "scheduled", "releaseId": "release-7", "deploymentId": "d1"},
    {"info": {"db": {"status": "up", "version": "15.2"}}, "details": {}, "status": "ok"},
    [{"version": "2.4.1"}],
    "OK",
    "healthy",
    "1",
    "0.98",
    "1700000000",
    "1700000000.123",
    "10.0.0.1",
    "2026-11-22",
    "2026-11-22T10:00:00Z",
    "Healthy 2.4.1",
    "<html><body>Version 2.4.1</body></html>",
    "",
]


@pytest.mark.parametrize("body", DISTRACTORS, ids=str)
def test_what_is_no_version_of_the_service_is_not_taken(answer: Answer, body: object) -> None:
    assert recognise_version(answer(body)) is None


@pytest.mark.parametrize(
    "word",
    [
        *("", " ", "unknown", "UNKNOWN", "dev", "none", "null", "N/A", "latest", "unspecified", "(devel)", "-", "?"),
        *("${project.version}", "@project.version@", "{{ .Version }}", "%VERSION%", "__VERSION__", "$Format:%H$"),
        *("<version>", "#{version}#", "$VERSION", "${VERSION:-1.2.3}", "[1.2.3]", "...", "'unknown'"),
    ],
)
def test_placeholders_are_no_versions_even_where_a_rule_points_at_them(answer: Answer, word: str) -> None:
    payload = answer({"version": word, "build": {"version": word}, "info": {"app": word}})
    assert recognise_version(payload) is None
    assert isinstance(read_version(payload, VersionRule()), VersionMiss)
    assert isinstance(read_version(payload, VersionRule(json="info.app")), VersionMiss)


ASKED: list[tuple[str, object]] = [
    ("42", {"version": "42"}),
    ("42", {"version": 42}),
    ("v1", {"openapi": "3.0.1", "info": {"version": "v1"}}),
    ("2.4.1", {"code": 0, "data": {"version": "2.4.1"}}),
    ("2.4.1", {"version": {"number": "2.4.1", "major": 2}}),
    ("1a2b3c4", {"commit": "1a2b3c4", "branch": "main"}),
    ("1234567", {"commit": "1234567"}),
    ("1a2b3c4", {"git": {"commit": "1a2b3c4", "branch": "main"}}),
    ("1a2b3c4", {"commit": {"id": "1a2b3c4"}}),
    ("2026-11-22", "2026-11-22"),
    # https://github.com/mozilla-services/Dockerflow/blob/main/docs/version_object.md
    (
        "1a2b3c4",
        {"source": "https://git.example/x", "version": "", "commit": "1a2b3c4", "build": "https://ci.example/7"},
    ),
    ("4711", {"name": "checkout", "buildNumber": 4711}),
    ("1234", "1234\n"),
    ("2.4", "2.4"),
    ("build-77", {"app": {"version": "build-77"}}),
]


@pytest.mark.parametrize(("version", "body"), ASKED)
def test_a_version_check_believes_more_than_a_health_check(answer: Answer, version: str, body: object) -> None:
    found = read_version(answer(body), VersionRule())
    assert isinstance(found, VersionFinding)
    assert found.version == version


def test_an_answer_of_another_host_tells_no_version_of_this_service(answer: Answer) -> None:
    body = {"version": "2.4.1"}
    here = answer(body, url="https://shop.example/version", hops=("http://shop.example/version",))
    elsewhere = answer(body, url="https://login.example/", hops=("http://shop.example/version",))
    assert recognise_version(here) == VersionFinding("2.4.1", "json version")
    assert recognise_version(elsewhere) is None


names = st.text(max_size=5) | st.sampled_from(
    ["version", "Version", "build", "git", "commit", "id", "data", "info", "openapi", "status", "releaseId", "kas"]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(names, json_values), st.text())
def test_no_answer_raises_and_what_is_found_is_one_clean_word(body: dict[str, object], header: str) -> None:
    headers = (("x-app-version", header), ("server", header))
    payload = Payload(Response(url="http://h/", status=200, headers=headers, body=json.dumps(body).encode()))
    for found in (recognise_version(payload), read_version(payload, VersionRule())):
        if isinstance(found, VersionFinding):
            assert found.version.isascii()
            assert found.version.isprintable()
            assert " " not in found.version
            assert 0 < len(found.version) <= 100


@given(st.binary(max_size=200))
def test_no_bytes_raise(body: bytes) -> None:
    payload = Payload(Response(url="http://h/", status=200, body=body))
    recognise_version(payload)
    for rule in (VersionRule(), VersionRule(regex="(?P<version>.+)"), VersionRule(metric="a"), VersionRule(json="@")):
        read_version(payload, rule)
