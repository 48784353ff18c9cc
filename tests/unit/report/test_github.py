import re

from hypothesis import given

from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Reason, Status
from platformpm.model.version import Drift
from platformpm.report.checktext import Detail
from platformpm.report.github import render
from platformpm.report.told import Told, place
from tests.unit.report.hostile import pictures
from tests.unit.report.pictures import UP, instance, picture, reading, service, troubled


def commands(text: str) -> list[tuple[str, str, str]]:
    """Read commands as the runner of GitHub Actions does; gives command, title and message."""
    found = []
    for line in text.split("\n")[:-1]:
        assert line.isprintable()
        parts = re.fullmatch(r"::(error|warning|notice) title=([^:,]*)::(.*)", line)
        assert parts is not None
        title, message = parts[2], parts[3]
        for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            title = title.replace(code, char)
            message = message.replace(code, char) if char not in ":," else message
        found.append((parts[1], title, message))
    return found


def test_one_annotation_for_each_thing_that_is_not_up_and_the_verdict_last() -> None:
    assert render(Told(troubled())) == (
        "::warning title=checkout@production is degraded::slow: 812 ms, limit 500 ms\n"
        "::warning title=ledger@production is degraded::status: HTTP 503, expected 2xx (2 of 3 instances)"
        "%0Aa down: status: HTTP 503, expected 2xx%0Ac down: status: HTTP 503, expected 2xx\n"
        "::error title=host local is down::limit: disk /var 97 %25, limit 95 %25\n"
        "::notice title=1 off target::checkout@production 2.4.0 (behind, target 2.4.1)\n"
        "::notice title=platformpm::critical: Acme Commerce; 1 up, 2 degraded, 0 down, 0 unknown; 1 off target; "
        "hosts: 1 down\n"
    )


def test_what_is_unknown_is_a_warning_and_what_is_up_a_notice_on_demand() -> None:
    unknown = reading(Status.UNKNOWN, Reason.UNAUTHORIZED, "HTTP 401")
    snapshot = picture([service("a", [instance("a", "1", UP)]), service("b", [instance("b", "1", unknown)])])
    assert [(kind, title) for kind, title, _ in commands(render(Told(snapshot)))] == [
        ("warning", "b@production is unknown"),
        ("notice", "platformpm"),
    ]
    assert commands(render(Told(snapshot, Detail(everything=True))))[1] == (
        "notice",
        "a@production is up",
        "1/1 serving",
    )


def test_one_notice_names_what_is_off_target_up_or_not_and_counts_what_is_too_much() -> None:
    rows = [service(f"s{n}", [instance(f"s{n}", "1", UP)], target="2.5.0", drift=Drift.BEHIND) for n in range(12)]
    for detail, more in ((Detail(), 0), (Detail(everything=True), 12)):
        found = commands(render(Told(picture(rows), detail)))
        assert len(found) == more + 2
        kind, title, message = found[-2]
        assert (kind, title) == ("notice", "12 off target")
        lines = message.split("\n")
        assert lines[0] == "s0@production 2.4.1 (behind, target 2.5.0)"
        assert lines[10:] == ["and 2 more off target"]


def test_a_title_escapes_what_ends_a_property() -> None:
    text = render(Told(picture([service("a:b,c%d", [instance("a", "1", None)])])))
    assert text.startswith("::warning title=a%3Ab%2Cc%25d@production is unknown::not read yet\n")


def test_nothing_to_ask_is_a_warning() -> None:
    ((kind, title, message),) = commands(render(Told(picture())))
    assert (kind, title) == ("warning", "platformpm")
    assert message.startswith("unknown: Acme Commerce; nothing to ask")


@given(snapshot=pictures())
def test_whatever_names_hold_they_are_read_back_and_none_is_a_command(snapshot: PlatformSnapshot) -> None:
    told = Told(snapshot)
    found = commands(render(told))
    bad = [state for state in snapshot.services if state.status is not Status.UP]
    titles = [title for _, title, _ in found]
    assert {told.say(f"{place(state)} is {state.status}") for state in bad} <= set(titles)
    noticed = bool(told.drifting())
    assert len(found) == len(bad) + sum(state.status is not Status.UP for state in snapshot.hosts) + noticed + 1
    assert found[-1][0] == ("notice" if snapshot.services or snapshot.hosts else "warning")
    assert all(message for _, _, message in found)
