"""What the detail of a service says in words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

import pytest

from platformpm.model.check import Check, Command, HeartbeatRule, Instance, InstanceKey, TlsSettings
from platformpm.model.event import Event, EventKind
from platformpm.model.inventory import Environment, Inventory, Service, Team
from platformpm.model.plugin import Performance
from platformpm.model.reading import Phases, Reading
from platformpm.model.secret import Masker, Secret
from platformpm.model.series import EMPTY
from platformpm.model.settle import Settled
from platformpm.model.state import InstanceState, ServiceState
from platformpm.model.status import Reason, Status
from platformpm.model.uptime import Uptime
from platformpm.model.version import Drift
from platformpm.report.columns import Cell, Table, Tone, cell
from platformpm.report.detail import View, gone_lines, head_lines, instance_lines
from platformpm.report.flow import Fact, flow, wrap
from platformpm.report.instances import certificate_cell, flags, instance_table, latency_cell, telling, version_cell
from platformpm.report.service_events import environment_table, events_of, service_event_table
from platformpm.report.width import display_width

NOW = 1_795_330_931.0
DAY = 86400.0
UP, DEGRADED, DOWN, UNKNOWN = Status.UP, Status.DEGRADED, Status.DOWN, Status.UNKNOWN
INVENTORY = Inventory(
    teams={"payments": Team("payments", "Payments", "pay@acme.example", "#payments")}, mask=Masker(["s3cr3t-token"])
)
VIEW = View(NOW, UTC, INVENTORY)
GOOD = Reading(UP, NOW - 5, latency=0.046, phases=Phases(connect=0.0004, first_byte=0.045), dialect="spring-boot")
BAD = Reading(
    DOWN, NOW - 65, Reason.STATUS, "HTTP 503; db DOWN", 0.012, dialect="spring-boot", failing_components=("db", "redis")
)


def instance(scheme: str = "http", **check: object) -> Instance:
    return Instance(
        InstanceKey("checkout", "production", "eu-1"), scheme, f"{scheme}://h", Check(**check),  # type: ignore[arg-type]
        f"{scheme}://user:pw@h:8080/health?key=s3cr3t-token",
    )  # fmt: skip


def state(status: Status = UP, reading: Reading | None = GOOD, **more: object) -> InstanceState:
    series = EMPTY.append(NOW - 20, 0.05, UP).append(NOW - 5, 0.046, UP) if reading else EMPTY
    settled = Settled(status, NOW - 131 if reading else None, (status,))
    return InstanceState(**{"instance": instance(), "settled": settled, "reading": reading, "series": series, **more})  # type: ignore[arg-type]


def service_state(*instances: InstanceState, status: Status = UP, **service: object) -> ServiceState:
    declared = Service("checkout", **service)  # type: ignore[arg-type]
    return ServiceState(declared, Environment("production"), instances or (state(),), status, NOW - 131)


def text(lines: Sequence[Cell]) -> str:
    return "\n".join("".join(piece.text for piece in line).rstrip() for line in lines)


def test_what_was_not_understood_of_an_instance_that_is_up_is_said() -> None:
    odd = replace(GOOD, detail='HTTP 200; status "banana" is not a word platformpm knows', dialect=None)
    assert odd.detail in text(instance_lines(state(reading=odd), VIEW, 120, 40))


def said(one: InstanceState, width: int = 90, height: int = 40) -> str:
    return text(instance_lines(one, VIEW, width, height))


def test_of_a_service_that_did_not_answer_nothing_is_claimed_of_its_answer() -> None:
    refused = Reading(DOWN, NOW, Reason.REFUSED, "connection refused")
    one = state(DOWN, refused, series=EMPTY.append(NOW, None, DOWN))
    shown = said(one, height=60)
    assert shown.count("no answer yet") == 2, "neither a dialect nor a version"
    assert "Phases" not in shown
    assert "│" not in shown, "no axis without a curve"
    assert "status" in shown
    head = text(head_lines(replace(service_state(one, status=DOWN), target="1.2.3"), VIEW, 90, 7))
    assert "target 1.2.3" in head
    assert "on target" not in head


def test_of_a_reading_from_the_record_nothing_is_claimed_that_was_not_recorded() -> None:
    remembered = Reading(UP, NOW - 5, latency=0.0039, whole=False)
    for height in (40, 20):
        shown = said(state(reading=remembered), height=height)
        assert "Phases   newest reading   in all 3.9 ms   parts not recorded" in shown
        assert "dialect   not recorded" in shown
        assert "first byte" not in shown
    own = said(state(reading=replace(remembered, whole=True, phases=Phases(first_byte=0.0039))))
    assert "dialect   none: the status alone decides" in own
    assert "first byte" in own


def cell_of(table: Table[InstanceState], column: str, one: InstanceState) -> str:
    return text([table.column(column).draw(one, NOW, 60)])


def test_the_head_says_what_it_is_how_it_stands_and_who_must_know() -> None:
    one = replace(
        service_state(
            state(DOWN, BAD, last_bad=BAD), state(), status=DEGRADED, title="Checkout", owner="payments",
            product="Storefront", tier=1, tags=("pci",), runbook="https://wiki.example/c?t=s3cr3t-token",
            links={"board": "https://g.example/d"},
        ),
        versions={"2.5.0": 1, "2.4.1": 1}, target="2.5.0", on_target=1, drift=Drift.MIXED, drift_since=NOW - 1500,
    )  # fmt: skip
    assert text(head_lines(one, VIEW, 120, 9)).splitlines() == [
        "◐ degraded   checkout@production   Checkout   since 07:00:00, 2m   1 of 2 serving",
        "why       status: HTTP 503; db DOWN (1 of 2 instances)",
        "version   2.5.0 ×1 2.4.1 ×1   target 2.5.0   ~ mixed   1/2 on target   for 25m",
        "team      Payments   pay@acme.example   #payments   product Storefront   tier 1   tags pci",
        "links     runbook https://wiki.example/c?t=…   board https://g.example/d",
    ]


def test_the_head_of_a_bare_service_says_what_is_missing() -> None:
    shown = text(head_lines(service_state(), VIEW, 100, 9))
    assert "no target declared" in shown
    assert "no owner declared" in shown
    assert "why" not in shown


def test_an_owner_that_is_no_declared_team_is_shown_by_name() -> None:
    assert "team      ghosts" in text(head_lines(service_state(owner="ghosts"), VIEW, 100, 9))


def test_where_room_is_short_the_record_gives_way_to_the_runbook_of_a_service_that_is_ill() -> None:
    record = (Uptime(DAY, up=DAY), Uptime(7 * DAY, up=DAY), Uptime(30 * DAY, up=DAY))
    runbook = "https://wiki.example/checkout"
    ill = service_state(state(DOWN, BAD, last_bad=BAD), status=DOWN, runbook=runbook)
    for one, rows in ((ill, ("why", "links")), (service_state(runbook=runbook), ("uptime", "links"))):
        shown = text(head_lines(replace(one, uptimes=record), VIEW, 100, 5)).splitlines()
        assert [line.split()[0] for line in shown[1:]] == sorted({"version", "team", *rows}, key=_HEAD.index)


_HEAD = ["why", "version", "team", "uptime", "links"]


@pytest.mark.parametrize("most", [1, 2, 4, 7])
@pytest.mark.parametrize("width", [16, 40, 76, 200])
def test_the_head_keeps_to_its_lines_with_the_state_first(most: int, width: int) -> None:
    one = service_state(state(DOWN, BAD, last_bad=BAD), status=DOWN, owner="payments", runbook="https://w.example/x")
    lines = head_lines(one, VIEW, width, most)
    assert len(lines) <= most
    assert text(lines).startswith("✖ down")


def test_a_state_that_holds_for_days_is_dated() -> None:
    old = replace(service_state(), since=NOW - 3 * DAY)
    assert "since 19 Nov 07:02, 3d" in text(head_lines(old, VIEW, 100, 1))
    fresh = replace(service_state(), since=None)
    assert "not decided yet" in text(head_lines(fresh, VIEW, 100, 1))


def test_an_instance_that_is_up_shows_chart_phases_and_facts() -> None:
    shown = said(state(version="2.4.1", version_source="json build.version", version_since=NOW - 7200))
    assert shown.startswith("● up   since 07:00:00, 2m")
    for words in (
        "Latency   now 46 ms   median 48 ms   slowest 50 ms   2 readings",
        "Phases   newest reading   in all 46 ms",
        "dns                 –",
        "dialect   spring-boot",
        "version   2.4.1   from json build.version   for 2h",
        "checked   every 15 s   last 07:02:06   5s ago",
        "last bad  none in this run",
    ):
        assert words in shown


def test_a_bad_instance_says_why_what_fails_and_what_to_do() -> None:
    shown = said(state(DOWN, BAD, last_bad=BAD))
    assert "status: HTTP 503; db DOWN" in shown
    assert "failing   db, redis" in shown
    assert "look into what fails there" in shown
    assert "the newest reading" in shown


def test_failing_components_that_are_not_named_are_counted() -> None:
    many = replace(BAD, failing_more=17)
    assert "failing   db, redis and 17 more" in said(state(DOWN, many, last_bad=many))
    assert "failing: db, redis and 17 more" in said(state(last_bad=many))


def test_the_last_bad_reading_is_kept_after_recovery() -> None:
    shown = said(state(last_bad=BAD))
    assert "last bad  ✖ down   at 07:01:06   1m ago   took 12 ms" in shown
    assert "status: HTTP 503; db DOWN" in shown
    assert "failing: db, redis" in shown
    assert shown.index("Phases") < shown.index("HTTP 503")


def test_a_reading_that_waits_to_be_confirmed_says_so() -> None:
    pending = state(UP, replace(BAD, at=NOW), attempts=1, settled=Settled(UP, NOW - 60, (UP, DOWN)))
    assert "newest ✖ down   try 1, 2 agreeing decide" in said(pending)
    assert "to be confirmed" in cell_of(instance_table([pending]), "seen", pending)


def test_an_instance_that_is_remembered_says_how_it_stood_and_why() -> None:
    why = replace(BAD, whole=False)
    known = state(DOWN, None, settled=Settled(DOWN, NOW - 65, (DOWN,)), last_bad=why)
    shown = said(known)
    assert "✖ down" in shown
    assert "status: HTTP 503; db DOWN" in shown
    assert "Not read yet" not in shown
    assert "The first reading of this run comes within seconds." in shown
    assert cell_of(instance_table([known]), "seen", known) == "status  HTTP 503; db DOWN"
    well = replace(known, settled=Settled(UP, NOW - 65, (UP,)), last_bad=None)
    assert cell_of(instance_table([well]), "seen", well) == ""


def test_an_instance_that_was_not_read_yet_says_so_and_where_it_is() -> None:
    shown = said(state(UNKNOWN, None))
    assert "Not read yet" in shown
    assert "address   http://h:8080/health?key=…" in shown


def test_a_heartbeat_says_when_it_is_awaited_and_nothing_of_formats() -> None:
    awaited = instance("heartbeat", heartbeat=HeartbeatRule(86400.0, 3600.0, Secret("t0ken")))
    shown = said(state(instance=awaited))
    assert "awaited   every 1d   grace 1h" in shown
    assert "a heartbeat tells none" in shown
    beaten = text(instance_lines(state(instance=awaited, series=EMPTY.append(NOW - 5, None, UP)), VIEW, 80, 40))
    assert "Latency   none measured   1 reading\n" in beaten
    assert " ms" not in beaten.partition("Latency")[2].partition("status")[0]
    assert "dialect" not in shown
    assert "t0ken" not in shown


def test_the_address_shows_no_credential() -> None:
    shown = said(state())
    assert "pw" not in shown
    assert "s3cr3t-token" not in shown


def test_a_known_secret_is_masked_wherever_it_turns_up() -> None:
    leaked = replace(BAD, detail="echo of s3cr3t-token")
    assert "s3cr3t" not in said(state(DOWN, leaked, last_bad=leaked))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"version_reason": Reason.STATUS, "version_detail": "HTTP 404"}, "not read: status   HTTP 404"),
        ({}, 'none in this answer; version = "/actuator/info" asks for it'),
        ({"version": "1.0"}, "version   1.0"),
    ],
)
def test_a_missing_version_says_why(more: dict[str, object], expected: str) -> None:
    assert expected in said(state(UP, GOOD, **more))


@pytest.mark.parametrize(
    ("left", "expected", "tone"),
    [
        (63.4, "63d", Tone.PLAIN),
        (13.9, "13d", Tone.DEGRADED),
        (0.2, "0d", Tone.DEGRADED),
        (-0.1, "expired", Tone.DOWN),
        (None, "–", Tone.DIM),
    ],
)
def test_certificate_days(left: float | None, expected: str, tone: Tone) -> None:
    one = state(certificate_expires=None if left is None else NOW + left * DAY)
    assert certificate_cell(one, NOW) == ((expected, tone),)


def test_the_expiry_of_a_certificate_is_dated_even_when_no_calendar_has_it() -> None:
    assert "cert      63d   until 2027-01-24" in said(state(certificate_expires=NOW + 63.5 * DAY))
    assert "until –" in said(state(certificate_expires=1e18))


@pytest.mark.parametrize(
    ("scheme", "verify", "trusted", "expected"),
    [
        ("https", True, True, []),
        ("https", False, True, ["unverified"]),
        ("tls", False, True, ["unverified"]),
        ("http", False, True, []),
        ("http", True, False, ["untrusted"]),
        ("https", False, False, ["unverified", "untrusted"]),
    ],
)
def test_flags_warn_of_what_must_not_be_taken_at_face_value(
    scheme: str, verify: bool, trusted: bool, expected: list[str]
) -> None:
    one = state(reading=replace(GOOD, trusted=trusted), instance=instance(scheme, tls=TlsSettings(verify=verify)))
    assert flags(one) == expected
    assert all(flag in said(one) for flag in expected)
    assert all(flag in cell_of(instance_table([one]), "seen", one) for flag in expected)


def test_an_unverified_version_check_counts_too() -> None:
    one = instance("https")
    assert flags(state(instance=replace(one, version=Check(tls=TlsSettings(verify=False))))) == ["unverified"]


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (None, "–"),
        (GOOD, "46 ms"),
        (replace(BAD, latency=None, reason=Reason.TIMEOUT_CONNECT), "timeout"),
        (replace(BAD, latency=None, reason=Reason.REFUSED), "refused"),
        (replace(GOOD, latency=None), "–"),
    ],
)
def test_the_latency_of_an_instance_or_why_there_is_none(reading: Reading | None, expected: str) -> None:
    assert text([latency_cell(state(reading=reading))]) == expected


def test_the_version_of_an_instance_or_why_there_is_none() -> None:
    assert text([version_cell(state(version="1.2"))]) == "1.2"
    assert text([version_cell(state(version_reason=Reason.TIMEOUT_CONNECT))]) == "timeout connect"
    assert text([version_cell(state())]) == "–"


def test_the_reading_that_tells_is_the_newest_unless_it_hides_what_is_wrong() -> None:
    assert telling(state(DOWN, BAD, last_bad=BAD)) is BAD
    assert telling(state(DOWN, GOOD, last_bad=BAD)) is BAD
    assert telling(state(UP, GOOD, last_bad=BAD)) is GOOD
    assert telling(state(UNKNOWN, None)) is None


def test_columns_without_anything_to_say_are_left_out() -> None:
    assert {column.id for column in instance_table([state()]).columns}.isdisjoint({"certificate", "attempts"})
    one = state(certificate_expires=NOW, attempts=2)
    assert {"certificate", "attempts"} <= {column.id for column in instance_table([state(), one]).columns}
    assert instance_table([state()]) is instance_table([state(), state()])


@pytest.mark.parametrize("height", [1, 5, 12, 20, 40, 100])
@pytest.mark.parametrize("width", [12, 20, 30, 64, 200])
def test_no_line_of_an_instance_breaks_out_of_sane_bounds(width: int, height: int) -> None:
    long = replace(BAD, detail="x" * 200, failing_components=tuple(f"component-{n}" for n in range(40)))
    lines = instance_lines(state(DOWN, long, last_bad=long), VIEW, width, height)
    assert 10 < len(lines) < 200


def test_the_chart_grows_with_the_room() -> None:
    def braille(height: int) -> int:
        return sum("│" in line or "┤" in line for line in said(state(), 90, height).splitlines())

    assert braille(12) < braille(32) < braille(60)


@pytest.mark.parametrize(
    ("elsewhere", "expected"),
    [([], "checkout is no longer in the inventory."), (["dev", "staging"], "it still is in dev, staging.")],
)
def test_a_service_that_has_gone_says_how_to_go_on(elsewhere: list[str], expected: str) -> None:
    shown = text(gone_lines("checkout", "production", elsewhere, 100))
    assert expected in shown
    assert "esc goes back" in shown
    assert ("e shows it" in shown) == bool(elsewhere)


@pytest.mark.parametrize(
    ("words", "width", "expected"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("one two", 100, ["one two"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("日本語 日本", 4, ["日本", "語", "日本"]),
        ("", 10, [""]),
        ("a", 0, ["a"]),
        ("日本", 1, ["日", "本"]),
    ],
)
def test_text_is_broken_between_words_and_only_long_words_within(words: str, width: int, expected: list[str]) -> None:
    assert wrap(words, width) == expected


def test_facts_flow_into_as_many_lines_as_they_need() -> None:
    facts = [Fact("a", cell("1")), Fact("b", cell("2")), Fact("", cell("3"))]
    assert text(flow("x  ", facts, 12)) == "x  a 1   b 2\n   3"
    assert all(display_width(line) <= 12 for line in text(flow("x  ", facts, 12)).splitlines())
    assert flow("x", [], 12) == []


def test_the_events_of_a_service_are_its_own_newest_first() -> None:
    subjects = ["checkout@production", "checkout@dev/eu-1", "checkout-2@dev", "host:checkout", "", "checkout"]
    events = [Event(NOW + n, EventKind.STATUS, subject, "text") for n, subject in enumerate(subjects)]
    assert [event.subject for event in events_of(events, "checkout")] == ["checkout@dev/eu-1", "checkout@production"]
    where = service_event_table(UTC).column("subject")
    assert text([where.draw(events[1], NOW, 20)]) == "dev"
    what = service_event_table(UTC).column("text")
    for told in ("checkout version 2.4.1 → 2.5.0", "version 2.4.1 → 2.5.0"):
        moved = Event(NOW, EventKind.VERSION, "checkout@dev/eu-1", told)
        assert text([what.draw(moved, NOW, 60)]) == "version 2.4.1 → 2.5.0 (eu-1)"


def test_the_environment_that_is_looked_at_is_marked() -> None:
    mark = environment_table("production").column("here")
    elsewhere = replace(service_state(), environment=Environment("dev"))
    assert text([mark.draw(service_state(), NOW, 1)]) == "▸"
    assert text([mark.draw(elsewhere, NOW, 1)]) == ""


def test_what_is_run_is_shown_filled_in_and_with_its_secrets_masked() -> None:
    words = ("check_x", "-H", "{host}", "-p", "{port}", "s3cr3t-token", "a b", "x" * 300)
    one = state(instance=instance("exec", command=Command(tuple(map(Secret, words)), words, "/")))
    shown = text(instance_lines(one, VIEW, 80, 40))
    assert "runs      check_x -H h -p 8080 ••• 'a b'" in shown
    assert len([line for line in shown.splitlines() if "xxxx" in line]) <= 2
    assert "dialect" not in shown
    assert "a program tells none" in shown


def test_a_long_version_gives_way_to_what_it_is_to_its_target() -> None:
    one = replace(state(), version="9f2c" * 10)
    off = replace(service_state(one, status=UP), target="0a1b" * 10, versions={"9f2c" * 10: 1}, version="9f2c" * 10)
    off = replace(off, drift=Drift.DIFFERENT)
    short = text(head_lines(off, VIEW, 78, 4))
    assert "9f2c9f2c9f2c9…   target 0a1b0a1b0a1b0…   ≠ different   0/1 on target" in short
    assert "9f2c" * 10 in text(head_lines(off, VIEW, 78, 9)), "where there is a second line it is whole"


def test_what_a_program_measured_is_shown_in_two_lines_at_most() -> None:
    command = Command((Secret("check_disk"),), ("check_disk",), "/")
    measured = (
        Performance("/", 29500.0, "MiB", "40000"),
        Performance("used", 62.0, "%"),
        Performance("odd", None),
        Performance("free", 3e9, "B"),
    )
    one = state(instance=instance("exec", command=command), reading=replace(GOOD, performance=measured))
    assert "measured  / 29500 MiB   used 62%   odd –   free 2.8 GiB" in text(instance_lines(one, VIEW, 80, 40))
    assert "Phases" not in text(instance_lines(one, VIEW, 80, 40)), "a program has none"
    many = replace(GOOD, performance=tuple(Performance(f"number-{n}", float(n)) for n in range(50)))
    shown = text(instance_lines(replace(one, reading=many), VIEW, 80, 40))
    assert len([line for line in shown.splitlines() if "number-" in line]) == 2


def test_no_version_check_is_proposed_where_none_can_be() -> None:
    assert "this kind of probe tells none" in text(instance_lines(state(instance=instance("tls")), VIEW, 80, 40))
    assert 'version = "/actuator/info" asks for it' in text(instance_lines(state(), VIEW, 80, 40))
