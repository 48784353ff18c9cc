"""What a probe says when names hang, lie or do not exist."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from platformpm.model.check import Check
from platformpm.model.status import Reason
from platformpm.model.text import safe_text
from tests.faults.http_faults import HTTP_FAULTS
from tests.faults.rows import TOO_LATE, Outcome, Row, down, run_rows, up
from tests.faults.server import FaultServer

ROWS = [
    up("healthy", host="good.test"),
    up("healthy", "slow is not gone", host="slow.test"),
    up("healthy", "the second address answers", host="two-addresses.test"),
    up("healthy", "family", Check(family=4), host="two-addresses.test"),
    up("ipv6", host="only-v6.test"),
    *(down("healthy", Reason.DNS, "a look-up that hangs", host=f"hang-{i}.test", scheme="http") for i in range(20)),
    down("healthy", Reason.DNS, host="no-such-name.test"),
    down("healthy", Reason.DNS, host="try-again.test"),
    down("healthy", Reason.DNS, "a name without addresses", host="empty.test"),
    down("healthy", Reason.DNS, "a name that cannot be encoded", host="unicode.test"),
    down("healthy", Reason.DNS, "a resolver with a defect", host="defect.test"),
    down("healthy", Reason.DNS, "no address of that family", Check(family=4), host="only-v6.test"),
    down("healthy", Reason.DNS, scheme="tcp", host="no-such-name.test"),
    down("healthy", Reason.DNS, scheme="tls", host="no-such-name.test"),
    down("healthy", Reason.DNS, scheme="https", host="no-such-name.test"),
    down("healthy", Reason.DNS, "a look-up that hangs", scheme="tcp", host="hang-tcp.test"),
    down("healthy", Reason.DNS, "a look-up that hangs", scheme="tls", host="hang-tls.test"),
]


@pytest.fixture(scope="module")
def outcomes(loop_kind: str) -> Iterator[dict[Row, Outcome]]:
    with FaultServer(HTTP_FAULTS) as server:
        yield run_rows(ROWS, server.ports, loop_kind)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_faulty_name_gives_its_exact_status_and_reason(outcomes: dict[Row, Outcome], row: Row) -> None:
    outcome = outcomes[row]
    assert outcome.escaped is None
    assert outcome.reading is not None
    assert (outcome.reading.status, outcome.reading.reason) == (row.status, row.reason), outcome.reading.detail
    assert safe_text(outcome.reading.detail) == outcome.reading.detail
    assert outcome.late < TOO_LATE


def test_the_time_of_a_look_up_is_told_and_a_literal_has_none(outcomes: dict[Row, Outcome]) -> None:
    slow = outcomes[next(row for row in ROWS if row.host == "slow.test")].reading
    assert slow is not None
    assert slow.phases.dns is not None
    assert slow.phases.dns >= 0.1
    assert slow.latency is not None
    assert slow.latency >= slow.phases.dns
