"""What the list of hosts says while a limit is waited for, and once it counts."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from platformpm.model.host import Disk, HostReading, judge_host
from platformpm.model.inventory import Host, HostLimits, Limit
from platformpm.model.series import EMPTY
from platformpm.model.state import HostState
from platformpm.model.status import Status
from platformpm.report.columns import Tone, fit, widest
from platformpm.report.host_rows import HOST_LIST, host_lines, host_list, standing, waiting
from platformpm.report.spark import level_trend
from platformpm.report.width import display_width

NOW = 1000.0
LIMITS = HostLimits(cpu=Limit(80, 95), disk=Limit(85, None), hold=120)


def host(cpu: float, over: Mapping[str, float], limits: HostLimits = LIMITS, disk: float = 10.0) -> HostState:
    """Give a host as the engine has it after it was judged with what was over before."""
    reading = HostReading(NOW, cpu_percent=cpu, disks=(Disk("/var", disk),))
    judged = judge_host(reading, limits, over)
    return HostState(
        Host("db-1", limits=limits), judged.status, 1.0, judged.reason, judged.detail, reading, judged.over
    )


def say(state: HostState, column: str, width: int = 80) -> str:
    return "".join(piece.text for piece in HOST_LIST.column(column).draw(state, NOW, width))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (host(97, {"cpu": NOW - 40, "cpu critical": NOW - 40}), "cpu 97 % over 95 % for 40s of 2m"),
        (host(85, {"cpu": NOW - 90}), "cpu 85 % over 80 % for 1m 30s of 2m"),
        (host(85, {}), "cpu 85 % over 80 % for 0s of 2m"),
        (
            host(97, {"cpu": NOW - 500, "cpu critical": NOW - 5}),
            "cpu 97 %, limit 80 %; cpu 97 % over 95 % for 5s of 2m",
        ),
        (host(97, {"cpu": NOW - 500, "cpu critical": NOW - 120}), "cpu 97 %, limit 95 %"),
        (host(10, {"disk /var": NOW - 61}, disk=90), "disk /var 90 % over 85 % for 1m 1s of 2m"),
        (host(97, {}, replace(LIMITS, hold=0.0)), "cpu 97 %, limit 95 %"),
        (host(10, {"cpu": NOW - 40}), ""),
        (HostState(Host("db-1", limits=LIMITS)), "not read yet"),
    ],
)
def test_a_limit_that_is_waited_for_is_told_with_how_long_already(state: HostState, said: str) -> None:
    assert say(state, "seen") == said


def test_all_that_was_seen_of_one_host_is_told_in_as_many_lines_as_it_needs() -> None:
    seen = host(97, {"cpu": NOW - 500, "cpu critical": NOW - 5}, disk=90)
    seen = replace(seen, host=replace(seen.host, services=("ledger", "redis")), since=NOW - 500)
    lines = ["".join(piece.text for piece in line) for line in host_lines(seen, NOW, 50)]
    assert lines == [
        "◐ over limit   for 8m   carries ledger, redis",
        "cpu 97 %, limit 80 %",
        "cpu 97 % over 95 % for 5s of 2m; disk /var 90 %",
        "over 85 % for 0s of 2m",
    ]


def test_a_reason_of_some_words_fits_beside_the_figures_in_eighty_columns() -> None:
    lost = replace(LOST, host=Host("web-1", services=("shop",)), detail="connection refused by 10.0.2.21")
    busy = host(97, {"cpu": NOW - 40, "cpu critical": NOW - 40})
    columns = host_list([lost, busy]).columns
    for width, kept in ((76, {"cpu", "memory", "disks"}), (116, {"cpu", "memory", "swap", "disks", "services"})):
        natural = {column.id: widest(column, [lost, busy], display_width) for column in columns}
        shown = {place.column.id: place.width for place in fit(columns, natural, width)}
        assert kept <= shown.keys()
        assert shown["seen"] >= (len("connection refused") if width == 76 else natural["seen"])


def test_nothing_is_waited_for_on_a_host_that_was_not_read() -> None:
    assert waiting(HostState(Host("db-1"))) == []


CRITICAL = host(97, {"cpu": 0.0, "cpu critical": 0.0})
WARNED = host(85, {"cpu": 0.0})
CALM = host(10, {})
LOST = replace(CALM, status=Status.UNKNOWN)


@pytest.mark.parametrize(
    ("state", "width", "said"),
    [
        (CRITICAL, 12, "✖ critical"),
        (WARNED, 12, "◐ over limit"),
        (CALM, 12, "● up"),
        (LOST, 12, "? unknown"),
    ],
)
def test_a_host_over_a_limit_is_not_called_down(state: HostState, width: int, said: str) -> None:
    assert say(state, "status", width) == said


@pytest.mark.parametrize(
    ("hosts", "said"),
    [
        ([], ""),
        ([CALM, CALM], "2"),
        ([CALM, CRITICAL], "2 · 1 over a limit"),
        ([WARNED, CRITICAL, LOST], "3 · 2 over a limit, 1 not read"),
        ([HostState(Host("new"))], "1"),
    ],
)
def test_the_title_counts_what_is_over_a_limit(hosts: list[HostState], said: str) -> None:
    assert standing(hosts) == said


@pytest.mark.parametrize(
    ("limit", "tones"),
    [(Limit(80, 95), [Tone.DIM, Tone.DEGRADED, Tone.DOWN]), (None, [Tone.DIM, Tone.DEGRADED])],
)
def test_a_busy_machine_is_no_grey_block(limit: Limit | None, tones: list[Tone]) -> None:
    series = EMPTY
    for number, value in enumerate((20.0, 30.0, 92.0, 99.0)):
        series = series.append(number, value, Status.UP)
    assert [piece.tone for piece in level_trend(series, 8, limit)] == tones
