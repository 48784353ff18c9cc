"""The rules of status and reason: what came back, what was expected, and what a reading makes of both."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.formats.judge import judge_health, judge_version
from platformpm.model.check import Check, Expectation, Purpose, StatusRange, VersionRule
from platformpm.model.exchange import Certificate, Failure, Response
from platformpm.model.reading import Phases
from platformpm.model.status import Reason, Status

_AT = 1_800_000_000.0
_DAY = 86400.0
_URL = "http://shop.test/health"
_SPRING_UP = b'{"status":"UP","components":{"db":{"status":"UP"}}}'
_SPRING_DOWN = b'{"status":"DOWN","components":{"db":{"status":"DOWN"},"ping":{"status":"UP"}}}'
_VAULT_STANDBY = (
    b'{"initialized":true,"sealed":false,"standby":true,"performance_standby":false,"replication_performance_mode":'
    b'"disabled","replication_dr_mode":"disabled","server_time_utc":1516639589,"version":"1.15.2","cluster_name":"c"}'
)
_RED = b'{"cluster_name":"logs","status":"red","timed_out":false,"number_of_nodes":3,"active_shards":5}'


def _response(status: int = 200, body: bytes = b"fine", **more: object) -> Response:
    return Response(_URL, status, body=body, latency=0.02, **more)  # type: ignore[arg-type]  # names of fields


def _status(*ranges: tuple[int, int]) -> Expectation:
    return Expectation(status=tuple(StatusRange(*span) for span in ranges))


@pytest.mark.parametrize(
    ("status", "body", "check", "outcome"),
    [
        (200, b"fine", Check(), (Status.UP, None)),
        (204, b"", Check(), (Status.UP, None)),
        (404, b"", Check(), (Status.DOWN, Reason.STATUS)),
        (503, b"", Check(), (Status.DOWN, Reason.STATUS)),
        (302, b"", Check(), (Status.DOWN, Reason.STATUS)),
        (302, b"", Check(redirects=0), (Status.UP, None)),
        (401, b"", Check(), (Status.UNKNOWN, Reason.UNAUTHORIZED)),
        (403, b'{"status":"DOWN"}', Check(), (Status.UNKNOWN, Reason.UNAUTHORIZED)),
        (407, b"", Check(expect=Expectation(body="never")), (Status.UNKNOWN, Reason.UNAUTHORIZED)),
        (401, b"", Check(expect=_status((401, 401))), (Status.UP, None)),
        (429, b'{"status":"error"}', Check(), (Status.UNKNOWN, Reason.RATE_LIMITED)),
        (429, _VAULT_STANDBY, Check(), (Status.UP, None)),
        (429, _VAULT_STANDBY, Check(expect=_status((200, 200))), (Status.DOWN, Reason.STATUS)),
        (200, _RED, Check(), (Status.DOWN, Reason.PAYLOAD)),
        (200, _RED, Check(dialect="none"), (Status.UP, None)),
        (200, _RED, Check(expect=_status((200, 200))), (Status.DOWN, Reason.PAYLOAD)),
        (200, _RED, Check(expect=Expectation(body="logs")), (Status.UP, None)),
        (200, _SPRING_UP, Check(), (Status.UP, None)),
        (503, _SPRING_UP, Check(), (Status.DOWN, Reason.STATUS)),
        (503, _SPRING_UP, Check(expect=_status((503, 503))), (Status.UP, None)),
        (503, _SPRING_DOWN, Check(expect=_status((503, 503))), (Status.DOWN, Reason.PAYLOAD)),
        (503, _SPRING_DOWN, Check(expect=Expectation(json=(("status", "DOWN"),))), (Status.DOWN, Reason.STATUS)),
        (200, _SPRING_DOWN, Check(expect=Expectation(json=(("components.ping.status", "UP"),))), (Status.UP, None)),
        (200, _SPRING_UP, Check(expect=Expectation(json=(("status", "OK"),))), (Status.DOWN, Reason.PAYLOAD)),
        (200, b"<html>", Check(dialect="spring-boot"), (Status.DOWN, Reason.PAYLOAD)),
        (500, b"<html>", Check(dialect="spring-boot"), (Status.DOWN, Reason.STATUS)),
        (200, b"x", Check(expect=Expectation(headers=(("X-Up", "y"),))), (Status.DOWN, Reason.HEADER)),
        (200, b"x", Check(expect=Expectation(body="y")), (Status.DOWN, Reason.BODY)),
        (200, b"x", Check(expect=Expectation(body="(")), (Status.UNKNOWN, Reason.CONFIG)),
    ],
)
def test_the_rules_of_status(status: int, body: bytes, check: Check, outcome: tuple[Status, Reason | None]) -> None:
    reading = judge_health(_response(status, body), check, _AT).reading
    assert (reading.status, reading.reason) == outcome, reading.detail
    assert reading.at == _AT


def test_the_detail_says_what_was_seen() -> None:
    assert judge_health(_response(503, b""), Check(), _AT).reading.detail == "HTTP 503, expected 2xx"
    check = Check(expect=_status((200, 200), (404, 404)))
    assert judge_health(_response(503, b""), check, _AT).reading.detail == "HTTP 503, expected 200 or 404"


def test_a_json_object_that_could_not_be_read_is_told_of() -> None:
    broken = _response(body=b'{"status": "DOWN", "why": "no end')
    for _ in range(2):
        reading = judge_health(broken, Check(), _AT).reading
        assert reading.status is Status.UP
        assert reading.detail.startswith("HTTP 200; the body is not usable JSON: Unterminated string")
    assert judge_health(broken, Check(dialect="none"), _AT).reading.detail == "HTTP 200"
    assert judge_health(_response(body=b'{"a": 1}'), Check(), _AT).reading.detail == "HTTP 200"


UNKNOWN_STATUS = [
    ({"status": "banana"}, 'status "banana" is not a word platformpm knows'),
    ({"Status": "STARTING"}, 'status "STARTING" is not a word platformpm knows'),
    ({"status": 3}, "status 3 is not a word platformpm knows"),
    ({"status": False}, "status false is not a word platformpm knows"),
    ({"status": "a\x1b[2Jb"}, 'status "a\N{REPLACEMENT CHARACTER}[2Jb" is not a word platformpm knows'),
    ({"ok": False}, "ok is false, which platformpm does not read"),
    ({"status": True, "ready": False, "alive": False}, "ready and alive are false, which platformpm does not read"),
]


@pytest.mark.parametrize(("body", "said"), UNKNOWN_STATUS, ids=json.dumps)
def test_what_is_not_understood_of_a_good_answer_is_told_and_decides_nothing(body: object, said: str) -> None:
    response = _response(200, json.dumps(body).encode())
    for _ in range(2):
        judged = judge_health(response, Check(), _AT)
        assert (judged.reading.status, judged.reading.dialect) == (Status.UP, None)
        assert judged.reading.detail == f"HTTP 200; {said}: the status line decides"
        assert judged.because == f"{said}: the status line decides"
    expecting = judge_health(response, Check(expect=Expectation(body=".")), _AT)
    assert expecting.reading.detail == "HTTP 200"
    assert judge_health(response, Check(dialect="none"), _AT).reading.detail == "HTTP 200"


@pytest.mark.parametrize("body", [{"status": True}, {"status": None}, {"status": {"code": 1}}, {"ok": True}, {"ok": 0}])
def test_what_says_nothing_bad_is_not_told(body: object) -> None:
    assert judge_health(_response(200, json.dumps(body).encode()), Check(), _AT).reading.detail == "HTTP 200"


def test_a_good_word_beside_a_plain_no_is_told_with_it() -> None:
    reading = judge_health(_response(200, b'{"status": "ok", "ready": false}'), Check(), _AT).reading
    assert (reading.status, reading.detail) == (Status.UP, "status ok; ready is false, which platformpm does not read")


def test_failing_components_that_are_not_named_are_counted() -> None:
    body = json.dumps({"status": "DOWN", "components": {f"c{n}": {"status": "DOWN"} for n in range(37)}}).encode()
    reading = judge_health(_response(503, body), Check(), _AT).reading
    assert (len(reading.failing_components), reading.failing_more) == (20, 17)
    assert reading.detail.startswith("HTTP 503; 37 components fail: c0 DOWN; c1 DOWN")


def test_an_expectation_replaces_the_verdict_but_not_the_names() -> None:
    judged = judge_health(_response(200, _SPRING_DOWN), Check(expect=Expectation(body="DOWN")), _AT)
    assert judged.reading.status is Status.UP
    assert (judged.reading.dialect, judged.reading.failing_components) == ("spring-boot", ("db",))
    assert judged.because


@pytest.mark.parametrize("body", [b'{"status":"UP"}', b'{"status":"DOWN"}'])
def test_the_same_answer_is_understood_in_the_same_way_again(body: bytes) -> None:
    first = judge_health(_response(200, body, headers=(("date", "monday"),)), Check(), _AT)
    again = judge_health(_response(200, body, headers=(("date", "tuesday"),)), Check(), _AT)
    assert first == again
    other = judge_health(_response(200, b'{"status":"WARN"}'), Check(), _AT)
    assert other.reading.status is Status.DEGRADED
    versioned = judge_health(_response(200, body, headers=(("x-app-version", "1.2.3"),)), Check(), _AT)
    assert versioned.reading.version == "1.2.3"


@pytest.mark.parametrize(
    ("url", "check", "body", "outcome"),
    [
        ("http://sso.test/login", Check(), b"<html>", (Status.UNKNOWN, Reason.REDIRECT)),
        ("http://sso.test/login", Check(expect=Expectation(body="html")), b"<html>", (Status.UP, None)),
        ("http://other.test/health", Check(), _SPRING_UP, (Status.UP, None)),
        ("http://shop.test:8080/x", Check(), b"<html>", (Status.UP, None)),
        ("https://SHOP.test./x", Check(), b"<html>", (Status.UP, None)),
    ],
)
def test_another_host_must_be_recognised(
    url: str, check: Check, body: bytes, outcome: tuple[Status, Reason | None]
) -> None:
    reading = judge_health(replace(_response(200, body), url=url, hops=(_URL,)), check, _AT).reading
    assert (reading.status, reading.reason) == outcome


def test_another_host_that_is_bad_is_bad() -> None:
    reading = judge_health(replace(_response(500), url="http://sso.test/", hops=(_URL,)), Check(), _AT).reading
    assert (reading.status, reading.reason) == (Status.DOWN, Reason.STATUS)


@pytest.mark.parametrize(
    ("check", "outcome"),
    [
        (Check(), (Status.UP, None)),
        (Check(expect=Expectation(headers=(("a", "b"),))), (Status.UP, None)),
        (Check(expect=Expectation(body="never")), (Status.DOWN, Reason.TOO_LARGE)),
        (Check(expect=Expectation(json=(("a", 1),))), (Status.DOWN, Reason.TOO_LARGE)),
        (Check(dialect="spring-boot"), (Status.DOWN, Reason.TOO_LARGE)),
    ],
)
def test_too_large_counts_only_where_the_body_was_needed(check: Check, outcome: tuple[Status, Reason | None]) -> None:
    response = _response(200, b'{"x": "' + b"y" * 9000, complete=False, headers=(("a", "b"),))
    reading = judge_health(response, check, _AT).reading
    assert (reading.status, reading.reason) == outcome


@pytest.mark.parametrize(
    ("latency", "outcome", "says"),
    [
        (0.5, (Status.UP, None), "HTTP 200"),
        (0.812, (Status.DEGRADED, Reason.SLOW), "812 ms, limit 500 ms"),
        (3.5, (Status.DOWN, Reason.SLOW), "3.5 s, limit 3 s"),
    ],
)
def test_limits_of_latency(latency: float, outcome: tuple[Status, Reason | None], says: str) -> None:
    check = Check(max_latency=0.5, critical_latency=3.0)
    reading = judge_health(replace(_response(), latency=latency), check, _AT).reading
    assert (reading.status, reading.reason, reading.detail) == (*outcome, says)


@pytest.mark.parametrize(
    ("days", "outcome", "says"),
    [
        (15, (Status.UP, None), "HTTP 200"),
        (6.2, (Status.DEGRADED, Reason.CERTIFICATE_EXPIRING), "the certificate expires in 6 days, wanted 14"),
        (1.2, (Status.DEGRADED, Reason.CERTIFICATE_EXPIRING), "the certificate expires in 1 day, wanted 14"),
        (0.5, (Status.DEGRADED, Reason.CERTIFICATE_EXPIRING), "the certificate expires within a day, wanted 14"),
        (-3, (Status.DEGRADED, Reason.CERTIFICATE_EXPIRING), "the certificate has expired"),
    ],
)
def test_certificates_that_expire(days: float, outcome: tuple[Status, Reason | None], says: str) -> None:
    certificate = Certificate(_AT + days * _DAY)
    reading = judge_health(_response(certificate=certificate), Check(), _AT).reading
    assert (reading.status, reading.reason, reading.detail) == (*outcome, says)
    assert reading.certificate_expires == certificate.not_after


@pytest.mark.parametrize("verified", [True, False])
def test_only_a_certificate_that_nobody_verified_can_be_of_the_future(*, verified: bool) -> None:
    """What was verified began before it was looked at, be it a moment after the probe did."""
    certificate = Certificate(_AT + 90 * _DAY, _AT + 0.5, verified=verified)
    reading = judge_health(_response(certificate=certificate), Check(), _AT).reading
    wanted = (Status.UP, "HTTP 200") if verified else (Status.DEGRADED, "the certificate is not valid yet")
    assert (reading.status, reading.detail) == wanted


def test_no_days_wanted_is_no_complaint() -> None:
    certificate = Certificate(_AT - _DAY, verified=False)
    assert judge_health(_response(certificate=certificate), Check(certificate_days=0), _AT).reading.status is Status.UP


def test_the_worst_counts_and_of_equals_the_more_telling() -> None:
    certificate = Certificate(_AT + _DAY)
    slow = replace(_response(503, certificate=certificate), latency=9.0)
    assert judge_health(slow, Check(max_latency=1.0), _AT).reading.reason is Reason.STATUS
    assert judge_health(slow, Check(critical_latency=1.0), _AT).reading.reason is Reason.STATUS
    fine = replace(slow, status=200)
    assert judge_health(fine, Check(max_latency=1.0), _AT).reading.reason is Reason.SLOW


@given(st.sampled_from(Reason))
def test_a_failure_keeps_its_reason_and_what_was_learned(reason: Reason) -> None:
    phases = Phases(connect=0.1)
    failure = Failure(reason, "seen", phases, 0.3, Certificate(_AT + _DAY))
    reading = judge_health(failure, Check(), _AT).reading
    assert (reading.reason, reading.detail, reading.phases) == (reason, "seen", phases)
    assert reading.status is not Status.UP
    assert reading.latency is None
    assert reading.certificate_expires == _AT + _DAY
    assert judge_version(failure, Check(purpose=Purpose.VERSION), _AT).reason is reason


@given(st.integers(200, 599), st.binary(max_size=300), st.sampled_from(["auto", "none", "spring-boot", "vault"]))
def test_any_answer_is_judged_and_a_bad_one_has_a_reason(status: int, body: bytes, dialect: str) -> None:
    reading = judge_health(_response(status, body), Check(dialect=dialect), _AT).reading
    assert (reading.status is Status.UP) == (reading.reason is None)
    assert len(reading.detail) <= 200
    assert reading.detail.isprintable()


@pytest.mark.parametrize(
    ("response", "check", "version", "reason"),
    [
        (_response(200, b'{"build":{"version":"2.4.1"}}'), VersionRule(json="build.version"), "2.4.1", None),
        (_response(200, b"{}"), VersionRule(json="build.version"), None, Reason.PAYLOAD),
        (_response(500, b"{}"), VersionRule(json="build.version"), None, Reason.STATUS),
        (_response(403, b"{}"), VersionRule(json="build.version"), None, Reason.UNAUTHORIZED),
        (_response(200, b"{", complete=False), VersionRule(json="a"), None, Reason.TOO_LARGE),
        (_response(200, headers=(("x-v", "v3.1.0"),)), VersionRule(header="X-V"), "v3.1.0", None),
    ],
)
def test_a_version_check_gives_a_version_or_a_reason(
    response: Response, check: VersionRule, version: str | None, reason: Reason | None
) -> None:
    reading = judge_version(response, Check(purpose=Purpose.VERSION, version=check), _AT)
    assert (reading.version, reading.reason) == (version, reason), reading.detail
    assert (reading.status is Status.UP) == (version is not None)
    assert bool(reading.version_source) == (version is not None)


def test_the_header_of_an_application_says_more_than_the_version_of_its_api() -> None:
    answer = _response(
        body=b'{"status":"pass","version":"1.2"}',
        headers=(("content-type", "application/health+json"), ("x-app-version", "2.4.1")),
    )
    reading = judge_health(answer, Check(), _AT).reading
    assert (reading.dialect, reading.version, reading.version_source) == (
        "ietf-health",
        "2.4.1",
        "header X-App-Version",
    )


def test_a_version_check_may_expect_another_status() -> None:
    rule = VersionRule(json="version")
    check = Check(purpose=Purpose.VERSION, version=rule, expect=_status((503, 503)))
    assert judge_version(_response(503, b'{"version":"1.0.0"}'), check, _AT).version == "1.0.0"


def test_a_body_that_cannot_be_decoded_is_said_so() -> None:
    response = _response(200, b"", unreadable="the body is encoded as br, which was not offered")
    assert judge_health(response, Check(), _AT).reading.status is Status.UP
    for check in (Check(dialect="spring-boot"), Check(expect=Expectation(body="x"))):
        reading = judge_health(response, check, _AT).reading
        assert (reading.status, reading.reason) == (Status.DOWN, Reason.PAYLOAD)
        assert "br" in reading.detail
    version = judge_version(response, Check(version=VersionRule(json="a")), _AT)
    assert "br" in version.detail
