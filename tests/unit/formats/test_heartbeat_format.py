from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.formats.heartbeat import BadBeatError, said
from platformpm.model.status import Status


@pytest.mark.parametrize(
    ("query", "body", "wanted"),
    [
        ("", b"", (Status.UP, "")),
        ("", b"  \n", (Status.UP, "")),
        ("status=fail", b"", (Status.DOWN, "")),
        ("status=WARN&message=slow+disk", b"", (Status.DEGRADED, "slow disk")),
        ("", b"status=fail&message=disk%20full", (Status.DOWN, "disk full")),
        ("", b'{"status": "ok", "message": "812 rows", "rows": 812}', (Status.UP, "812 rows")),
        ("", '{"message": "Füße"}'.encode(), (Status.UP, "Füße")),
        ("", b'\xef\xbb\xbf{"status": "ok"}', (Status.UP, "")),
        ("", b"\xef\xbb\xbfstatus=fail", (Status.DOWN, "")),
        ("message=a", b'{"status": "down"}', (Status.DOWN, "a")),
        ("status=Success", b"", (Status.UP, "")),
        ("status=ok", b'{"message": "812 rows", "rows": 812}', (Status.UP, "812 rows")),
        ("message=Füße", b"", (Status.UP, "Füße")),
        ("message=a%3B+b;+c", b"", (Status.UP, "a; b; c")),
    ],
)
def test_a_job_may_say_how_it_is_in_three_ways(query: str, body: bytes, wanted: tuple[Status, str]) -> None:
    assert said(query.encode(), body) == wanted


@pytest.mark.parametrize(
    ("query", "body", "why"),
    [
        ("status=", b"", "the status must be one of up, ok"),
        ("status=partly", b"", "the status must be one of"),
        ("", b'{"status": true}', "the status must be one of"),
        ("", b'{"status": 0}', "the status must be one of"),
        ("", b'{"status": ["ok"]}', "the status must be one of"),
        ("", b'{"message": 5}', "the message a text"),
        ("", b'{"Status": "fail"}', "the body is neither"),
        ("", b"{}", "the body is neither"),
        ("", b'{"status": "ok"', "not valid JSON"),
        ("", b'{"status":' + b"[" * 8000, "not valid JSON"),
        ("", b'{"status": ' + b"9" * 9000 + b"}", "not valid JSON"),
        ("", b"Traceback (most recent call last):\n  File", "the body is neither"),
        ("", b"[1]", "the body is neither"),
        ("", b"\xff\x00\x7f", "the body is not valid UTF-8"),
        ("", b"message=\xff\xfe", "the body is not valid UTF-8"),
        ("message=%FF%FE", b"", "percent-encoded is not valid UTF-8"),
        ("", b"status=ok&message=%ff", "percent-encoded is not valid UTF-8"),
        ("STATUS=fail", b"", r"unknown key 'STATUS' \(did you mean status\?\)"),
        ("staus=fail", b"", r"unknown key 'staus' \(did you mean status\?\)"),
        ("status%20=fail", b"", r"unknown key 'status' \(did you mean status\?\)"),
        ("+status=fail", b"", "unknown key"),
        ("status=ok&rid=7", b"", r"unknown key 'rid' \(did you mean status or message\?\)"),
        ("exit=1", b"", "unknown key 'exit'"),
        ("exit=1", b'{"status": "ok"}', "unknown key 'exit'"),
        ("%1b%5b31m=1", b"", "unknown key '\N{REPLACEMENT CHARACTER}\\[31m'"),
        ("", b"message=a&Status=fail", "unknown key 'Status'"),
        ("", b'{"message": "a", "Status": "fail"}', "unknown key 'Status'"),
        ("", b'{"message": "a", "\\ud800": 1}', "unknown key"),
        ("message=a;status=fail", b"", "joined by &, not by ;"),
        ("", b"message=a; STATUS=fail", "joined by &, not by ;"),
        ("", '{"status": "ok"}'.encode("utf-16"), "the body is in UTF-16, and must be in UTF-8"),
        ("", '{"status": "ok"}'.encode("utf-16-le"), "the body is in UTF-16-LE, and"),
        ("", "status=ok".encode("utf-32"), "the body is in UTF-32, and"),
        ("status=fail", b"status=ok", "more than once"),
        ("status=fail", b'{"status": "ok"}', "more than once"),
        ("status=fail&status=ok", b"", "more than once"),
        ("", b"status=fail&status=ok", "more than once"),
        ("", b'{"status": "fail", "status": "ok"}', "more than once"),
        ("", b'{"status": "fail", "st\\u0061tus": "ok"}', "more than once"),
        ("&".join("a=1" for _ in range(30)), b"", "more than 20 fields"),
        ("", b"&".join(b"a=1" for _ in range(30)), "more than 20 fields"),
    ],
)
def test_what_is_not_understood_never_passes_for_a_good_sign(query: str, body: bytes, why: str) -> None:
    with pytest.raises(BadBeatError, match=why):
        said(query.encode(), body)


def test_a_query_that_is_not_text_is_refused() -> None:
    with pytest.raises(BadBeatError, match="the query is not valid UTF-8"):
        said(b"message=\xff\xfe", b"")


@given(query=st.binary(max_size=200), body=st.binary(max_size=200) | st.text().map(lambda t: json.dumps(t).encode()))
def test_whatever_is_sent_is_understood_or_refused(query: bytes, body: bytes) -> None:
    with suppress(BadBeatError):
        status, message = said(query, body)
        assert isinstance(status, Status)
        assert isinstance(message, str)
