"""What name servers say that is much or odd, and servers that refuse EDNS: real ones on loopback."""

from __future__ import annotations

import struct
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

import pytest
from dns.rcode import Rcode

from platformpm.model.check import Check, Expectation
from platformpm.model.status import Reason, Status
from platformpm.net import ExchangeError, question_of
from platformpm.net.reply import reply_to
from tests.unit.probes.conftest import Examine
from tests.unit.probes.nameservers import Question, Script, answer, cut, framed, naming, says

A, NS, MX, TXT, HTTPS = 1, 2, 15, 16, 65
LARGEST = 65_000
MOST_RECORDS = 4_000
SHORT = 0.9
"""Seconds for what only the deadline ends."""
MOST_CALLS = 300_000
"""Calls of functions in which a reply must be read; without a bound they are millions."""

Octets = Callable[[int, bytes], bytes]
"""(number of the record, a pointer to a name of 120 labels) to its octets."""


def many(kind: int, octets: Octets, owner: bytes = b"\xc0\x0c") -> Callable[[Question], bytes]:
    """Give a reply as large as one gets: a record of another type that holds a long name, then many of `kind`."""

    def reply(question: Question) -> bytes:
        asked = question.to_wire()
        text = asked[12 : asked.index(0, 12) + 5]
        name = b"\x01a" * 120 + b"\0"
        out = text + b"\xc0\x0c" + struct.pack("!HHIH", 10, 1, 60, len(name))
        pointer = struct.pack("!H", 0xC000 | 12 + len(out))
        out, count = out + name, 1
        while count <= MOST_RECORDS and len(out) + 14 + len(held := octets(count, pointer)) <= LARGEST:
            out += (owner or pointer) + struct.pack("!HHIH", kind, 1, 60, len(held)) + held
            count += 1
        return asked[:2] + struct.pack("!HHHHH", 0x8180, 1, count, 0, 0) + out

    return reply


def pointers(question: Question) -> bytes:
    """Give a reply whose owners are reached over thousands of pointers."""
    asked = question.to_wire()
    out = asked[12 : asked.index(0, 12) + 5] + b"\xc0\x0c" + struct.pack("!HHIH", 10, 1, 60, 16_002)
    start = 12 + len(out)
    out += b"\0\0" + b"".join(struct.pack("!H", 0xC000 | start + 2 * step) for step in range(8000))
    for number in range(2000):
        out += (
            b"\x02%c%c" % divmod(number, 256)
            + struct.pack("!HHHIH", 0xC000 | start + 16_000, 1, 1, 60, 4)
            + b"\x7f\0\0\1"
        )
    return asked[:2] + struct.pack("!HHHHH", 0x8180, 1, 2001, 0, 0) + out


def parameters(number: int, pointer: bytes) -> bytes:
    return struct.pack("!HB", number, 0) + b"".join(struct.pack("!HH", 100 + key, 0) for key in range(2000))


LARGE = [
    ("A", many(NS, lambda _, pointer: pointer, owner=b""), "www.example.test has no A record at {server}"),
    ("A", many(A, lambda _, pointer: b"\x7f\0\0\1", owner=b""), "www.example.test has no A record at {server}"),
    ("A", many(A, lambda number, _: struct.pack("!I", number)), "0.0.0.1, 0.0.0.10, 0.0.0.100, "),
    ("TXT", many(TXT, lambda number, _: b"\x05%05d" % number), "00001, 00002, 00003, "),
    ("TXT", many(TXT, lambda *_: (b"\xff" + b"x" * 255) * 250), "xxxxxxxxxx"),
    ("A", pointers, "the names and records in the answer of {server} are too many or too long to be read"),
    ("NS", many(NS, lambda number, pointer: b"\x02%c%c" % divmod(number, 256) + pointer), "the names and records in"),
    ("MX", many(MX, lambda number, pointer: struct.pack("!H", number) + pointer), "the names and records in"),
    ("HTTPS", many(HTTPS, parameters), "the names and records in"),
]


