"""How much of the time a service served: never rounded up, what is missing said, the worst sorted first."""

from dataclasses import replace

import pytest

from platformpm.model.state import ServiceState
from platformpm.model.status import Status
from platformpm.model.uptime import WINDOWS, Uptime
from platformpm.report import uptimes
from platformpm.report.columns import Tone, fit
from tests.unit.report.pictures import UP, instance, service

DAY = 86400.0


def day(up: float, down: float = 0.0, unknown: float = 0.0) -> Uptime:
    return Uptime(DAY, up=up, down=down, unknown=unknown, unwatched=DAY - up - down - unknown)


def row(*known: Uptime) -> ServiceState:
    return replace(service("checkout", [instance("checkout", "eu-1", UP)]), uptimes=known)


@pytest.mark.parametrize(
    ("known", "said", "tone"),
    [
        (None, "–", Tone.DIM),
        (day(0.0), "–", Tone.DIM),
        (day(DAY), "100%", Tone.PLAIN),
        (day(DAY - 1, 1), "99.99%", Tone.PLAIN),
        (day(DAY - 0.001, 0.001), "99.99%", Tone.PLAIN),
        (day(DAY - 120, 120), "99.86%", Tone.DEGRADED),
        (day(DAY / 2, DAY / 2), "50.00%", Tone.DOWN),
        (day(0.0, DAY), "0.00%", Tone.DOWN),
        (day(DAY / 2), "~100%", Tone.DIM),
        (day(600.0, 60.0), "~90.90%", Tone.DIM),
    ],
)
def test_a_share_is_never_rounded_up_and_coloured_only_when_enough_is_known(
    known: Uptime | None, said: str, tone: Tone
) -> None:
    assert (uptimes.share(known), uptimes.tone(known)) == (said, tone)


def test_the_detail_says_what_a_share_is_made_of_where_it_is_not_the_whole() -> None:
    known = (day(DAY - 7200, 0.0, 3600.0), Uptime(7 * DAY, up=DAY, unwatched=6 * DAY))
    said = [(fact.label, "".join(piece.text for piece in fact.value)) for fact in uptimes.facts(row(*known))]
    assert said == [
        ("24h", "100%"), ("", "(1h unknown)"),
        ("7d", "~100%"), ("", "(provisional: 1d watched)"),
    ]  # fmt: skip


def test_what_holds_for_several_windows_is_said_once() -> None:
    known = (day(60.0), Uptime(7 * DAY, up=60.0, unwatched=7 * DAY - 60.0))
    said = ["".join(piece.text for piece in fact.value) for fact in uptimes.facts(row(*known))]
    assert said == ["~100%", "~100%", "(provisional: 1m watched)"]


def test_where_room_is_short_the_longest_window_goes_first() -> None:
    by_room = [[place.column.title for place in fit(uptimes.columns(13, 13, 13), {}, width)] for width in (25, 24, 15)]
    assert by_room == [["24H", "7D", "30D"], ["24H", "7D"], ["24H"]]


def test_columns_have_a_window_each_and_sort_the_worst_first_and_the_unknown_last() -> None:
    shown = uptimes.columns(13, 13, 13)
    assert [column.title for column in shown] == list(uptimes.TITLES)
    assert len(shown) == len(WINDOWS)
    rows = [row(), row(day(DAY)), row(day(DAY / 2, DAY / 2))]
    order = shown[0].order
    assert order is not None
    assert sorted(rows, key=order) == [rows[2], rows[1], rows[0]]
    assert [shown[0].draw(one, 0.0, 7)[0].text for one in rows] == ["–", "100%", "50.00%"]
    assert all(one.status is Status.UP for one in rows)
