"""What the cells of every list say, and in which tone."""

from dataclasses import replace

import pytest

from platformpm.model.event import Event, EventKind
from platformpm.model.host import Disk
from platformpm.model.inventory import Limit
from platformpm.model.series import EMPTY, Series
from platformpm.model.state import HostState, InstanceState, ServiceState
from platformpm.model.status import Status
from platformpm.model.version import Drift
from platformpm.model.zone import zone_of
from platformpm.report import rows
from platformpm.report.alert_rows import alert_pane, alert_table, event_table
from platformpm.report.columns import Cell, Table, Tone, fit
from platformpm.report.host_rows import HOST_LIST
from platformpm.report.service_tables import SERVICES
from platformpm.report.spark import bar, latency_trend, level_trend
from tests.tui.synthetic import NOW, believable, host_state, load

SNAPSHOT = believable()
BY_KEY = {state.key: state for state in SNAPSHOT.services}
LEDGER, CHECKOUT, VAULT = BY_KEY["ledger", "production"], BY_KEY["checkout", "production"], BY_KEY["vault", "dev"]
CALM = BY_KEY["catalog", "production"]


def text(cell: Cell) -> str:
    return "".join(piece.text for piece in cell)


def say(table: Table[ServiceState], column: str, state: ServiceState, width: int = 40) -> tuple[str, Tone]:
    drawn = table.column(column).draw(state, NOW, width)
    return text(drawn), drawn[0].tone if drawn else Tone.PLAIN


@pytest.mark.parametrize(
    ("state", "column", "said", "tone"),
    [
        (LEDGER, "status", "✖ down", Tone.DOWN),
        (CHECKOUT, "status", "◐ degraded", Tone.DEGRADED),
        (VAULT, "status", "? unknown", Tone.UNKNOWN),
        (CALM, "status", "● up", Tone.UP),
        (LEDGER, "instances", "0/4", Tone.DOWN),
        (CALM, "instances", "4/4", Tone.PLAIN),
        (LEDGER, "latency", "timeout", Tone.DOWN),
        (LEDGER, "since", "4m", Tone.DIM),
        (LEDGER, "seen", "timeout connect  no connection within 5 s", Tone.DOWN),
        (CHECKOUT, "seen", "slow  812 ms, limit 500 ms", Tone.DEGRADED),
        (CALM, "seen", "", Tone.PLAIN),
        (CHECKOUT, "version", "2.5.0 ×2 2.4.1 ×2", Tone.DEGRADED),
        (CALM, "version", "1.9.3", Tone.PLAIN),
        (CHECKOUT, "drift", "~ mixed", Tone.DEGRADED),
        (BY_KEY["search", "production"], "drift", "↓ behind", Tone.DEGRADED),
        (BY_KEY["pricing", "dev"], "drift", "↑ ahead", Tone.ACCENT),
        (BY_KEY["redis", "production"], "drift", "–", Tone.DIM),
        (BY_KEY["redis", "production"], "target", "–", Tone.DIM),
        (BY_KEY["redis", "production"], "on_target", "–", Tone.DIM),
        (CALM, "tier", "1", Tone.PLAIN),
        (CALM, "owner", "catalog", Tone.PLAIN),
    ],
)
def test_a_cell_says_what_a_person_needs(state: ServiceState, column: str, said: str, tone: Tone) -> None:
    assert say(SERVICES, column, state) == (said, tone)


def test_what_is_not_there_is_a_dash() -> None:
    bare = replace(
        CALM, versions={}, version=None, target=None, drift=Drift.UNKNOWN, latency=None, since=None, drift_since=None,
        service=replace(CALM.service, owner=None, tier=None, product=None, title=""),
        instances=tuple(InstanceState(one.instance) for one in CALM.instances),
    )  # fmt: skip
    for column in ("title", "version", "target", "drift", "latency", "since", "owner", "tier", "product", "on_target"):
        assert say(SERVICES, column, bare) == ("–", Tone.DIM), column
    assert say(SERVICES, "seen", bare)[0] == "not read yet"
    assert not rows.is_fault(replace(bare, status=Status.UNKNOWN))


def test_the_share_on_target_is_a_bar_and_figures_of_exactly_the_width() -> None:
    assert say(SERVICES, "on_target", CHECKOUT, 12)[0] == "━━━━╌╌╌╌ 2/4"
    assert say(SERVICES, "on_target", CALM, 12) == ("━━━━━━━━ 4/4", Tone.UP)


def test_every_column_can_be_sorted_and_drawn_for_every_row() -> None:
    for column in SERVICES.columns:
        for state in (*SNAPSHOT.services, *load(3).services):
            assert len(text(column.draw(state, NOW, column.width))) >= 0
        if column.order is not None:
            sorted(SNAPSHOT.services, key=column.order)


def test_the_worst_comes_first_by_status_and_the_drifting_by_drift() -> None:
    order = SERVICES.column("status").order
    assert order is not None
    first = [state.status.value for state in sorted(SNAPSHOT.services, key=order)[:7]]
    assert first == ["down", "down", "degraded", "degraded", "degraded", "unknown", "up"]
    drifts = [state.drift for state in sorted(SNAPSHOT.services, key=rows.drift_rank)]
    assert drifts[:4] == [Drift.MIXED, Drift.BEHIND, Drift.AHEAD, Drift.CURRENT]
    assert rows.drifting_in(SNAPSHOT.services) == 3


