"""Expectations: status codes, headers, JSON values and text, and what is said when they are not met."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.formats import expect
from platformpm.formats.payload import Payload
from platformpm.model.check import Check, Expectation, StatusRange
from platformpm.model.exchange import Response
from platformpm.model.status import Reason

_BODY = (
    b'{"components": {"db": {"status": "UP"}}, "count": 1, "list": [1, 2], "ready": true, "none": null, "ratio": 0.5}'
)


def _payload(body: bytes = _BODY, **more: object) -> Payload:
    return Payload(Response("http://h/", 200, body=body, **more))  # type: ignore[arg-type]  # names of fields


def _found(expectation: Expectation, payload: Payload) -> list[expect.Mismatch]:
    return list(expect.mismatches(payload, expectation))


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("components.db.status", "UP"),
        ("components.db.status", ("OK", "UP")),
        ("count", 1),
        ("count", 1.0),
        ("ratio", 0.5),
        ("ready", True),
        ("length(list)", 2),
        ("list[0]", 1),
        ("list", [1, 2]),
        ("components.*.status | [0]", "UP"),
    ],
)
def test_a_json_value_that_is_there_is_met(path: str, wanted: object) -> None:
    assert _found(Expectation(json=((path, wanted),)), _payload()) == []


@pytest.mark.parametrize(
    ("path", "wanted", "says"),
    [
        ("components.db.status", "DOWN", 'components.db.status is "UP", expected "DOWN"'),
        ("components.db.status", ("A", "B"), 'components.db.status is "UP", expected "A" or "B"'),
        ("components.cache.status", "UP", 'components.cache.status is missing, expected "UP"'),
        ("none", "UP", 'none is missing, expected "UP"'),
        ("ready", 1, "ready is true, expected 1"),
        ("count", True, "count is 1, expected true"),
        ("count", "1", 'count is 1, expected "1"'),
        ("length(count)", 1, "length(count) is missing, expected 1"),
    ],
)
def test_a_json_value_that_is_not_there_is_told(path: str, wanted: object, says: str) -> None:
    assert _found(Expectation(json=((path, wanted),)), _payload()) == [(Reason.PAYLOAD, says)]


@given(st.integers(-1000, 1000))
def test_whole_numbers_equal_their_floats_and_no_truth_value(number: int) -> None:
    assert expect.equal(number, float(number))
    assert expect.equal(float(number), number)
    assert not expect.equal(number, bool(number))
    assert not expect.equal(bool(number), number)


@given(st.lists(st.integers(), max_size=4), st.integers())
def test_a_tuple_means_any_of(wanted: list[int], value: int) -> None:
    assert expect.equal(value, tuple(wanted)) == (value in wanted)


@pytest.mark.parametrize(
    ("body", "more", "reason", "says"),
    [
        (b"<html>", {}, Reason.PAYLOAD, "not usable JSON"),
        (b'{"a": NaN}', {}, Reason.PAYLOAD, "NaN"),
        (b"[" * 100_000, {}, Reason.PAYLOAD, "nested"),
        (b"{", {"complete": False}, Reason.TOO_LARGE, "larger"),
        (b"", {"unreadable": "the body is encoded as br"}, Reason.PAYLOAD, "encoded as br"),
    ],
)
def test_a_body_that_is_no_json_cannot_meet_anything(
    body: bytes, more: dict[str, object], reason: Reason, says: str
) -> None:
    found = _found(Expectation(json=(("a", 1),)), _payload(body, **more))
    assert [mismatch.reason for mismatch in found] == [reason]
    assert says in found[0].detail


def test_text_is_found_anywhere_in_the_body() -> None:
    assert _found(Expectation(body=r'"status":\s+"UP"'), _payload()) == []
    assert _found(Expectation(body="^PONG"), _payload(b"PONG\r\n")) == []


@pytest.mark.parametrize(
    ("body", "more", "reason", "says"),
    [
        (b"oh no \x1b[31m", {}, Reason.BODY, "no PONG in the body oh no"),
        (b" \n", {}, Reason.BODY, "the body is empty, expected PONG"),
        (b"x" * 5000, {"complete": False}, Reason.TOO_LARGE, "larger than 4 KiB"),
        (b"x" * 500, {"complete": False}, Reason.TOO_LARGE, "larger than 500 B"),
        (b"", {"unreadable": "the body is encoded as br"}, Reason.PAYLOAD, "encoded as br"),
    ],
)
def test_text_that_is_not_found_is_told(body: bytes, more: dict[str, object], reason: Reason, says: str) -> None:
    (mismatch,) = _found(Expectation(body="PONG"), _payload(body, **more))
    assert mismatch.reason is reason
    assert says in mismatch.detail
    assert "\x1b" not in mismatch.detail


def test_text_in_the_part_that_was_read_is_enough() -> None:
    assert _found(Expectation(body="UP"), _payload(b"UP" + b"x" * 5000, complete=False)) == []


def test_a_hostile_pattern_on_a_hostile_body_takes_linear_time() -> None:
    (mismatch,) = _found(Expectation(body="^(a|aa)+$"), _payload(b"a" * 200_000 + b"b"))
    assert mismatch.reason is Reason.BODY


def test_headers_are_found_without_regard_to_case_in_any_of_their_values() -> None:
    payload = _payload(headers=(("content-type", "application/json"), ("x-role", "a"), ("x-role", "primary")))
    assert _found(Expectation(headers=(("Content-Type", "json"), ("X-Role", "^primary$"))), payload) == []
    found = _found(Expectation(headers=(("Content-Type", "xml"), ("X-None", "x"))), payload)
    assert found == [
        (Reason.HEADER, "header content-type is application/json, expected xml"),
        (Reason.HEADER, "no header x-none, expected x"),
    ]


@pytest.mark.parametrize(
    "wanted", [Expectation(body="(?=x)"), Expectation(headers=(("a", "("),)), Expectation(json=(("a[", 1),))]
)
def test_an_expression_that_cannot_be_used_is_a_config_error(wanted: Expectation) -> None:
    (mismatch,) = _found(wanted, _payload(headers=(("a", "x"),)))
    assert mismatch.reason is Reason.CONFIG


def test_expressions_are_compiled_once() -> None:
    assert expect.pattern("a+b") is expect.pattern("a+b")
    assert expect.path("a.b") is expect.path("a.b")
    with pytest.raises(expect.BadExpression):
        expect.pattern("(")
    with pytest.raises(expect.BadExpression):
        expect.path("a.")


@pytest.mark.parametrize(
    ("ranges", "says"),
    [
        ([(200, 299)], "2xx"),
        ([(200, 200)], "200"),
        ([(200, 200), (300, 399)], "200 or 3xx"),
        ([(200, 200), (300, 399), (500, 503)], "200, 3xx or 500-503"),
    ],
)
def test_expected_codes_are_written_as_a_person_does(ranges: list[tuple[int, int]], says: str) -> None:
    assert expect.spelled([StatusRange(*span) for span in ranges]) == says


def test_without_redirects_a_redirect_is_expected() -> None:
    followed, not_followed = (expect.expected_statuses(Check(redirects=count)) for count in (5, 0))
    assert [expect.holds(ranges, 302) for ranges in (followed, not_followed)] == [False, True]
    own = Check(redirects=0, expect=Expectation(status=(StatusRange(200, 200),)))
    assert not expect.holds(expect.expected_statuses(own), 302)
