import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from platformpm.model.exchange import Certificate, Failure, Response
from platformpm.model.plugin import Performance, Ran
from platformpm.model.reading import Phases, Reading
from platformpm.model.status import Reason, Status
from platformpm.report.examination import exit_code_of, probe_document, probe_text
from platformpm.report.table import Style
from tests.unit.report.pictures import AT, DOWN, UP

DAY = 86400.0
CERTIFICATE = Certificate(
    not_after=AT + 9.4 * DAY,
    not_before=AT - DAY,
    subject="shop.example",
    issuer="Example CA",
    names=("shop.example", "*.shop.example"),
    protocol="TLSv1.3",
)
RESPONSE = Response(
    url="https://user:pw@shop.example/health?key=hunter2",
    status=503,
    phrase="Service \x1b[31mUnavailable",
    headers=(("content-type", "application/json\x07"),),
    body=b"x" * 2048,
    complete=False,
    hops=("https://shop.example/?key=hunter2",),
)


@dataclass(frozen=True)
class Seen:
    reading: Reading = DOWN
    exchange: Response | Failure | None = RESPONSE
    because: str = "media type"
    certificate: Certificate | None = CERTIFICATE
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    program: Ran | None = None


URL = "https://user:pw@shop.example/?key=hunter2"
TLS = replace(UP, at=AT, dialect=None, version=None, phases=Phases(0.002, 0.004, 0.008, None, None), latency=0.014)


def test_the_text_says_everything_one_fact_a_line() -> None:
    assert (
        probe_text(URL, Seen(), Style())
        == """\
https://shop.example/?key=…

  status       ✖ down
  reason       status: HTTP 503, expected 2xx
  what to do   The service itself says that something is wrong: look into what fails there.
  redirected   1. from https://shop.example/?key=…
               to https://shop.example/health?key=…
  answer       HTTP/1.1 503 Service \N{REPLACEMENT CHARACTER}[31mUnavailable
  body         application/json\N{REPLACEMENT CHARACTER}, 2.0 KiB (cut at the cap)
  dialect      spring-boot (by media type)
  failing      db
  version      none in this answer; version = "/actuator/info" asks for it
  certificate  valid until 2026-12-01, 9 days left
  subject      shop.example
  issuer       Example CA
  names        shop.example, *.shop.example
  TLS          TLSv1.3

  connect     0.4 ms  █
  first byte   11 ms  ██████████████████████████████
  transfer    0.6 ms  ██
  in all       12 ms
"""
    )


def test_failing_components_that_are_not_named_are_counted() -> None:
    text = probe_text(URL, Seen(replace(DOWN, failing_more=17)), Style())
    assert "\n  failing      db and 17 more\n" in text


def test_a_handshake_alone_has_no_answer_to_speak_of() -> None:
    text = probe_text("tls://shop.example:993", Seen(TLS, None, ""), Style())
    assert "dialect" not in text
    assert "version " not in text
    assert "  dns      2.0 ms  ████████\n" in text
    assert "  tls      8.0 ms  ██████████████████████████████\n" in text


def test_an_expired_unverified_certificate_is_told_in_red() -> None:
    expired = replace(CERTIFICATE, not_after=AT - 3 * DAY, verified=False, subject="", issuer="", names=())
    text = probe_text(URL, Seen(certificate=expired), Style(colour=True))
    assert "\x1b[31mvalid until 2026-11-19, expired 3 days ago\x1b[0m" in text
    assert "TLSv1.3 (certificate not verified)" in text
    assert "issuer" not in text


@pytest.mark.parametrize(
    ("begin", "end", "says"),
    [
        (-9, 1.5, "valid until 2026-11-23, 1 day left"),
        (-9, 0.5, "valid until 2026-11-22, 0 days left"),
        (-9, -1.5, "valid until 2026-11-20, expired 1 day ago"),
        (4.5, 90, "not valid before 2026-11-26, 4 days from now, until 2027-02-20"),
    ],
)
def test_the_time_of_a_certificate_is_told_in_whole_days(begin: float, end: float, says: str) -> None:
    certificate = replace(CERTIFICATE, not_before=AT + begin * DAY, not_after=AT + end * DAY)
    assert f"  certificate  {says}\n" in probe_text(URL, Seen(certificate=certificate), Style())


def test_names_beyond_those_that_are_kept_are_counted() -> None:
    seen = Seen(certificate=replace(CERTIFICATE, names_more=2981))
    assert "  names        shop.example, *.shop.example and 2,981 more\n" in probe_text(URL, seen, Style())
    assert '"names_more": 2981' in json.dumps(probe_document(URL, seen))


def test_an_answer_that_is_cut_says_where() -> None:
    seen = Seen(exchange=replace(RESPONSE, cut="2048 frames"))
    assert "2.0 KiB (cut at 2048 frames)\n" in probe_text(URL, seen, Style())


def test_a_failure_has_a_reason_and_no_phases_to_draw() -> None:
    reading = Reading(Status.DOWN, AT, Reason.REFUSED, "connection refused by 127.0.0.1:1")
    text = probe_text("http://127.0.0.1:1", Seen(reading, Failure(Reason.REFUSED, ""), "", None), Style(unicode=False))
    assert text.isascii()
    assert "refused: connection refused by 127.0.0.1:1" in text
    assert text.endswith("is it the right port?\n")


