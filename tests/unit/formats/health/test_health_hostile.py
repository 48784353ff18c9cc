"""Arbitrary and hostile answers: no exception, no unclean text, the status code never forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformpm.formats.health import DIALECTS, HealthVerdict, recognise
from platformpm.formats.payload import Payload
from platformpm.model.exchange import Response
from platformpm.model.status import Reason, Status
from platformpm.model.text import safe_text

Ask = Callable[..., HealthVerdict | None]

WORDS = [
    "up",
    "UP",
    "ok",
    "DOWN",
    "Healthy",
    "Unhealthy",
    "healthy",
    "unhealthy",
    "pass",
    "fail",
    "failed",
    "red",
    "RED",
]
WORDS += [
    "error",
    "passing",
    "critical",
    "LIVE",
    "none",
    "major",
    "true",
    "false",
    "STARTING",
    "OUT_OF_SERVICE",
    "\x1b[2J",
]
KEYS = [
    "status",
    "Status",
    "health",
    "checks",
    "components",
    "details",
    "info",
    "error",
    "entries",
    "results",
    "groups",
]
KEYS += [
    "totalDuration",
    "cluster_name",
    "timed_out",
    "indices",
    "indicators",
    "root_cause",
    "type",
    "reason",
    "initialized",
]
KEYS += [
    "sealed",
    "standby",
    "metadatabase",
    "scheduler",
    "triggerer",
    "database",
    "version",
    "page",
    "indicator",
    "causes",
]
KEYS += [
    "nodes",
    "id",
    "name",
    "state",
    "hot_restart_version",
    "db_check",
    "healthy",
    "quietingDown",
    "AggregatedStatus",
]
KEYS += [
    "Checks",
    "Service",
    "Config",
    "Member",
    "CheckID",
    "Healthy",
    "Servers",
    "Node",
    "alarms",
    "missing",
    "errors",
]
KEYS += [
    "status_code",
    "code",
    "message",
    "nodeId",
    "buildInfo",
    "outcome",
    "data",
    "serviceId",
    "output",
    "notes",
    "group",
]
PATHS = [
    "/health",
    "/v1/sys/health",
    "/readyz/x",
    "/-/ready",
    "/-/readiness",
    "/minio/health/live",
    "/actuator/health",
    "/ping",
]
PATHS += [
    "/api/health/checks/alarms",
    "/v1/health/service/a",
    "/health?ready=1",
    "/service/rest/v1/status",
    "/login",
    "/v1/status/leader",
]
HEADERS = [(), (("x-jenkins", "2"),), (("server", "Nexus/3 (OSS)"),), (("content-type", "application/health+json"),)]
CODES = [200, 204, 301, 404, 408, 412, 429, 472, 473, 500, 501, 503]

leaves = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
)
leaves |= st.sampled_from(WORDS)
names = st.sampled_from(KEYS) | st.text(max_size=6)
bodies = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6), max_leaves=25
)
raw = (
    bodies.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=200)
    | st.sampled_from(WORDS).map(str.encode)
)


def payload(body: bytes, code: int, path: str, headers: tuple[tuple[str, str], ...] = ()) -> Payload:
    return Payload(Response(url=f"http://h.example:8222{path}", status=code, headers=headers, body=body))


def hold(verdict: HealthVerdict, code: int) -> None:
    assert verdict.dialect in DIALECTS
    assert verdict.detail == safe_text(verdict.detail)
    assert len(verdict.failing) <= 20
    assert verdict.more == 0 or len(verdict.failing) == 20
    assert len(set(verdict.failing)) == len(verdict.failing)
    for text in (verdict.because, verdict.version or "", *verdict.failing):
        assert text == safe_text(text)
    assert (verdict.reason is None) == (verdict.status is Status.UP)
    if verdict.status is Status.UP:
        assert (
            200 <= code <= 299
            or (verdict.dialect, code) in {("vault", 429), ("vault", 472), ("vault", 473)}
            or code in (408, 429)
        )


@settings(max_examples=400)
@given(raw, st.sampled_from(CODES), st.sampled_from(PATHS), st.sampled_from(HEADERS))
def test_no_answer_breaks_any_dialect(body: bytes, code: int, path: str, headers: tuple[tuple[str, str], ...]) -> None:
    seen = payload(body, code, path, headers)
    for dialect in ("auto", *DIALECTS):
        verdict = recognise(seen, dialect)
        if verdict is not None:
            hold(verdict, code)
            assert dialect in ("auto", verdict.dialect)


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(KEYS), bodies, min_size=1, max_size=10), st.sampled_from(CODES))
def test_no_mixture_of_known_keys_breaks_any_dialect(table: dict[str, object], code: int) -> None:
    seen = payload(json.dumps(table).encode(), code, "/health")
    for dialect in ("auto", *DIALECTS):
        verdict = recognise(seen, dialect)
        if verdict is not None:
            hold(verdict, code)


@pytest.mark.parametrize(
    "body",
    [
        b'{"status": NaN}',
        b'{"status": "UP", "components": ' + b'{"a":' * 800 + b"1" + b"}" * 801,
        b'{"status": "DOWN", "components": {"a": '
        + b'{"status": "DOWN", "components": {"a": ' * 100
        + b"1"
        + b"}}" * 100
        + b"}}",
        b"[" * 5000,
        b'{"status": ' + b"9" * 5000 + b"}",
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf",
    ],
)
def test_hostile_json_is_survived(ask: Ask, body: bytes) -> None:
    for dialect in ("auto", *DIALECTS):
        ask(body, dialect=dialect)


@pytest.mark.parametrize(
    "flaw",
    [b'"caf\xe9"', b'"\xed\xa0\x80"', b"NaN", b"-Infinity", b"1e999", b"9" * 5000, rb'"\ud800"'],
)
def test_what_is_not_json_to_the_letter_does_not_hide_that_a_service_is_down(ask: Ask, flaw: bytes) -> None:
    component = b'{"db": {"status": "DOWN", "details": {"error": "gone", "x": ' + flaw + b"}}}"
    verdict = ask(b'{"status": "DOWN", "components": ' + component + b"}")
    assert verdict is not None
    assert (verdict.dialect, verdict.status, verdict.failing) == ("spring-boot", Status.DOWN, ("db",))


def test_a_byte_order_mark_does_not_hide_a_body(ask: Ask) -> None:
    verdict = ask(b"\xef\xbb\xbf" + json.dumps({"status": "DOWN"}).encode())
    assert verdict is not None
    assert verdict.reason is Reason.PAYLOAD


def test_a_body_cut_at_the_cap_is_not_read_as_json() -> None:
    cut = Response(url="http://h.example/health", status=200, body=b'{"status": "UP"}', complete=False)
    assert recognise(Payload(cut)) is None


@pytest.mark.parametrize(
    "body",
    [
        {"database": "ok", "commit": "d6c", "version": "10.4.1"},
        {"initialized": True, "sealed": False, "version": "1.17.2"},
        {"id": "20150504120436", "status": "UP", "version": "10.6"},
        {"status": "pass", "releaseId": "1.2.2", "checks": {}},
    ],
)
@pytest.mark.parametrize(
    "word", ["unknown", "${project.version}", "<script>", "../../x", "[@click=quit]1[/]", "1\x1b[31m"]
)
def test_what_cannot_be_a_version_is_none_in_a_dialect_either(ask: Ask, body: dict[str, object], word: str) -> None:
    key = "releaseId" if "releaseId" in body else "version"
    verdict, hostile = ask(body), ask({**body, key: word})
    assert verdict is not None
    assert hostile is not None
    assert (verdict.version, hostile.version) == (body[key], None)