@pytest.mark.parametrize(("record", "reply", "detail"), LARGE)
def test_a_large_answer_is_read_or_refused_over_udp_and_over_tcp(
    examine: Examine, record: str, reply: Callable[[Question], bytes], detail: str
) -> None:
    def over_tcp(question: Question, tcp: bool) -> Iterable[bytes]:
        return [framed(reply(question)) if tcp else cut(question)]

    for script in (over_tcp, lambda question, tcp: [reply(question)]):
        with naming(script) as server:
            reading = examine(server.url(), Check(record=record)).reading
        assert reading.detail.startswith(detail.format(server=f"127.0.0.1:{server.port}"))
        assert (reading.reason is Reason.TOO_LARGE) == detail.startswith("the names")
        assert (reading.status is Status.UP) == (" no " not in detail and reading.reason is None)


@pytest.mark.parametrize(("record", "reply"), [row[:2] for row in LARGE])
def test_the_work_at_an_answer_is_bounded(record: str, reply: Callable[[Question], bytes]) -> None:
    query = question_of("dns://127.0.0.1/www.example.test", Check(record=record)).query
    wire = reply(query)
    assert len(wire) <= 65_535
    with counted() as made, suppress(ExchangeError):
        reply_to(query, wire, "127.0.0.1")
    assert len(made) < MOST_CALLS


@contextmanager
def counted() -> Iterator[list[str]]:
    """Note the calls that are made in the block."""
    made: list[str] = []
    before = sys.getprofile()
    sys.setprofile(lambda frame, event, argument: made.append(event) if event.endswith("call") else None)
    try:
        yield made
    finally:
        sys.setprofile(before)


def refuses_edns(code: Rcode, plain: Script, *, bare: bool = False) -> Script:
    """Answer questions with EDNS by `code`, `bare` without the question, and those without it by `plain`."""

    def script(question: Question, tcp: bool) -> Iterable[bytes]:
        if question.edns < 0:
            yield from plain(question, tcp)
            return
        said = answer(question)
        said.use_edns(0 if code == Rcode.BADVERS else False)
        said.set_rcode(code)
        if bare:
            said.question.clear()
        yield framed(said.to_wire()) if tcp else said.to_wire()

    return script


@pytest.mark.parametrize(
    ("code", "bare"),
    [
        (Rcode.FORMERR, False),
        (Rcode.FORMERR, True),
        (Rcode.NOTIMP, False),
        (Rcode.NOTIMP, True),
        (Rcode.BADVERS, False),
    ],
)
def test_a_server_that_refuses_edns_is_asked_again_without(examine: Examine, code: Rcode, bare: bool) -> None:
    with naming(refuses_edns(code, says("@ A 10.0.0.1"), bare=bare)) as server:
        reading = examine(server.url()).reading
    assert (reading.status, reading.detail) == (Status.UP, f"10.0.0.1 from 127.0.0.1:{server.port}")
    assert [(question.edns, how) for question, how in server.asked] == [(0, "udp"), (-1, "udp")]


def test_what_does_not_fit_without_edns_comes_over_tcp(examine: Examine) -> None:
    script = refuses_edns(
        Rcode.FORMERR, lambda question, tcp: says("@ A 10.0.0.1")(question, tcp) if tcp else [cut(question)]
    )
    with naming(script) as server:
        assert examine(server.url()).reading.status is Status.UP
    assert [(question.edns, how) for question, how in server.asked] == [(0, "udp"), (-1, "udp"), (-1, "tcp")]


def test_edns_that_is_refused_over_tcp_alone_is_left_out_too(examine: Examine) -> None:
    def script(question: Question, tcp: bool) -> Iterable[bytes]:
        return (
            refuses_edns(Rcode.FORMERR, says("@ A 10.0.0.1"))(question, tcp)
            if tcp or question.edns < 0
            else [cut(question)]
        )

    with naming(script) as server:
        assert examine(server.url()).reading.status is Status.UP
    assert [(question.edns, how) for question, how in server.asked] == [(0, "udp"), (0, "tcp"), (-1, "udp")]


