"""What a probe says of TLS that fails, over `https://` and over plain `tls://`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from platformpm.model.check import Check, Expectation, TlsSettings
from platformpm.model.status import Reason, Status
from tests.faults.rows import Outcome, Row, assert_told, degraded, down, run_rows, up
from tests.faults.server import FaultServer, unanswering
from tests.faults.tls_faults import TlsTable, make_tls_table

BOTH = ("https", "tls")
NEVER_SAID = Expectation(body="never-to-be-found")


def rows_of(table: TlsTable) -> list[Row]:
    trusted = TlsSettings(ca_file=table.ca_file)
    ours = TlsSettings(ca_file=table.ca_file, certificate_file=table.client_certificate, key_file=table.client_key)
    check, own = Check(tls=trusted), Check(tls=ours)
    blind = Check(tls=TlsSettings(verify=False))
    newest = Check(tls=TlsSettings(ca_file=table.ca_file, minimum="TLSv1.3"))
    gone = Check(tls=TlsSettings(ca_file=f"{table.ca_file}.missing"))
    named = Check(tls=TlsSettings(ca_file=table.ca_file, server_name="someone-else.test"))
    out = []
    for scheme in BOTH:
        out += [
            up("tls-good", "", check, scheme=scheme),
            up("tls-good", "by name", check, scheme=scheme, host="localhost"),
            down("tls-good", Reason.TLS_UNTRUSTED, "the system does not know our authority", scheme=scheme),
            down("tls-expired", Reason.TLS_EXPIRED, "", check, scheme=scheme),
            down("tls-not-yet", Reason.TLS_EXPIRED, "outside its validity", check, scheme=scheme, says="not valid yet"),
            down("tls-self-signed", Reason.TLS_UNTRUSTED, "", check, scheme=scheme, host="localhost"),
            down("tls-wrong-host", Reason.TLS_HOSTNAME, "", check, scheme=scheme),
            up("tls-wrong-host", "asked for by its own name", named, scheme=scheme),
            down("tls-untrusted-root", Reason.TLS_UNTRUSTED, "", check, scheme=scheme),
            down("tls-old", Reason.TLS_PROTOCOL, "TLS 1.1 at most", check, scheme=scheme),
            down("tls-1.2", Reason.TLS_PROTOCOL, "TLS 1.3 is the minimum", newest, scheme=scheme),
            up("tls-1.2", "", check, scheme=scheme),
            up("tls-client-certificate", "with one", own, scheme=scheme),
            up("tls-client-certificate-1.2", "with one", own, scheme=scheme),
            down("tls-client-certificate-1.2", Reason.TLS_PROTOCOL, "without one", check, scheme=scheme),
            down("tls-client-certificate", Reason.TLS_PROTOCOL, "told after the handshake", check, scheme=scheme),
            down("tls-stall", Reason.TIMEOUT_TLS, "", check, scheme=scheme),
            down("tls-half-hello", Reason.TIMEOUT_TLS, "", check, scheme=scheme),
            down("tls-drip-hello", Reason.TIMEOUT_TLS, "", check, scheme=scheme),
            down("tls-plaintext", Reason.TLS_PROTOCOL, "HTTP on the TLS port", check, scheme=scheme),
            down("tls-garbage", Reason.TLS_PROTOCOL, "", check, scheme=scheme),
            down("tls-alert", Reason.TLS_PROTOCOL, "", check, scheme=scheme),
            down("tls-close", Reason.TLS_PROTOCOL, "closed inside the handshake", check, scheme=scheme),
            down("tls-reset", Reason.RESET, "", check, scheme=scheme),
            degraded("tls-expiring", Reason.CERTIFICATE_EXPIRING, "5 days left", check, scheme=scheme),
            up("tls-expiring", "3 days wanted", Check(tls=trusted, certificate_days=3.0), scheme=scheme),
            Row("tls-expired", Status.DEGRADED, Reason.CERTIFICATE_EXPIRING, "not verified", blind, scheme),
            up(
                "tls-expired", "not verified, no days wanted", Check(tls=blind.tls, certificate_days=0.0), scheme=scheme
            ),
            degraded("tls-not-yet", Reason.TLS_EXPIRED, "not verified", blind, scheme=scheme, says="not valid yet"),
            up("tls-not-yet", "no days wanted", Check(tls=blind.tls, certificate_days=0.0), scheme=scheme),
            up("tls-self-signed", "not verified", blind, scheme=scheme),
            up("tls-wrong-host", "not verified", blind, scheme=scheme),
            Row("tls-good", Status.UNKNOWN, Reason.CONFIG, "no such authority file", gone, scheme),
            down("refused", Reason.REFUSED, "", check, scheme=scheme),
            down("black-hole", Reason.TIMEOUT_CONNECT, "", check, scheme=scheme),
        ]
    return [
        *out,
        up("tls-good", "an expected text of others is not read", Check(tls=trusted, expect=NEVER_SAID), scheme="tls"),
        up("tls-no-close-notify", "the close ends the body", check, scheme="https"),
        down("tls-good", Reason.RESET, "HTTP where TLS was expected, closed without a byte"),
    ]


@dataclass(frozen=True, slots=True)
class World:
    table: TlsTable
    rows: list[Row]
    outcomes: dict[Row, Outcome]
    server: FaultServer

    def of(self, fault: str, why: str = "", scheme: str = "https") -> Outcome:
        return next(self.outcomes[row] for row in self.rows if (row.fault, row.why, row.scheme) == (fault, why, scheme))


ROWS = rows_of(TlsTable({}, "ca", "certificate", "key", {}))
"""The same rows in the same order as in the world below, only to name the tests before its certificates exist."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, loop_kind: str) -> Iterator[World]:
    table = make_tls_table(tmp_path_factory.mktemp("tls"))
    rows = rows_of(table)
    with FaultServer(table.faults) as server, unanswering() as others:
        outcomes = run_rows(rows, server.ports | others, loop_kind)
        yield World(table, rows, outcomes, server)


