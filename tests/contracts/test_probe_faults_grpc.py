"""What a `grpc://` probe says of servers that refuse, lie, or break the rules of HTTP/2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from platformpm.model.check import Check
from platformpm.model.status import Reason
from tests.faults.http2_faults import HTTP2_FAULTS
from tests.faults.rows import Outcome, Row, assert_told, degraded, down, run_rows, unknown, up
from tests.faults.server import FaultServer, unanswering

HEALTH = [
    up("grpc-serving", says="SERVING"),
    up("grpc-serving", "a service by name", path="/shop.Cart"),
    up("grpc-more-fields", "what is not known is passed over, and the last value counts"),
    up("h2-interim", "interim answers are passed over"),
    degraded("grpc-serving", Reason.SLOW, "", Check(max_latency=1e-6)),
    down("grpc-not-serving", Reason.PAYLOAD, says="NOT_SERVING"),
    down("grpc-service-unknown", Reason.PAYLOAD, says="SERVICE_UNKNOWN"),
    unknown("grpc-status-unknown", Reason.PAYLOAD, says="UNKNOWN"),
    unknown("grpc-status-99", Reason.PAYLOAD, "a later version of the service", says="serving status 99"),
]

CODES = [
    down("grpc-not-found", Reason.STATUS, says="NOT_FOUND, the health service does not know this service"),
    down("grpc-unimplemented", Reason.STATUS, says="UNIMPLEMENTED, there is no health service: unknown service"),
    unknown("grpc-unauthenticated", Reason.UNAUTHORIZED, says="UNAUTHENTICATED: no token"),
    unknown("grpc-permission", Reason.UNAUTHORIZED, says="PERMISSION_DENIED"),
    unknown("grpc-exhausted", Reason.RATE_LIMITED, says="RESOURCE_EXHAUSTED"),
    down("grpc-unavailable", Reason.STATUS, says="UNAVAILABLE: "),
    down("grpc-code-999", Reason.STATUS, says="status 999"),
    down("grpc-code-word", Reason.STATUS, says="status OK, which gRPC does not know"),
    down("grpc-code-00", Reason.STATUS, says="status 00, which gRPC does not know"),
    down("grpc-code-long", Reason.STATUS, says="1111…, which gRPC does not know"),
    unknown("grpc-401", Reason.UNAUTHORIZED, says="HTTP 401, expected 200"),
    unknown("grpc-403", Reason.UNAUTHORIZED, says="HTTP 403, expected 200"),
    unknown("grpc-429", Reason.RATE_LIMITED, says="HTTP 429, expected 200"),
    down("grpc-404", Reason.STATUS, says="HTTP 404, expected 200"),
    down("grpc-503", Reason.STATUS, says="HTTP 503, expected 200"),
    down("grpc-deadline", Reason.TIMEOUT_RESPONSE, says="DEADLINE_EXCEEDED"),
]

NOT_HEALTH = [
    down("grpc-web-page", Reason.PROTOCOL, says="not gRPC: the answer is text/html"),
    down("grpc-no-code", Reason.PROTOCOL, says="no grpc-status"),
    down("grpc-no-trailers", Reason.PROTOCOL, says="no grpc-status"),
    *(
        down(fault, Reason.PROTOCOL, says="not a health answer: ")
        for fault in (
            "grpc-short", "grpc-compressed", "grpc-two-messages", "grpc-length-lies", "grpc-endless-varint",
            "grpc-cut-varint", "grpc-group", "grpc-long-string",
        )
    ),
]  # fmt: skip

NOT_HTTP2 = [
    down("h2-http1", Reason.PROTOCOL, says="not HTTP/2: the answer begins with HTTP/1.1 400"),
    down("h2-ssh", Reason.PROTOCOL, says="not HTTP/2: the answer begins with SSH-2.0"),
    down("h2-tls", Reason.PROTOCOL, says="not HTTP/2"),
    down("h2-two-bytes", Reason.PROTOCOL, says="not HTTP/2: the answer ended after 2 bytes: ok"),
    down("h2-closes", Reason.RESET, says="closed the connection without an answer"),
    down("h2-closes-after-hello", Reason.RESET, says="closed the connection without an answer"),
    down("h2-closes-in-body", Reason.PROTOCOL, says="closed inside the body"),
    down("h2-goaway", Reason.RESET, says="the server ended the connection: enhance your calm"),
    down("h2-reset", Reason.RESET, says="the server broke off the answer: refused stream"),
    down("h2-reset-unknown", Reason.RESET, says="the server broke off the answer: error 195936478"),
    *(
        down(fault, Reason.PROTOCOL)
        for fault in (
            "h2-no-status", "h2-status-word", "h2-status-999", "h2-upper-case", "h2-connection-header", "h2-push",
            "h2-data-first", "h2-long-frame", "h2-continuation-flood",
        )
    ),
    down("h2-status-long", Reason.PROTOCOL, says="HTTP 222222222… is not a status code"),
    down("h2-status-0200", Reason.PROTOCOL, says="HTTP 0200 is not a status code"),
    down("h2-status-space", Reason.PROTOCOL, says="not HTTP/2: Received header value surrounded by whitespace ' 200'"),
    down("h2-other-stream", Reason.PROTOCOL, says="not HTTP/2: a frame on stream 3, where nothing was asked"),
    down("h2-bad-hpack", Reason.PROTOCOL,
         says="not HTTP/2: Error decoding header block: Variable integer representation is too long"),
    down("h2-hpack-bomb", Reason.TOO_LARGE, says="headers larger than 64 KiB"),
    down("h2-interim-flood", Reason.PROTOCOL, says="more than 32 interim answers"),
    down("h2-ping-flood", Reason.PROTOCOL, says="more than 200 frames beside the answer"),
    down("h2-settings-flood", Reason.PROTOCOL, says="more than 200 frames beside the answer"),
    down("h2-reset-other-flood", Reason.PROTOCOL, says="more than 200 frames beside the answer"),
    down("h2-large-settings", Reason.PROTOCOL, says="more than 64 KiB of frames beside the answer"),
    down("h2-interim-of-many", Reason.TOO_LARGE, says="headers larger than 64 KiB"),
    down("h2-long-frame-announced", Reason.PROTOCOL, says="a frame of 16777215 bytes, at most 16384 were allowed"),
    down("h2-unknown-flood", Reason.PROTOCOL, says="more than 200 frames beside the answer"),
    down("h2-empty-data-flood", Reason.TOO_LARGE, says="2048 frames and nothing of the body"),
    down("h2-data-of-one", Reason.TOO_LARGE, "reading stops", says="the answer did not end within 2048 frames"),
    down("h2-padding-flood", Reason.TOO_LARGE, says="and nothing of the body"),
    down("h2-endless-body", Reason.TOO_LARGE, "reading stops", says="the answer is larger than 1024 KiB"),
]  # fmt: skip

TIME = [
    down("refused", Reason.REFUSED),
    down("black-hole", Reason.TIMEOUT_CONNECT),
    down("h2-silence", Reason.TIMEOUT_RESPONSE, says="no answer within"),
    down("h2-settings-only", Reason.TIMEOUT_RESPONSE, says="no answer within"),
    down("h2-ping-drip", Reason.TIMEOUT_RESPONSE, says="no answer within"),
    down("h2-head-only", Reason.TIMEOUT_BODY, says="the body did not end within"),
]

ROWS = [replace(row, scheme="grpc") for row in (*HEALTH, *CODES, *NOT_HEALTH, *NOT_HTTP2, *TIME)]


@pytest.fixture(scope="module")
def outcomes(loop_kind: str) -> Iterator[dict[Row, Outcome]]:
    with FaultServer(HTTP2_FAULTS) as server, unanswering() as others:
        yield run_rows(ROWS, server.ports | others, loop_kind)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_faulty_server_gives_its_exact_status_and_reason(outcomes: dict[Row, Outcome], row: Row) -> None:
    assert_told(outcomes[row], row)


def test_every_fault_is_in_the_table() -> None:
    assert {row.fault for row in ROWS} == set(HTTP2_FAULTS) | {"black-hole", "refused"}