@pytest.mark.parametrize(
    ("status", "code"), [(Status.UP, 0), (Status.DEGRADED, 1), (Status.DOWN, 2), (Status.UNKNOWN, 3)]
)
def test_the_exit_code_is_that_of_the_reading(status: Status, code: int) -> None:
    seen = Seen(replace(UP, status=status))
    assert exit_code_of(seen.reading) == code
    assert exit_code_of(UP, seen.reading, UP) == code
    assert probe_document(URL, seen)["exit_code"] == code


def test_the_document_shows_no_userinfo_and_no_query_values() -> None:
    document = probe_document(URL, Seen())
    text = json.dumps(document, allow_nan=False)
    assert "hunter2" not in text
    assert "pw@" not in text
    assert document["redirects"] == ["https://shop.example/?key=…"]
    assert document["certificate"] == {
        "subject": "shop.example",
        "issuer": "Example CA",
        "names": ["shop.example", "*.shop.example"],
        "names_more": 0,
        "not_before": "2026-11-21T07:00:00Z",
        "not_after": "2026-12-01T16:36:00Z",
        "protocol": "TLSv1.3",
        "verified": True,
    }


def test_the_document_has_the_same_keys_whatever_was_seen() -> None:
    assert list(probe_document(URL, Seen())) == list(probe_document(URL, Seen(TLS, None, "", None)))


def test_what_else_was_seen_stands_a_value_a_line() -> None:
    seen = Seen(UP, None, "", None, {"answer": ("NOERROR",), "alias of": (), "MX": ("10 a.test", "[/]20 b.test")})
    text = probe_text("dns://127.0.0.1/shop.test", seen, Style())
    assert "\n  answer   NOERROR\n  MX       10 a.test\n           [/]20 b.test\n" in text
    assert "alias" not in text
    facts = probe_document(URL, seen)["facts"]
    assert facts == {"answer": ["NOERROR"], "alias of": [], "MX": ["10 a.test", "[/]20 b.test"]}


def test_a_declared_instance_is_named_before_its_address() -> None:
    text = probe_text(URL, Seen(), Style(), place="shop@production/eu-1", no_version="not read: status: HTTP 404")
    assert text.startswith("shop@production/eu-1  https://shop.example/?key=…\n")
    assert "\n  version      not read: status: HTTP 404\n" in text
    document = probe_document(URL, Seen(), place="shop@production/eu-1", no_version="not read")
    assert (document["instance"], document["version_detail"]) == ("shop@production/eu-1", "not read")


def test_an_end_that_cannot_be_read_is_not_made_up() -> None:
    odd = Seen(certificate=replace(CERTIFICATE, not_after=None))
    assert "certificate  its end cannot be read\n" in probe_text(URL, odd, Style())
    document = probe_document(URL, odd)["certificate"]
    assert isinstance(document, dict)
    assert document["not_after"] is None


RAN = Ran(
    "check_disk -w 10% -p \x1b[31m/",
    1,
    ("DISK WARNING - /data is filling up", "/ is fine", "/data is not"),
    (
        Performance("/", 29.5, "MiB", "~:40", "45", 0, 50),
        Performance("load", 0.25),
        Performance("inodes", 30, "%", critical="95", maximum=100),
        Performance("temperature", None, "C", minimum=-10),
    ),
)


def test_a_program_is_told_with_its_command_line_and_what_it_measured() -> None:
    reading = Reading(Status.DEGRADED, AT, Reason.EXIT_CODE, RAN.lines[0], latency=0.011)
    text = probe_text("exec://db-1", Seen(reading, None, "", None, program=RAN), Style())
    assert text == (
        """\
exec://db-1

  status      ◐ degraded
  reason      exit_code: DISK WARNING - /data is filling up
  what to do  The program that looks at it says so: run it by hand, as `platformpm probe` shows it.
  command     check_disk -w 10% -p �[31m/
  exit code   1 (warning)
  output      / is fine
              | /data is not
  measured    /: 29.5 MiB, warning ~:40, critical 45, from 0 to 50
              | load: 0.25
              | inodes: 30%, critical 95, at most 100
              | temperature: – C, at least -10

  in all  11 ms
"""
    )


def test_no_line_begins_with_what_a_program_says() -> None:
    ran = Ran("x", 1, ("first", "::warning::second", "::error::third"), (Performance("a", 1), Performance("::stop", 2)))
    seen = Seen(Reading(Status.DEGRADED, AT, Reason.EXIT_CODE, "first"), None, "", None, program=ran)
    assert [line for line in probe_text("exec://h", seen, Style()).splitlines() if line.lstrip().startswith("::")] == []


def test_the_document_of_a_program_has_its_numbers() -> None:
    document: Any = probe_document("exec://db-1", Seen(program=RAN))["program"]
    assert document["exit_code"] == 1
    assert document["signal"] is None
    assert document["output"] == list(RAN.lines)
    assert document["performance"][0] == {
        "label": "/", "value": 29.5, "unit": "MiB", "warning": "~:40", "critical": "45", "minimum": 0, "maximum": 50,
    }  # fmt: skip
    assert document["performance"][3]["value"] is None
    killed: Any = probe_document("exec://db-1", Seen(program=replace(RAN, code=-11)))["program"]
    assert (killed["exit_code"], killed["signal"]) == (None, 11)
    text = probe_text(URL, Seen(program=replace(RAN, code=-11)), Style())
    assert "exit code none: killed by signal 11" in " ".join(text.split())
    assert probe_document(URL, Seen())["program"] is None