def test_the_title_counts_what_is_not_up_and_not_what_was_not_read_yet() -> None:
    unread = replace(
        CALM, status=Status.UNKNOWN, instances=tuple(InstanceState(one.instance) for one in CALM.instances)
    )
    assert rows.not_up((CALM, unread, CHECKOUT)) == "1 of 3 not up"
    assert rows.not_up((CALM, unread)) == "2"
    assert rows.not_up(()) == "0"


def remembered(state: ServiceState) -> ServiceState:
    """Give a row as it is known again before this run has read anything of it."""
    parts = (replace(one, reading=None, series=EMPTY) for one in state.instances)
    return replace(state, latency=None, instances=tuple(parts))


def test_what_was_known_before_this_run_counts_in_the_title_and_says_why() -> None:
    known = tuple(map(remembered, (LEDGER, CHECKOUT, CALM)))
    assert rows.not_up(known) == "2 of 3 not up"
    assert say(SERVICES, "seen", known[0]) == ("timeout connect  no connection within 5 s", Tone.DOWN)
    assert say(SERVICES, "latency", known[0]) == ("timeout", Tone.DOWN)
    assert say(SERVICES, "seen", known[2]) == ("", Tone.PLAIN), "a status that is known was read"
    unsaid = replace(known[0], instances=tuple(replace(one, last_bad=None) for one in known[0].instances))
    assert say(SERVICES, "seen", unsaid)[0] == ""


def series(*points: tuple[float | None, Status]) -> Series:
    out = EMPTY
    for number, (latency, status) in enumerate(points):
        out = out.append(NOW + number, latency, status)
    return out


def test_a_steady_latency_is_flat_and_a_regression_stands_out() -> None:
    steady = [(0.020 + 0.001 * (number % 3), Status.UP) for number in range(20)]
    assert text(latency_trend([series(*steady)], 8)) == "▂" * 8
    slow = [*steady, (0.040, Status.UP), (0.080, Status.DEGRADED), (0.9, Status.DEGRADED)]
    drawn = latency_trend([series(*slow)], 5)
    assert text(drawn) == "▂▂▄▆█"
    assert [piece.tone for piece in drawn] == [Tone.DIM, Tone.DEGRADED]


def test_a_regression_that_lasts_does_not_become_what_is_usual() -> None:
    points = [*[(0.020, Status.UP)] * 4, *[(0.9, Status.DEGRADED)] * 12]
    assert text(latency_trend([series(*points)], 16)) == "▂" * 4 + "█" * 12
    assert text(latency_trend([series(*[(0.9, Status.DEGRADED)] * 4)], 4)) == "▂" * 4, "nothing else is known"


def test_noise_below_five_milliseconds_is_no_trend() -> None:
    noisy = [(0.0004 * (1 + number % 5), Status.UP) for number in range(20)]
    assert set(text(latency_trend([series(*noisy)], 10))) == {"▂"}


def test_each_place_of_a_trend_holds_the_worst_of_all_instances_and_is_not_down_while_some_serve() -> None:
    one = series(*[(0.02, Status.UP)] * 3, (None, Status.DOWN))
    other = series((None, Status.DOWN), (0.04, Status.DEGRADED), (None, Status.DOWN))
    drawn = latency_trend([one, other], 4)
    assert text(drawn) == "▂▂▄✖"
    assert [piece.tone for piece in drawn] == [Tone.DIM, Tone.DEGRADED, Tone.DOWN]
    assert latency_trend([], 8) == ()
    assert latency_trend([EMPTY], 8) == ()


@pytest.mark.parametrize(
    ("share", "drawn"), [(0.0, "╌╌╌╌"), (0.01, "━╌╌╌"), (0.5, "━━╌╌"), (0.99, "━━━╌"), (1.0, "━━━━"), (7.0, "━━━━")]
)
def test_a_bar_is_only_full_or_empty_when_it_is(share: float, drawn: str) -> None:
    assert text(bar(share, 4, Tone.UP)) == drawn


def test_levels_go_from_the_lowest_to_the_highest_block() -> None:
    assert text(level_trend(series(*[(value, Status.UP) for value in (0, 13, 50, 99, 100, 140)]), 9)) == "▁▂▅███"


def host(state: HostState, column: str, width: int) -> str:
    return text(HOST_LIST.column(column).draw(state, NOW, width))


def test_a_host_shows_its_fullest_disks_and_marks_what_is_over_a_limit() -> None:
    state = host_state("db", 12, 88, (Disk("/", 38.0), Disk("/var", 97.0), Disk("/home", 86.0), Disk("/tmp", 1.0)))
    assert host(state, "disks", 60) == " 97% ✖ /var   86% ◐ /home   38% /"
    assert host(state, "memory", 10) == "━━━━╌  88%"
    assert host(state, "memory", 6) == "  88%"
    assert host(state, "cpu", 8).endswith("  12%")