INDICES = [pytest.param(index, id=str(row)) for index, row in enumerate(ROWS)]


@pytest.mark.parametrize("index", INDICES)
def test_a_faulty_handshake_gives_its_exact_status_and_reason(world: World, index: int) -> None:
    row = world.rows[index]
    assert_told(world.outcomes[row], row)


def test_every_tls_fault_is_in_the_table(world: World) -> None:
    assert {row.fault for row in world.rows} >= set(world.table.faults)


@pytest.mark.parametrize("scheme", BOTH)
@pytest.mark.parametrize(
    ("fault", "why"),
    [
        *(("tls-good", ""), ("tls-expired", ""), ("tls-not-yet", "outside its validity")),
        *(("tls-expiring", "5 days left"), ("tls-expired", "not verified")),
    ],
)
def test_the_expiry_of_a_certificate_is_known_even_when_it_was_refused(
    world: World, fault: str, why: str, scheme: str
) -> None:
    reading = world.of(fault, why, scheme).reading
    assert reading is not None
    assert reading.certificate_expires == world.table.expiry[fault]


def test_nothing_is_sent_to_a_server_whose_certificate_was_refused(world: World) -> None:
    sent = {"tls-untrusted-root": 0, "tls-good": 2, "tls-not-yet": 2}  # the last where nobody verified
    assert {fault: len(world.server.seen_by(f"{fault}:request")) for fault in sent} == sent


def test_the_phases_of_a_handshake_are_told_apart(world: World) -> None:
    reading = world.of("tls-good").reading
    assert reading is not None
    phases = (reading.phases.connect, reading.phases.tls, reading.phases.first_byte, reading.phases.transfer)
    assert all(phase is not None for phase in phases)
    assert reading.phases.dns is None
    assert reading.latency is not None
    assert sum(phase or 0.0 for phase in phases) <= reading.latency * 1.01
