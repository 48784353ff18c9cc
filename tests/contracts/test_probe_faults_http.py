"""What a probe says of an HTTP server that misbehaves: exact status and reason for every fault."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from platformpm.model.check import Check, Expectation
from platformpm.model.status import Reason
from platformpm.model.text import safe_text
from tests.faults.body_faults import BODY_FAULTS
from tests.faults.http_faults import HTTP_FAULTS
from tests.faults.rows import TOO_LATE, Outcome, Row, assert_told, degraded, down, run_rows, unknown, up
from tests.faults.server import FaultServer, unanswering

NEEDS_BODY = Check(expect=Expectation(body="never-to-be-found"))
FINDS_UP = Check(expect=Expectation(body='"UP"'))
JSON_UP = Check(expect=Expectation(json=(("status", "UP"),)))

TIME = [
    down("silence", Reason.TIMEOUT_RESPONSE),
    down("half-status-line", Reason.TIMEOUT_RESPONSE),
    down("header-drip", Reason.TIMEOUT_RESPONSE, "the head never ends"),
    down("body-drip", Reason.TIMEOUT_BODY),
    down("informational-drip", Reason.TIMEOUT_RESPONSE, "1xx is no answer"),
    down("black-hole", Reason.TIMEOUT_CONNECT),
    up("slow-first-byte"),
    degraded("slow-first-byte", Reason.SLOW, "max_latency", Check(max_latency=0.1)),
    down("slow-first-byte", Reason.SLOW, "critical_latency", Check(max_latency=0.05, critical_latency=0.1)),
]

CONNECTION = [
    down("refused", Reason.REFUSED),
    down("reset-on-accept", Reason.RESET),
    down("reset-after-request", Reason.RESET),
    down("reset-mid-body", Reason.RESET),
    down("close-on-accept", Reason.RESET, "closing with our request unread is a RST on the wire, or not, by chance"),
    down("close-after-request", Reason.RESET, "not one byte of an answer"),
    down("cut-in-status-line", Reason.PROTOCOL),
    down("cut-in-headers", Reason.PROTOCOL),
    down("long-length", Reason.PROTOCOL, "the promised body is cut short"),
    down("missing-last-chunk", Reason.PROTOCOL),
    down("cut-in-chunk", Reason.PROTOCOL),
    up("ipv6"),
    up("ipv6", "family", Check(family=6)),
]

FRAMING = [
    up("healthy"),
    up("healthy", "expected body", FINDS_UP),
    up("healthy-text"),
    up("early-hints"),
    up("short-length", "what follows the message is nobody's"),
    up("body-after-close"),
    up("two-responses", "the first one answers"),
    up("byte-by-byte", "an unbuffered writer is no attacker", FINDS_UP),
    up("upgrade-offered", "an offer is no switch"),
    up("no-reason-phrase"),
    up("old-http-10"),
    up("empty-close"),
    up("no-content"),
    up("head-only"),
    up("head-only", "HEAD has no body", Check(method="HEAD")),
    down("http-09", Reason.PROTOCOL),
    down("garbage", Reason.PROTOCOL),
    down("ssh-banner", Reason.PROTOCOL, says="not HTTP: the answer begins with SSH-2.0-OpenSSH_9.2p1"),
    down("smtp-banner", Reason.PROTOCOL),
    down("rtsp", Reason.PROTOCOL, "the parser takes it for HTTP"),
    down("ice", Reason.PROTOCOL, "the parser takes it for HTTP"),
    down("http-2-settings", Reason.PROTOCOL),
    down("tls-alert-record", Reason.PROTOCOL, says="speaks TLS"),
    down("version-37", Reason.PROTOCOL),
    down("switching-protocols", Reason.PROTOCOL, "nobody asked for another protocol", says="switched protocols"),
    down("no-colon", Reason.PROTOCOL),
    down("space-before-colon", Reason.PROTOCOL),
    down("nul-in-header", Reason.PROTOCOL),
    down("bare-lf", Reason.PROTOCOL),
    down("obs-fold", Reason.PROTOCOL, "RFC 9112 lets it be refused, and the parser does"),
    down("double-length", Reason.PROTOCOL),
    down("length-and-chunked", Reason.PROTOCOL),
    down("negative-length", Reason.PROTOCOL),
    down("huge-length-digits", Reason.PROTOCOL),
    down("bad-chunk-size", Reason.PROTOCOL),
    down("chunk-overflow", Reason.PROTOCOL),
    down("informational-flood", Reason.PROTOCOL, "interim answers are counted"),
    down("header-flood", Reason.TOO_LARGE, "heads are counted"),
    down("endless-phrase", Reason.TOO_LARGE, "heads are counted"),
    down("leading-newlines", Reason.TOO_LARGE, "heads are counted"),
    down("headers-4mb", Reason.TOO_LARGE, "heads are counted"),
    down("headers-10000", Reason.TOO_LARGE, "heads are counted"),
    down("trailer-flood", Reason.TOO_LARGE, "trailers are headers too"),
    down("chunk-extension-flood", Reason.TOO_LARGE, "framing is counted, and not one byte of the body comes"),
]

STATUS = [
    down("not-found", Reason.STATUS, says="404"),
    down("unavailable", Reason.STATUS, says="503"),
    down("not-modified", Reason.STATUS, "a monitor has nothing cached", says="304"),
    down("escape-in-phrase", Reason.STATUS, says="503"),
    up("escape-in-good-phrase"),
    down("status-999", Reason.PROTOCOL, "no such class of answers", says="999"),
    down("status-000", Reason.PROTOCOL, "no such class of answers"),
    down("status-2000", Reason.PROTOCOL),
    unknown("unauthorized", Reason.UNAUTHORIZED, says="401"),
    unknown("forbidden", Reason.UNAUTHORIZED, says="403"),
    unknown("proxy-auth", Reason.UNAUTHORIZED, says="407"),
    unknown("rate-limited", Reason.RATE_LIMITED, says="429"),
]

BODIES = [
    up("infinite-body", "reading stops, the status line decides"),
    up("infinite-json", "reading stops, the status line decides"),
    up("infinite-chunked", "reading stops, the status line decides"),
    up("chunks-of-one", "reading stops, the status line decides"),
    down("chunks-of-one", Reason.TOO_LARGE, "the body is needed", NEEDS_BODY),
    up("gzip-endless-header", "reading stops, the status line decides"),
    down("gzip-endless-header", Reason.TOO_LARGE, "the body is needed", NEEDS_BODY),
    down("infinite-body", Reason.TOO_LARGE, "the body is needed", NEEDS_BODY),
    down("infinite-json", Reason.TOO_LARGE, "the JSON is needed", JSON_UP),
    down("infinite-json", Reason.TOO_LARGE, "the dialect is needed", Check(dialect="spring-boot")),
    up("gzip-bomb", "reading stops, the status line decides"),
    down("gzip-bomb", Reason.TOO_LARGE, "the body is needed", NEEDS_BODY),
    *(up(name, "readable", FINDS_UP) for name in ("gzip-good", "gzip-upper-case", "deflate-raw", "deflate-zlib")),
    up("identity", "readable", FINDS_UP),
    up("gzip-empty", "nothing is a fine encoding of nothing"),
    *(
        row
        for name in ("gzip-nested", "coding-unknown")
        for row in (
            up(name, "unreadable and not needed: the status line decides"),
            down(name, Reason.PAYLOAD, "unreadable and needed", FINDS_UP, says="encoded"),
        )
    ),
    *(
        down(name, Reason.PROTOCOL, "damaged on the way, needed or not")
        for name in ("gzip-truncated", "gzip-corrupt", "gzip-not-gzip")
    ),
    up("json-deep"),
    up("json-deeper", "not usable JSON: the status line decides"),
    up("json-long-number", "what is not to the letter does not hide the rest"),
    up("json-nan", "what is not to the letter does not hide the rest"),
    down("json-nan-down", Reason.PAYLOAD),
    down("json-latin1-down", Reason.PAYLOAD),
    up("json-utf16", "not usable JSON: the status line decides"),
    up("json-bom"),
    up("json-is-string"),
    up("json-1mb-string"),
    up("json-1mb-string", "readable", JSON_UP),
    up("wrong-charset"),
    up("wrong-charset", "ASCII parts are found", Check(expect=Expectation(body="alles gut"))),
    up("unknown-charset", "readable", JSON_UP),
    down("json-duplicate-keys", Reason.PAYLOAD, "the last one counts, as for most readers"),
    down("json-surrogates", Reason.PAYLOAD),
    down("json-hostile-names", Reason.PAYLOAD),
    down("json-long-name", Reason.PAYLOAD),
    down("json-many-components", Reason.PAYLOAD),
]

ROWS = [*TIME, *CONNECTION, *FRAMING, *STATUS, *BODIES]


@pytest.fixture(scope="module")
def outcomes(loop_kind: str) -> Iterator[dict[Row, Outcome]]:
    with FaultServer(HTTP_FAULTS | BODY_FAULTS) as server, unanswering() as others:
        yield run_rows(ROWS, server.ports | others, loop_kind)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_faulty_server_gives_its_exact_status_and_reason(outcomes: dict[Row, Outcome], row: Row) -> None:
    assert_told(outcomes[row], row)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_a_faulty_server_says_is_clean_and_in_time(outcomes: dict[Row, Outcome], row: Row) -> None:
    outcome = outcomes[row]
    assert outcome.late < TOO_LATE
    reading = outcome.reading
    assert reading is not None
    texts = [reading.detail, reading.version or "", reading.version_source or "", *reading.failing_components]
    assert [safe_text(text) for text in texts] == texts
    assert reading.detail or reading.reason is None, "a bad reading says what was seen"


def test_every_http_fault_is_in_the_table() -> None:
    assert {row.fault for row in ROWS} == set(HTTP_FAULTS | BODY_FAULTS) | {"black-hole", "refused"}


def test_a_hostile_list_of_components_is_bounded(outcomes: dict[Row, Outcome]) -> None:
    reading = next(outcomes[row].reading for row in ROWS if row.fault == "json-many-components")
    assert reading is not None
    assert 0 < len(reading.failing_components) <= 100


GREEDY = ("gzip-bomb", "infinite-body", "infinite-json", "infinite-chunked", "header-flood", "informational-flood")


def test_many_greedy_servers_at_once_take_a_bounded_amount_of_memory() -> None:
    rows = [up(fault, str(copy)) for copy in range(6) for fault in GREEDY]
    tracemalloc.start()
    try:
        with FaultServer({fault: (HTTP_FAULTS | BODY_FAULTS)[fault] for fault in GREEDY}) as server:
            outcomes = run_rows(rows, server.ports)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(outcomes) == len(rows)
    assert all(outcome.escaped is None for outcome in outcomes.values())
    assert peak < 120 << 20, f"{peak >> 20} MiB"
