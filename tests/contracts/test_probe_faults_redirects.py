"""Where a probe lets itself be sent, and what it takes along: redirects of every kind, and the spy on the sockets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from platformpm.model.check import Check, Expectation
from platformpm.model.secret import Secret
from platformpm.model.status import Reason
from platformpm.model.text import safe_text
from tests.faults.dns_faults import FaultyNames
from tests.faults.redirect_faults import FORBIDDEN, OTHER_HOST, REDIRECT_FAULTS, UNUSABLE
from tests.faults.rows import TOO_LATE, Outcome, Row, down, run_rows, unknown, up
from tests.faults.server import FaultServer
from tests.faults.spy import forbidden, watch_sockets

CREDENTIALS = Check(
    headers=(
        ("X-Api-Key", Secret("key-5d1f00")),
        ("Cookie", Secret("session=5d1f00")),
        ("X-Own", Secret("own-5d1f00")),
    ),
    auth=Secret("Bearer token-5d1f00"),
)
PLANTED = "5d1f00"
POSTED = replace(CREDENTIALS, method="POST", body=Secret("body-5d1f00"))
STAYS = Check(redirects=0)

CREDENTIAL_ROWS = [
    up("to-other-port", "another origin, the same host", CREDENTIALS),
    up("to-other-port-307", "another origin, method kept", POSTED),
    up("to-other-port-303", "another origin, method dropped", POSTED),
    unknown("to-other-name", Reason.REDIRECT, "another name is another host", replace(CREDENTIALS, dialect="none")),
    up("bounce", "away and back again", CREDENTIALS),
]

ROWS = [
    *CREDENTIAL_ROWS,
    *(down(fault, Reason.REDIRECT, "refused before anything is sent") for fault in FORBIDDEN),
    *(down(fault, Reason.REDIRECT, "no usable address") for fault in UNUSABLE),
    down("to-escape", Reason.PROTOCOL, "no header may hold a control character"),
    *(up(fault, "a 3xx is expected and not followed", STAYS) for fault in ("to-metadata", "to-file", "redirect-loop")),
    up("to-unique", "a new address every time"),
    down("redirect-loop", Reason.REDIRECT, "at most 5 are followed"),
    down("redirect-chain", Reason.REDIRECT, "at most 5 are followed", path="/6"),
    up("redirect-chain", "5 are followed", path="/5"),
    up("redirect-chain", "no redirect at all", path="/0"),
    up("redirect-chain", "fewer by configuration", Check(redirects=2), path="/2"),
    down("redirect-chain", Reason.REDIRECT, "fewer by configuration", Check(redirects=2), path="/3"),
    down("redirect-no-location", Reason.STATUS, "it is the final response, and no 2xx", says="302"),
    up("redirect-no-location", "a 3xx is expected and not followed", STAYS),
    unknown("to-sign-in", Reason.REDIRECT, "a sign-in page is not health"),
    up("to-sign-in", "the expectation matched", Check(expect=Expectation(body="Sign in"))),
    down("to-sign-in", Reason.BODY, "the expectation did not match", Check(expect=Expectation(body="nowhere"))),
    up("to-other-json", "a dialect matched"),
    unknown("to-other-json", Reason.REDIRECT, "no dialect may match", Check(dialect="none")),
]


@pytest.fixture(scope="module")
def server(loop_kind: str) -> Iterator[FaultServer]:
    with FaultServer(REDIRECT_FAULTS) as running:
        yield running


@pytest.fixture(scope="module")
def tried(server: FaultServer, outcomes: dict[Row, Outcome]) -> list[tuple[str, object]]:
    return list(watch_sockets())


@pytest.fixture(scope="module")
def outcomes(server: FaultServer, loop_kind: str) -> Iterator[dict[Row, Outcome]]:
    watch_sockets().clear()
    yield run_rows(ROWS, server.ports, loop_kind)
    watch_sockets().clear()


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_redirect_gives_its_exact_status_and_reason(outcomes: dict[Row, Outcome], row: Row) -> None:
    outcome = outcomes[row]
    assert outcome.escaped is None
    assert outcome.reading is not None
    assert (outcome.reading.status, outcome.reading.reason) == (row.status, row.reason), outcome.reading.detail
    assert safe_text(outcome.reading.detail) == outcome.reading.detail
    assert outcome.late < TOO_LATE


def test_no_connection_to_a_forbidden_address_is_ever_tried(tried: list[tuple[str, object]]) -> None:
    assert any(event == "socket.connect" for event, _address in tried), "the spy is blind"
    assert forbidden(tried) == []


def test_the_system_is_never_asked_for_a_redirect_target_that_is_no_web_address(
    tried: list[tuple[str, object]],
) -> None:
    asked = {str(name) for event, name in tried if event == "socket.getaddrinfo"}
    assert not asked & {"etc", "passwd", "link-local.test"}


@pytest.mark.parametrize("row", CREDENTIAL_ROWS, ids=str)
def test_the_second_origin_gets_no_credential(server: FaultServer, outcomes: dict[Row, Outcome], row: Row) -> None:
    assert outcomes[row].reading is not None
    second = server.seen_by("echo")
    assert len(second) >= len(CREDENTIAL_ROWS)
    for seen in second:
        assert PLANTED not in seen.head.decode("latin-1")
        for name in ("authorization", "x-api-key", "cookie", "x-own", "proxy-authorization"):
            assert seen.header(name) is None


def test_the_first_origin_gets_every_credential_and_never_again_after_a_change(
    server: FaultServer, outcomes: dict[Row, Outcome]
) -> None:
    assert outcomes
    there, back = server.seen_by("bounce")
    assert there.header("x-api-key") == "key-5d1f00"
    assert there.header("cookie") == "session=5d1f00"
    assert there.header("x-own") == "own-5d1f00"
    assert there.header("authorization") == "Bearer token-5d1f00"
    assert back.head.startswith(b"GET /back ")
    assert PLANTED not in back.head.decode("latin-1")


def test_a_chain_within_one_origin_keeps_its_credentials(server: FaultServer) -> None:
    row = up("redirect-same-origin", "every step", CREDENTIALS, path="/2")
    reading = run_rows([row], server.ports)[row].reading
    assert reading is not None
    assert (reading.status, reading.reason) == (row.status, row.reason)
    seen = server.seen_by("redirect-same-origin")
    assert [each.header("authorization") for each in seen] == ["Bearer token-5d1f00"] * 3


def test_a_detail_of_a_refused_redirect_shows_no_credential(outcomes: dict[Row, Outcome]) -> None:
    readings = [outcome.reading for outcome in outcomes.values()]
    assert all(reading is not None and PLANTED not in reading.detail for reading in readings)


def test_the_other_host_is_another_name_for_the_same_machine() -> None:
    assert [address.ip for address in FaultyNames()(OTHER_HOST, 0)] == ["127.0.0.1"]
