"""What a `tcp://` probe says of servers that are silent, say the wrong thing, or will not stop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from platformpm.model.check import Check, Expectation
from platformpm.model.secret import Secret
from platformpm.model.status import Reason
from tests.faults.http_faults import HTTP_FAULTS
from tests.faults.rows import Outcome, Row, assert_told, degraded, down, run_rows, up
from tests.faults.server import FaultServer, unanswering
from tests.faults.tcp_faults import TCP_FAULTS

PING = Check(send=Secret("PING\r\n"), expect=Expectation(body="PONG"))
GREETED = Check(expect=Expectation(body="ESMTP"))

ROWS = [
    up("tcp-pong", "the port is open", scheme="tcp"),
    up("tcp-pong", "send and expect", PING, scheme="tcp"),
    up("tcp-banner", "expect alone", GREETED, scheme="tcp"),
    up("tcp-split-banner", "in pieces", GREETED, scheme="tcp"),
    up("tcp-silence", "nothing is expected", scheme="tcp"),
    up("tcp-close", "nothing is expected", scheme="tcp"),
    up("tcp-flood", "nothing is expected", scheme="tcp"),
    up("tcp-silence", "sent, and nothing is expected", Check(send=Secret("PING\r\n")), scheme="tcp"),
    down("tcp-silence", Reason.TIMEOUT_RESPONSE, "", PING, scheme="tcp"),
    down("tcp-refuse", Reason.BODY, "the wrong word, then the end", PING, scheme="tcp", says="-ERR max"),
    down("tcp-reset-after-send", Reason.RESET, "", PING, scheme="tcp"),
    down("tcp-close", Reason.RESET, "closed without a byte", PING, scheme="tcp"),
    down("tcp-flood", Reason.TOO_LARGE, "never the word", PING, scheme="tcp"),
    down("refused", Reason.REFUSED, scheme="tcp"),
    down("black-hole", Reason.TIMEOUT_CONNECT, scheme="tcp"),
    up("ipv6", "the port is open", scheme="tcp"),
    degraded(
        "slow-first-byte",
        Reason.SLOW,
        "max_latency",
        Check(send=Secret("GET / HTTP/1.1\r\n\r\n"), expect=Expectation(body="UP"), max_latency=0.1),
        scheme="tcp",
    ),
]


@pytest.fixture(scope="module")
def outcomes(loop_kind: str) -> Iterator[dict[Row, Outcome]]:
    with FaultServer(TCP_FAULTS | HTTP_FAULTS) as server, unanswering() as others:
        yield run_rows([*ROWS, *STAYING], server.ports | others, loop_kind)


SAID_NO = "the wrong word, and the line stays open"
STAYING = [
    down("tcp-refuse-and-stay", Reason.BODY, SAID_NO, PING, scheme="tcp", by_time=True, says="-ERR not now"),
    down("tcp-drip", Reason.BODY, "never the word, a byte at a time", PING, scheme="tcp", by_time=True),
]
"""Only the deadline ends these, but it is what was said that is wrong, not that nothing was said."""


@pytest.mark.parametrize("row", [*ROWS, *STAYING], ids=str)
def test_a_faulty_port_gives_its_exact_status_and_reason(outcomes: dict[Row, Outcome], row: Row) -> None:
    assert_told(outcomes[row], row)


def test_every_tcp_fault_is_in_the_table() -> None:
    assert {row.fault for row in [*ROWS, *STAYING]} >= set(TCP_FAULTS) - {"tcp-reset"}