def test_a_sensor_that_is_not_there_is_a_dash() -> None:
    state = host_state("bare", 1, 1, ())
    assert state.reading is not None
    state = replace(state, reading=replace(state.reading, cpu_percent=None, memory_percent=None, swap_percent=None,
                                           load=None, received_rate=None, sent_rate=None, uptime=None))  # fmt: skip
    for column in ("cpu", "memory", "swap", "disks", "load", "network", "uptime"):
        assert host(state, column, 20) == "–", column
    assert host(replace(state, reading=None), "seen", 30) == "not read yet"
    assert Limit(None, None) == Limit(None, None)


def test_an_alert_says_how_long_where_and_what_and_a_closed_one_is_dim() -> None:
    opened, closed = SNAPSHOT.alerts[0], SNAPSHOT.alerts[-1]
    table, pane = alert_table(zone_of("Asia/Shanghai")), alert_pane(None)
    assert text(table.column("age").draw(opened, NOW, 4)) == "4m"
    assert text(table.column("opened").draw(opened, NOW, 8)) == "14:58:01"
    assert text(table.column("closed").draw(opened, NOW, 8)) == "–"
    assert pane.below is not None
    assert text(pane.below(opened)) == "production · no connection within 5 s (4 of 4 instances)"
    assert text(pane.below(closed)) == "closed · staging · 1.2 s, limit 800 ms"
    assert text(pane.below(replace(closed, detail="", service=None))) == "closed"
    for column in ("state", "title", "age"):
        assert {piece.tone for piece in table.column(column).draw(closed, NOW, 30)} == {Tone.DIM}
    assert text(table.column("state").draw(closed, NOW, 1)) == "○"


def test_alerts_are_ordered_open_first_then_worst_then_tier() -> None:
    order = alert_table(None).column("state").order
    assert order is not None
    titles = [alert.title for alert in sorted(SNAPSHOT.alerts, key=order)]
    assert titles[:3] == ["ledger down", "carrier-rates down", "db-1 over limit"]
    assert titles[-2:] == ["search down", "media degraded"]


def test_an_event_is_a_line_of_a_log() -> None:
    table = event_table(zone_of("Asia/Shanghai"))
    event = SNAPSHOT.events[-1]
    assert [text(column.draw(event, NOW, 40)) for column in table.columns] == [
        "15:01:24",
        "alert opened",
        "carrier-rates@staging",
        "✖ down: HTTP 503, expected 2xx (2 of 2 instances)",
    ]


@pytest.mark.parametrize(
    ("subject", "told", "status", "shown"),
    [
        ("web@production", "web down in production: HTTP 503", Status.DOWN, "✖ down: HTTP 503"),
        ("web@production", "web up in production", Status.UP, "● up"),
        ("web@production", "web certificate: expires in 3 days", Status.DEGRADED, "◐ certificate: expires in 3 days"),
        ("web@production", "web down: over", None, "down: over"),
        ("web@production", "web down in productions", Status.DOWN, "✖ down in productions"),
        ("web@production", "webhook is no name of it", None, "webhook is no name of it"),
        ("web@production/a", "web version 1 → 2", None, "version 1 → 2 (a)"),
        ("host:db-1", "db-1 over limit: disk / 97 %", Status.DEGRADED, "◐ over limit: disk / 97 %"),
        ("host:db-1", "db-1 up", Status.UP, "● up"),
        ("", "monitor paused: slept 12 s", None, "monitor paused: slept 12 s"),
    ],
)
def test_what_happened_does_not_repeat_what_stands_beside_it(
    subject: str, told: str, status: Status | None, shown: str
) -> None:
    event = Event(NOW, EventKind.STATUS, subject, told, status)
    assert text(event_table(None).column("text").draw(event, NOW, 40)) == shown


@pytest.mark.parametrize(
    ("subject", "shown"),
    [("web@dev", "web@dev"), ("web@dev/10.0.0.1:80", "web@dev"), ("host:a/b", "host:a/b"), ("", "–")],
)
def test_where_is_the_service_and_its_environment_or_the_host(subject: str, shown: str) -> None:
    column = event_table(None).column("subject")
    event = Event(NOW, EventKind.VERSION, subject, "x")
    assert column.measure is not None
    assert column.measure(event) == shown.replace("–", "")
    assert text(column.draw(event, NOW, 40)) == shown


def test_what_is_bad_without_a_status_has_a_sign_too() -> None:
    event = Event(NOW, EventKind.RELOAD_FAILED, "", "inventory not reloaded: p.toml:3")
    assert text(event_table(None).column("text").draw(event, NOW, 40)) == "! inventory not reloaded: p.toml:3"


def test_in_eighty_columns_what_was_seen_and_what_happened_can_be_read() -> None:
    alerts = {place.column.id: place.width for place in fit(alert_table(None).columns, {"title": 24}, 76)}
    assert alerts["detail"] >= 22
    assert "opened" not in alerts, "for how long stands beside it"
    log = {place.column.id: place.width for place in fit(event_table(None).columns, {"subject": 26}, 76)}
    assert log["subject"] == 26, "the environment stands at the end"
    assert log["text"] >= 34