@pytest.mark.parametrize("code", [Rcode.FORMERR, Rcode.NOTIMP])
def test_a_server_that_refuses_every_question_is_asked_twice(examine: Examine, code: Rcode) -> None:
    with naming(says(code=code)) as server:
        reading = examine(server.url()).reading
    assert (reading.status, reading.reason) == (Status.DOWN, Reason.PAYLOAD)
    assert reading.detail == f"127.0.0.1:{server.port} answered {code.name}"
    assert [question.edns for question, _ in server.asked] == [0, -1]


def _asked_twice(question: Question, tcp: bool) -> Iterable[bytes]:
    said = answer(question, "@ A 10.0.0.1")
    said.question.append(said.question[0])
    return [said.to_wire()]


def _without_question(question: Question, tcp: bool) -> Iterable[bytes]:
    """Answer, and after that send the question itself: none of them is an answer to it."""
    said = answer(question, "@ A 10.0.0.1")
    said.question.clear()
    return [said.to_wire(), question.to_wire()]


def _chain(length: int) -> Script:
    links = [f"{f'c{at}.test.' if at else '@'} CNAME c{at + 1}.test." for at in range(length)]
    return says(*links, f"c{length}.test. A 10.0.0.1")


@pytest.mark.parametrize(
    ("script", "reason", "detail"),
    [
        (_asked_twice, Reason.PROTOCOL, "{server} answered 2 questions, and was asked one"),
        (says("@ CNAME b.test.", "b.test. CNAME WWW.example.test."), Reason.PROTOCOL, "the aliases in the answer of {server} go in a circle"),
        (says("@ CNAME www.example.test."), Reason.PROTOCOL, "the aliases in the answer of {server} go in a circle"),
        (_chain(16), None, "10.0.0.1 from {server}"),
        (_chain(17), Reason.PROTOCOL, "the aliases in the answer of {server} are more than 16"),
        (lambda question, tcp: [framed(cut(question)) if tcp else cut(question)], Reason.PROTOCOL, "the answer of {server} is cut even over TCP"),
        (_without_question, Reason.TIMEOUT_RESPONSE, "no answer to this question (but 1 without a question, 1 echoed) within 0.9 s"),
    ],
)  # fmt: skip
def test_it_is_told_what_is_wrong_with_an_answer(
    examine: Examine, script: Script, reason: Reason | None, detail: str
) -> None:
    with naming(script) as server:
        reading = examine(server.url(), timeout=SHORT if reason is Reason.TIMEOUT_RESPONSE else 20.0).reading
    assert reading.reason is reason
    assert reading.detail == detail.format(server=f"127.0.0.1:{server.port}")


def test_an_answer_over_tcp_that_does_not_end_has_no_headers(examine: Examine) -> None:
    with naming(lambda question, tcp: _dripping() if tcp else [cut(question)]) as server:
        reading = examine(server.url(), timeout=SHORT).reading
    assert (reading.reason, reading.detail) == (Reason.TIMEOUT_RESPONSE, "the answer did not end within 0.9 s")


def _dripping() -> Iterator[bytes]:
    """Announce more than comes, and keep the connection until the other side ends it."""
    yield b"\xff\xff"
    while True:
        time.sleep(0.02)
        yield b"x"


def test_an_empty_text_is_shown_as_one(examine: Examine) -> None:
    with naming(says('@ TXT ""', '@ TXT "b"')) as server:
        examination = examine(server.url(), Check(record="TXT"))
        missing = examine(server.url(), Check(record="TXT", expect=Expectation(records=("a",)))).reading
    assert examination.reading.detail == f'"", b from 127.0.0.1:{server.port}'
    assert examination.facts["TXT"] == ('""', "b")
    assert missing.detail == 'no a among "", b'
