"""What a `ws://` probe says of servers that refuse, lie, or break the rules of frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from platformpm.model.check import Check, Expectation
from platformpm.model.secret import Secret
from platformpm.model.status import Reason
from tests.faults.rows import Outcome, Row, assert_told, degraded, down, run_rows, unknown, up
from tests.faults.server import FaultServer, unanswering
from tests.faults.websocket_faults import WEBSOCKET_FAULTS

PONG = Check(expect=Expectation(body="PONG"))
ECHO = Check(send=Secret("PONG"), expect=Expectation(body="^PONG$"))
WELCOME = Check(expect=Expectation(json=(("type", "welcome"), ("n", 1))))
MQTT = Check(headers=(("Sec-WebSocket-Protocol", Secret("amqp, mqtt")),))
CHOSEN = Check(headers=MQTT.headers, expect=Expectation(headers=(("Sec-WebSocket-Protocol", "^mqtt$"),)))

GOOD = [
    up("ws-silence", "the upgrade is all that is expected", says="HTTP 101"),
    up("ws-silence", "sent, and nothing is expected", Check(send=Secret("hello"))),
    up("ws-echo", "send and expect", ECHO),
    up("ws-greets", "expect alone", Check(expect=Expectation(body="welcome"))),
    up("ws-greets", "JSON of the message", WELCOME),
    up("ws-binary", "in binary", PONG),
    up("ws-in-pieces", "byte by byte", Check(expect=Expectation(body="grüße"))),
    up("ws-fragments", "a ping may come in between", PONG),
    up("ws-pings-then", "pings are answered", PONG),
    up("ws-subprotocol", "one of those offered", MQTT),
    up("ws-subprotocol", "expected", CHOSEN),
    up("ws-closes", "the upgrade is all that is expected"),
    up("ws-closes-bare", "the upgrade is all that is expected"),
    up("ws-ends", "the upgrade is all that is expected"),
    up("ws-ping-flood", "nothing is expected"),
    up("ws-huge-frame", "nothing is expected"),
    up("ws-masked", "nothing is expected, and so nothing read"),
    up("ws-huge-frame", "what is expected stands before the cap", Check(expect=Expectation(body="xxx"))),
]

REFUSED = [
    down("ws-200", Reason.STATUS, says="HTTP 200, expected 101"),
    down("ws-204", Reason.STATUS, says="HTTP 204, expected 101"),
    down("ws-302", Reason.REDIRECT, "redirects are followed", says="circle"),
    down("ws-302", Reason.STATUS, "none is followed", Check(redirects=0), says="HTTP 302, expected 101"),
    unknown("ws-401", Reason.UNAUTHORIZED, says="HTTP 401, expected 101"),
    unknown("ws-403", Reason.UNAUTHORIZED, says="HTTP 403, expected 101"),
    down("ws-404", Reason.STATUS, says="HTTP 404, expected 101"),
    down("ws-426", Reason.STATUS, says="HTTP 426, expected 101"),
    unknown("ws-429", Reason.RATE_LIMITED, says="HTTP 429, expected 101"),
    down("ws-503", Reason.STATUS, "a message is expected too", PONG, says="HTTP 503, expected 101"),
    down("ws-ssh", Reason.PROTOCOL, says="not HTTP: the answer begins with SSH-2.0"),
    down("refused", Reason.REFUSED),
    down("black-hole", Reason.TIMEOUT_CONNECT),
]

LIES = [
    down("ws-wrong-key", Reason.PROTOCOL, says="wrong Sec-WebSocket-Accept"),
    down("ws-no-key", Reason.PROTOCOL, says="wrong Sec-WebSocket-Accept"),
    down("ws-no-upgrade", Reason.PROTOCOL, says="no upgrade to a WebSocket"),
    down("ws-other-upgrade", Reason.PROTOCOL, says="no upgrade to a WebSocket"),
    down("ws-extension", Reason.PROTOCOL, says="an extension that was not offered: permessage-deflate"),
    down("ws-subprotocol", Reason.PROTOCOL, says="a subprotocol that was not offered: mqtt"),
]

FRAMES = [
    *(
        down(fault, Reason.PROTOCOL, "", PONG, says="not a WebSocket frame: ")
        for fault in (
            "ws-masked", "ws-reserved-bit", "ws-reserved-opcode", "ws-long-ping", "ws-continuation-first",
            "ws-text-in-text", "ws-not-utf8", "ws-wasteful-length", "ws-negative-length", "ws-closes-reserved",
        )
    ),
    down("ws-huge-frame", Reason.TOO_LARGE, "never the word", PONG, says="larger than 1024 KiB"),
    down("ws-endless-fragments", Reason.TOO_LARGE, "never the word", PONG, says="did not end within 2048 frames"),
    down("ws-empty-fragments", Reason.TOO_LARGE, "", PONG, says="2048 frames and nothing of the message"),
    down("ws-ping-flood", Reason.PROTOCOL, "", PONG, says="more than 100 pings and no message"),
    down("ws-pong-flood", Reason.PROTOCOL, "", PONG, says="more than 100 pings and no message"),
    down("ws-greets", Reason.BODY, "another word", PONG, says="no PONG in the body"),
    down("ws-greets", Reason.PAYLOAD, "another value", Check(expect=Expectation(json=(("n", 2),))), says="n is 1, expected 2"),
    down("ws-empty", Reason.BODY, "", PONG, says="the body is empty"),
    down("ws-silence", Reason.HEADER, "no such header", CHOSEN, says="no header sec-websocket-protocol"),
    down("ws-silence", Reason.TIMEOUT_RESPONSE, "", PONG, says="no message within"),
    down("ws-ping-drip", Reason.TIMEOUT_RESPONSE, "", PONG, says="no message within"),
    down("ws-half-message", Reason.TIMEOUT_BODY, "", PONG, says="did not end within"),
    down("ws-huge-promise", Reason.TIMEOUT_BODY, "", PONG, says="did not end within"),
]  # fmt: skip

CLOSED = [
    down("ws-closes", Reason.RESET, "", PONG, says="no message, closed with 1000 (normal closure)"),
    down("ws-closes-bare", Reason.RESET, "", PONG, says="no message, closed with 1005"),
    down("ws-closes-sorry", Reason.RESET, "at once", says="upgraded, closed with 1011 (internal error): "),
    down("ws-closes-policy", Reason.RESET, "at once", says="upgraded, closed with 1008 (policy violation): token expired"),
    unknown("ws-closes-unauthorized", Reason.UNAUTHORIZED, says="upgraded, closed with 3000"),
    unknown("ws-closes-forbidden", Reason.UNAUTHORIZED, "", PONG, says="no message, closed with 4403: Forbidden"),
    down("ws-ends", Reason.RESET, "", PONG, says="closed the connection without a close frame"),
    down("ws-reset", Reason.RESET, "", ECHO),
    degraded("ws-greets", Reason.SLOW, "", Check(expect=Expectation(body="w"), max_latency=1e-6)),
]  # fmt: skip

ROWS = [*GOOD, *REFUSED, *LIES, *FRAMES, *CLOSED]


@pytest.fixture(scope="module")
def outcomes(loop_kind: str) -> Iterator[dict[Row, Outcome]]:
    rows = [replace(row, scheme="ws") for row in ROWS]
    with FaultServer(WEBSOCKET_FAULTS) as server, unanswering() as others:
        found = run_rows(rows, server.ports | others, loop_kind)
        yield {row: found[asked] for row, asked in zip(ROWS, rows, strict=True)}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_faulty_server_gives_its_exact_status_and_reason(outcomes: dict[Row, Outcome], row: Row) -> None:
    assert_told(outcomes[row], row)


def test_every_fault_is_in_the_table() -> None:
    assert {row.fault for row in ROWS} == set(WEBSOCKET_FAULTS) | {"black-hole", "refused"}
