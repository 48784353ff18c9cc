"""DNS probes against real name servers on loopback, good ones and hostile ones."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from dns.rcode import Rcode
from dns.rrset import from_text
from hypothesis import given
from hypothesis import strategies as st

from platformpm.formats.records import judge_records
from platformpm.model.check import Check, Expectation
from platformpm.model.reading import Reading
from platformpm.model.secret import NO_MASK
from platformpm.model.status import Reason, Status
from platformpm.net import ExchangeError, Network, question_of
from platformpm.net.nameserver import Server, _answer, _understood
from platformpm.net.resolver import Address
from platformpm.net.trace import Trace
from platformpm.probes import Examination, examiners
from tests.faults.server import refusing
from tests.unit.probes.conftest import StillClock, instance_at
from tests.unit.probes.nameservers import Question, Script, answer, cut, framed, naming, says

Look = Callable[..., Examination]
ADDRESS = says("@ A 10.0.0.1")
SHORT = 0.4
"""Seconds for what only the deadline ends."""


@pytest.fixture(params=["asyncio", "uvloop"])
def look(request: pytest.FixtureRequest) -> Look:
    """Probe one URL once, on each kind of loop: (url, check, timeout, servers of this system) to the examination."""
    factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.SelectorEventLoop
    if request.param == "uvloop":
        if importlib.util.find_spec("uvloop") is None:
            pytest.skip("uvloop is not installed")
        import uvloop  # an extra

        factory = uvloop.new_event_loop

    def once(
        url: str, check: Check | None = None, timeout: float = 20.0, servers: Sequence[Server] = ()
    ) -> Examination:
        async def body() -> Examination:
            network = Network(servers=lambda: servers)
            instance = instance_at(url, check or Check())
            probe = examiners(network, NO_MASK, StillClock())["dns"]
            deadline = asyncio.get_running_loop().time() + timeout
            examination = await probe.examine(instance, instance.health, deadline)
            await network.close()
            return examination

        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(body())

    return once


def told(reading: Reading) -> tuple[Status, Reason | None]:
    return reading.status, reading.reason


@pytest.mark.parametrize(
    ("record", "records", "seen"),
    [
        ("A", ["@ A 10.0.0.2", "@ A 10.0.0.1"], "10.0.0.1, 10.0.0.2"),
        ("AAAA", ["@ AAAA 2001:DB8:0::1"], "2001:db8::1"),
        ("CAA", ['@ CAA 0 issue "ca.example"'], '0 issue "ca.example"'),
        ("CNAME", ["@ CNAME lb.example.test."], "lb.example.test"),
        ("MX", ["@ MX 10 mail.example.test.", "@ MX 0 ."], "0 ., 10 mail.example.test"),
        ("NS", ["@ NS ns1.example.test."], "ns1.example.test"),
        ("SOA", ["@ SOA ns.example.test. root.example.test. 7 1 2 3 4"], "ns.example.test root.example.test 7 1 2 3 4"),
        ("SRV", ["@ SRV 1 2 8443 a.example.test."], "1 2 8443 a.example.test"),
        ("TXT", ['@ TXT "v=spf1 " "-all"'], "v=spf1 -all"),
        ("TLSA", [f"@ TLSA 3 1 1 {'0f' * 32}"], f"3 1 1 {'0f' * 32}"),
    ],
)
def test_each_type_of_record_is_asked_for_and_shown(look: Look, record: str, records: list[str], seen: str) -> None:
    with naming(says(*records)) as server:
        examination = look(server.url(), Check(record=record))
    reading = examination.reading
    assert (*told(reading), reading.detail) == (Status.UP, None, f"{seen} from 127.0.0.1:{server.port}")
    ((asked, how),) = server.asked
    assert (asked.question[0].to_text(), how) == (f"www.example.test. IN {record}", "udp")
    assert reading.latency is not None
    assert reading.phases.first_byte is not None
    assert reading.latency >= reading.phases.first_byte
    assert ", ".join(examination.facts[record]) == seen
    assert examination.facts["answer"] == (f"NOERROR from 127.0.0.1:{server.port}",)


@pytest.mark.parametrize(
    ("asked", "question"),
    [
        ("192.0.2.10", "10.2.0.192.in-addr.arpa."),
        ("2001:db8::1", f"1.{'0.' * 23}8.b.d.0.1.0.0.2.ip6.arpa."),
        ("10.2.0.192.in-addr.arpa", "10.2.0.192.in-addr.arpa."),
    ],
)
def test_an_address_is_asked_for_by_its_reverse_name(look: Look, asked: str, question: str) -> None:
    with naming(says("@ PTR www.example.test.")) as server:
        assert look(server.url(asked), Check(record="PTR")).reading.status is Status.UP
    assert server.asked[0][0].question[0].name.to_text() == question


@pytest.mark.parametrize("asked", ["_dmarc.example.test", ".", "BÜCHER.example", "www.example.test."])
def test_names_are_asked_for_in_their_ascii_form(look: Look, asked: str) -> None:
    with naming(ADDRESS) as server:
        assert look(server.url(asked)).reading.status is Status.UP
    name = {".": ".", "BÜCHER.example": "xn--bcher-kva.example."}.get(asked, asked.rstrip(".") + ".")
    assert server.asked[0][0].question[0].name.to_text() == name


def test_a_server_over_ipv6_or_with_a_name_is_asked(look: Look) -> None:
    with naming(ADDRESS, "::1") as server:
        assert look(server.url()).reading.detail == f"10.0.0.1 from [::1]:{server.port}"
    with naming(ADDRESS) as server:
        reading = look(server.url().replace("127.0.0.1", "localhost"), Check(family=4)).reading
    assert told(reading) == (Status.UP, None)
    assert reading.phases.dns is not None


def test_the_alias_of_a_name_is_followed_and_told(look: Look) -> None:
    records = ["@ CNAME lb.example.test.", "lb.example.test. CNAME lb2.example.test.", "lb2.example.test. A 10.0.0.9"]
    with naming(says(*records, "evil.test. A 6.6.6.6")) as server:
        examination = look(server.url())
    assert examination.reading.detail.startswith("10.0.0.9 from")
    assert examination.facts["alias of"] == ("lb2.example.test",)


def _spoofed(question: Question, tcp: bool) -> Iterable[bytes]:
    """Send what an attacker could who does not see the question, then the answer."""
    wrong = bytearray(answer(question, "@ A 6.6.6.6").to_wire())
    wrong[0] ^= 0xFF
    other = answer(question, "evil.test. A 6.6.6.6")
    other.question = [from_text("evil.test.", 0, "IN", "A")]
    yield bytes(wrong)
    yield other.to_wire()
    yield question.to_wire()
    yield b""
    yield b"\0"
    yield from ADDRESS(question, tcp)


def test_answers_to_other_questions_are_passed_over(look: Look) -> None:
    with naming(_spoofed) as server:
        assert look(server.url()).reading.detail == f"10.0.0.1 from 127.0.0.1:{server.port}"


def _wrong_id(question: Question, tcp: bool) -> Iterable[bytes]:
    wire = bytearray(answer(question, "@ A 6.6.6.6").to_wire())
    wire[1] ^= 1
    return [framed(bytes(wire)) if tcp else bytes(wire)]


def _garbled(question: Question, tcp: bool) -> Iterable[bytes]:
    """Announce more than there is: the parser runs over the end."""
    wire = answer(question, "@ A 10.0.0.1").to_wire()
    return [framed(wire[:-3]) if tcp else wire[:-3]]


def _endless_alias(question: Question, tcp: bool) -> Iterable[bytes]:
    return says("@ CNAME b.test.", "b.test. CNAME www.example.test.")(question, tcp)


def _bare_code(code: Rcode) -> Script:
    """Answer as servers do that did not understand the question: without repeating it."""

    def script(question: Question, tcp: bool) -> Iterable[bytes]:
        said = answer(question, code=code)
        said.question.clear()
        return [said.to_wire()]

    return script


@pytest.mark.parametrize(
    ("script", "reason", "detail"),
    [
        (says(code=Rcode.NXDOMAIN), Reason.DNS, "www.example.test does not exist (NXDOMAIN from {server})"),
        (says(code=Rcode.SERVFAIL), Reason.PAYLOAD, "{server} answered SERVFAIL"),
        (says(code=Rcode.REFUSED), Reason.PAYLOAD, "{server} answered REFUSED"),
        (_bare_code(Rcode.NOTIMP), Reason.PAYLOAD, "{server} answered NOTIMP"),
        (_bare_code(Rcode.FORMERR), Reason.PAYLOAD, "{server} answered FORMERR"),
        (says(code=Rcode(14)), Reason.PAYLOAD, "{server} answered the unknown code 14"),
        (says("@ A 10.0.0.1", code=Rcode.NXDOMAIN), Reason.DNS, "www.example.test does not exist (NXDOMAIN from {server})"),
        (says(), Reason.DNS, "www.example.test has no A record at {server}"),
        (says("@ AAAA ::1"), Reason.DNS, "www.example.test has no A record at {server}"),
        (says("@ CNAME b.test."), Reason.DNS, "www.example.test is an alias of b.test, which has no A record at {server}"),
        (_endless_alias, Reason.PROTOCOL, "the aliases in the answer of {server} go in a circle"),
        (_garbled, Reason.PROTOCOL, "what {server} answered is not a well-formed DNS message"),
        (lambda question, tcp: [cut(question), b""] if not tcp else [b""], Reason.RESET, "{server} closed the connection inside the answer"),
        (lambda question, tcp: [cut(question)] if not tcp else [b"\x40\x00half"], Reason.RESET, "{server} closed the connection inside the answer"),
        (lambda question, tcp: [cut(question)] if not tcp else _wrong_id(question, tcp), Reason.PROTOCOL, "what {server} sent over TCP is not the answer to this question"),
        (lambda question, tcp: [cut(question)] if not tcp else [framed(cut(question))], Reason.PROTOCOL, "the answer of {server} is cut even over TCP"),
        (lambda question, tcp: [cut(question)] if not tcp else _garbled(question, tcp), Reason.PROTOCOL, "what {server} answered is not a well-formed DNS message"),
    ],
)  # fmt: skip
def test_a_bad_answer_is_down_for_its_reason(look: Look, script: Script, reason: Reason, detail: str) -> None:
    with naming(script) as server:
        reading = look(server.url()).reading
    assert told(reading) == (Status.DOWN, reason), reading.detail
    assert reading.detail.startswith(detail.format(server=f"127.0.0.1:{server.port}"))


@pytest.mark.parametrize(
    ("script", "seen"),
    [
        (lambda question, tcp: [], "no answer within"),
        (_wrong_id, "no answer to this question (but 1 to others) within"),
        (lambda question, tcp: [question.to_wire()], "no answer to this question (but 1 echoed) within"),
    ],
)
def test_what_never_answers_runs_into_the_deadline(look: Look, script: Script, seen: str) -> None:
    with naming(script) as server:
        reading = look(server.url(), timeout=SHORT).reading
    assert told(reading) == (Status.DOWN, Reason.TIMEOUT_RESPONSE)
    assert reading.detail.startswith(f"{seen} 0.")
    assert reading.latency is None


def test_a_port_without_a_server_is_refused(look: Look) -> None:
    with refusing() as port:
        reading = look(f"dns://127.0.0.1:{port}/www.example.test").reading
    assert told(reading) == (Status.DOWN, Reason.REFUSED)
    assert reading.detail == f"connection refused by 127.0.0.1:{port}"


def test_a_cut_answer_is_fetched_over_tcp(look: Look) -> None:
    many = [f"@ A 10.0.{number // 250}.{number % 250}" for number in range(2000)]
    with naming(says(*many)) as server:
        examination = look(server.url())
    assert [how for _, how in server.asked] == ["udp", "tcp"]
    assert examination.reading.status is Status.UP
    assert examination.reading.phases.connect is not None
    assert examination.facts["A"][-1] == "and 1950 more"
    assert len(examination.reading.detail) <= 200


def test_a_cut_answer_from_a_server_without_tcp_is_refused(look: Look) -> None:
    with naming(lambda question, _: [cut(question)]) as server:
        server.leave_tcp()
        assert told(look(server.url()).reading) == (Status.DOWN, Reason.REFUSED)


def test_a_tcp_answer_that_does_not_end_runs_into_the_deadline(look: Look) -> None:
    def script(question: Question, tcp: bool) -> Iterable[bytes]:
        if not tcp:
            yield cut(question)
            return
        yield b"\xff\xff"
        while True:
            time.sleep(0.02)
            yield b"x"

    with naming(script) as server:
        reading = look(server.url(), timeout=SHORT).reading
    assert told(reading) == (Status.DOWN, Reason.TIMEOUT_RESPONSE)


def test_a_lost_question_is_asked_again(look: Look) -> None:
    lost: list[Question] = []

    def script(question: Question, tcp: bool) -> Iterable[bytes]:
        lost.append(question)
        return [] if len(lost) == 1 else ADDRESS(question, tcp)

    with naming(script) as server:
        reading = look(server.url()).reading
    assert told(reading) == (Status.UP, None)
    assert len(lost) == 2
    assert lost[0].id == lost[1].id
    assert reading.latency is not None
    assert reading.latency > 0.9


@pytest.mark.parametrize("text", ["\x1b[31mred\x1b]52;c;aGk=\x07", "\x00\xff\u202e[@click=quit]", "a" * 5000])
def test_hostile_text_is_cleaned_wherever_it_shows(look: Look, text: str) -> None:
    raw = text.encode("latin-1", "replace")
    strings = " ".join(
        '"' + "".join(f"\\{byte:03d}" for byte in raw[i : i + 255]) + '"' for i in range(0, len(raw), 255)
    )
    with naming(says(f"@ TXT {strings}")) as server:
        for expect in (Expectation(), Expectation(body="never"), Expectation(records=("never",))):
            examination = look(server.url(), Check(record="TXT", expect=expect))
            shown = examination.reading.detail + "".join(examination.facts["TXT"])
            assert shown.isprintable()
            assert len(examination.reading.detail) <= 200


@pytest.mark.parametrize(
    ("expect", "outcome", "detail"),
    [
        (Expectation(body=r"^10\.0\.0\.[12]$"), (Status.DOWN, Reason.BODY), "no ^10\\.0\\.0\\.[12]$ in 10.0.0.1, 10.0.0.7"),
        (Expectation(body=r"(?m)^10\.0\.0\.[12]$"), (Status.UP, None), "10.0.0.1, 10.0.0.7 from"),
        (Expectation(records=("10.0.0.7", "10.0.0.1")), (Status.UP, None), "10.0.0.1, 10.0.0.7 from"),
        (Expectation(records=("10.0.0.1", "10.0.0.2")), (Status.DOWN, Reason.BODY), "no 10.0.0.2 among 10.0.0.1, 10.0.0.7"),
        (Expectation(body="("), (Status.UNKNOWN, Reason.CONFIG), "("),
    ],
)  # fmt: skip
def test_records_can_be_demanded(
    look: Look, expect: Expectation, outcome: tuple[Status, Reason | None], detail: str
) -> None:
    with naming(says("@ A 10.0.0.7", "@ A 10.0.0.1")) as server:
        reading = look(server.url(), Check(expect=expect)).reading
    assert told(reading) == outcome, reading.detail
    assert reading.detail.startswith(detail)


@pytest.mark.parametrize(
    ("record", "value", "wanted"),
    [
        ("MX", "10 Mail.Example.test.", "10 mail.example.test"),
        ("MX", "10 mail.example.test.", "10 MAIL.example.test."),
        ("AAAA", "2001:db8::1", "2001:0DB8:0:0::1"),
        ("TXT", '"v=spf1 " "-all"', "v=spf1 -all"),
    ],
)
def test_records_are_compared_as_what_they_mean(look: Look, record: str, value: str, wanted: str) -> None:
    with naming(says(f"@ {record} {value}")) as server:
        check = Check(record=record, expect=Expectation(records=(wanted,)))
        assert look(server.url(), check).reading.status is Status.UP


def test_a_slow_answer_is_degraded(look: Look) -> None:
    def script(question: Question, tcp: bool) -> Iterable[bytes]:
        time.sleep(0.1)
        return ADDRESS(question, tcp)

    with naming(script) as server:
        assert told(look(server.url(), Check(max_latency=0.05)).reading) == (Status.DEGRADED, Reason.SLOW)


def _place(port: int) -> Server:
    return Server(Address(socket.AF_INET, "127.0.0.1"), port)


@pytest.mark.parametrize("first", [says(code=Rcode.SERVFAIL), says(code=Rcode.REFUSED), _garbled])
def test_the_next_resolver_of_this_system_is_asked_where_one_cannot_tell(look: Look, first: Script) -> None:
    with naming(first) as bad, naming(ADDRESS) as good:
        servers = [_place(bad.port), _place(good.port)]
        assert look("dns:///www.example.test", servers=servers).reading.detail == f"10.0.0.1 from 127.0.0.1:{good.port}"
        assert len(bad.asked) == 1


def test_silent_and_absent_resolvers_leave_time_for_the_next(look: Look) -> None:
    with naming(lambda question, tcp: []) as silent, naming(ADDRESS) as good, refusing() as port:
        servers = [_place(port), _place(silent.port), _place(good.port)]
        assert told(look("dns:///www.example.test", timeout=3.0, servers=servers).reading) == (Status.UP, None)


def test_a_name_that_does_not_exist_is_not_asked_for_elsewhere(look: Look) -> None:
    with naming(says(code=Rcode.NXDOMAIN)) as first, naming(ADDRESS) as second:
        reading = look("dns:///www.example.test", servers=[_place(first.port), _place(second.port)]).reading
        assert told(reading) == (Status.DOWN, Reason.DNS)
        assert second.asked == []


@pytest.mark.parametrize("url", ["dns://127.0.0.1", "dns:///", "dns:///a..b", "dns:///" + "a" * 64, "dns:///é x"])
def test_what_cannot_be_asked_is_a_config_error(look: Look, url: str) -> None:
    assert told(look(url).reading) == (Status.UNKNOWN, Reason.CONFIG)


def test_a_system_without_resolvers_is_a_config_error(look: Look) -> None:
    assert told(look("dns:///www.example.test", servers=[]).reading) == (Status.UNKNOWN, Reason.CONFIG)


@given(st.binary(max_size=80), st.integers(2, 200), st.integers(0, 8), st.sampled_from(["A", "TXT", "NAPTR", "HTTPS"]))
def test_no_answer_breaks_the_probe(put: bytes, at: int, gone: int, record: str) -> None:
    question = question_of("dns://127.0.0.1/www.example.test", Check(record=record))
    records = {"A": "10.0.0.1", "TXT": '"a" "b"', "NAPTR": '1 2 "s" "E" "!x!y!" a.b.', "HTTPS": "1 . alpn=h2"}
    wire = answer(question.query, "@ CNAME lb.test.", f"lb.test. {record} {records[record]}").to_wire()
    trace = Trace()
    with suppress(ExchangeError):
        said = _understood(question.query, trace, wire[:at] + put + wire[at + gone :])
        if said is not None:
            judged = judge_records(_answer(question, said, trace, 0.1), Check(), 0.0)
            assert judged.detail.isprintable()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted in /proc")
def test_no_socket_is_left_behind(look: Look) -> None:
    with naming(lambda question, tcp: []) as silent, naming(ADDRESS) as good:
        look(good.url())
        before = len(list(Path("/proc/self/fd").iterdir()))
        for url in (silent.url(), good.url(), silent.url()):
            look(url, timeout=0.05)
        assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_flood_of_other_answers_holds_nobody_up(look: Look) -> None:
    def script(question: Question, tcp: bool) -> Iterable[bytes]:
        (wrong,) = _wrong_id(question, tcp)
        while True:
            yield wrong

    with naming(script) as server:
        reading = look(server.url(), timeout=SHORT).reading
    assert told(reading) == (Status.DOWN, Reason.TIMEOUT_RESPONSE)
