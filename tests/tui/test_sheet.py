"""Rows become lines of an exact width, and a line is painted only when it says something else. No app needed."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from platformpm.model.state import ServiceState
from platformpm.model.status import Status
from platformpm.report.columns import Column, Piece, Table, Tone, cell, fit
from platformpm.report.instances import instance_table
from platformpm.report.service_events import environment_table
from platformpm.report.service_tables import SERVICE_LIST, SERVICE_PANE, SERVICES, VERSION_LIST, VERSION_PANE
from platformpm.tui.widgets.brush import cut, harmless, segments
from platformpm.tui.widgets.sheet import Sheet
from tests.tui.synthetic import NOW, believable

TONES = dict.fromkeys(Tone, Style())
ROWS = believable().services


class CountingSheet(Sheet[ServiceState]):
    painted = 0

    def paint(self, row: ServiceState, parts: Any) -> Any:
        self.painted += 1
        return super().paint(row, parts)


def build(width: int = 120) -> CountingSheet:
    sheet = CountingSheet(SERVICE_LIST)
    sheet.now = NOW
    sheet.colour(TONES)
    sheet.measure(ROWS)
    sheet.lay_out(width)
    return sheet


def test_a_row_that_is_the_same_object_is_painted_once() -> None:
    sheet = build()
    first = sheet.strip(ROWS[0])
    assert sheet.strip(ROWS[0]) is first
    assert sheet.painted == 1


def test_a_second_that_changes_no_age_paints_nothing_and_a_minute_paints_what_it_ages() -> None:
    sheet = build()
    for row in ROWS:
        sheet.strip(row)
    before = sheet.painted
    sheet.now = NOW + 0.5
    assert not any(sheet.is_aged(row) for row in ROWS)
    sheet.now = NOW + 60
    aged = [row for row in ROWS if sheet.is_aged(row)]
    assert 0 < len(aged) < len(ROWS)
    for row in ROWS:
        sheet.strip(row)
    assert sheet.painted == before + len(aged)


def test_another_object_with_the_same_key_is_painted_anew_where_it_says_something_else() -> None:
    sheet = build()
    before = sheet.strip(ROWS[0])
    assert sheet.strip(believable().services[0]) is before
    assert sheet.painted == 1
    other = replace(ROWS[0], status=Status.UNKNOWN)
    assert sheet.strip(other) != before
    assert sheet.painted == 2
    fresh = build()
    assert sheet.strip(other) == fresh.strip(other), "what is kept of a row is what it says now"


def test_other_columns_or_colours_paint_everything_anew() -> None:
    sheet = build()
    sheet.strip(ROWS[0])
    assert not sheet.lay_out(120)
    assert sheet.lay_out(90)
    sheet.strip(ROWS[0])
    sheet.colour(TONES)
    sheet.strip(ROWS[0])
    assert sheet.painted == 2
    sheet.colour(dict(TONES))
    sheet.strip(ROWS[0])
    assert sheet.painted == 3


@pytest.mark.parametrize("width", [1, 2, 5, 10, 20, 40, 60, 77, 80, 100, 120, 160, 200, 300, 400])
def test_every_line_is_exactly_as_wide_as_it_may_be(width: int) -> None:
    sheet = build(width)
    for row in ROWS:
        strip = sheet.strip(row)
        assert cell_len(strip.text) == strip.cell_length == width
    assert sheet.heading(SERVICES.columns[0], descending=False).cell_length == width
    assert sheet.note("words " * 50).cell_length == width


@pytest.mark.parametrize("width", [76, 96, 118, 158, 198])
def test_columns_never_overlap_and_leave_gaps(width: int) -> None:
    for table in (SERVICE_LIST, SERVICE_PANE):
        natural = {column.id: 12 for column in table.columns if column.measure}
        placed = fit(table.columns, natural, width)
        for left, right in itertools.pairwise(placed):
            assert left.x + left.width + (1 if width < 80 else 2) <= right.x
        assert placed[-1].x + placed[-1].width <= width


def test_the_least_important_columns_give_way_first_and_names_are_not_cut_for_them() -> None:
    natural = {"service": 20, "environment": 10}
    shown = [{place.column.id for place in fit(SERVICE_LIST.columns, natural, width)} for width in (50, 80, 120, 200)]
    assert shown[0] < shown[1] < shown[2] < shown[3]
    assert {"status", "service", "environment"} <= shown[0]
    widths = {place.column.id: place.width for place in fit(SERVICE_LIST.columns, natural, 80)}
    assert widths["service"] == 20


def test_where_nothing_fits_the_columns_that_must_stay_are_cut_rather_than_drawn_over_the_edge() -> None:
    placed = fit(SERVICE_LIST.columns, {"service": 32}, 15)
    assert [place.column.id for place in placed] == ["status", "service"]
    assert placed[-1].x + placed[-1].width <= 15


def test_a_second_line_starts_under_the_second_column() -> None:
    table: Table[str] = Table(
        (Column("a", "", lambda row, _n, _w: cell("✖"), 1), Column("b", "B", lambda row, _n, _w: cell(row), 5)),
        key=lambda row: row,
        below=lambda row: cell(f"under {row}"),
    )
    sheet = Sheet(table)
    sheet.colour(TONES)
    sheet.lay_out(20)
    assert sheet.height == 2
    assert [sheet.strip("x", part).text.rstrip() for part in (0, 1)] == [" ✖  x", "    under x"]


@given(st.lists(st.text(max_size=30), max_size=4), st.integers(0, 40))
def test_pieces_are_cut_to_their_room_and_cells_filled_to_it(texts: list[str], width: int) -> None:
    pieces = tuple(Piece(text) for text in texts)
    kept, used = cut(pieces, width)
    assert sum(cell_len(piece.text) for piece in kept) <= width
    assert used <= width
    assert sum(cell_len(segment.text) for segment in segments(pieces, width, TONES)) == width


@given(st.text())
def test_nothing_that_a_terminal_obeys_passes_the_brush(text: str) -> None:
    assert harmless(text).isprintable()
    assert len(harmless(text)) <= 1000


def test_what_the_brush_cuts_off_leaves_an_ellipsis_and_blanks_at_the_ends_stay() -> None:
    assert harmless("x" * 1000) == "x" * 1000
    assert harmless("x" * 1001) == "x" * 999 + "…"
    assert harmless("|" * 5000) == "|" * 999 + "…"
    assert harmless(" \x1b|" + "x" * 990) == " \N{REPLACEMENT CHARACTER}|" + "x" * 990
    assert harmless("  a\tb|  ") == " a b| "


def test_what_was_cut_ends_in_an_ellipsis_and_a_right_cell_keeps_its_blanks_before() -> None:
    assert "".join(piece.text for piece in cut((Piece("abc"), Piece("defgh")), 6)[0]) == "abcde…"
    assert "".join(piece.text for piece in cut((Piece("abcdef"), Piece("g")), 6)[0]) == "abcde…"
    assert "".join(s.text for s in segments(cell("7 ms"), 8, TONES, right=True)) == "    7 ms"


def _widths(table: Table[Any], room: int, **natural: int) -> dict[str, int]:
    return {place.column.id: place.width for place in fit(table.columns, natural, room)}


def test_one_long_name_does_not_cost_every_row_its_numbers() -> None:
    assert {"version", "drift"} <= set(_widths(VERSION_PANE, 66, service=32, environment=10, version=18))
    assert _widths(SERVICE_LIST, 76, service=32, environment=10)["latency"] == 8
    assert _widths(SERVICE_LIST, 76, service=16, environment=10, instances=4, version=16)["version"] == 16
    assert _widths(SERVICE_LIST, 150, service=32, environment=10)["service"] == 32, "where there is room it is whole"


def test_extra_columns_give_way_before_the_end_of_a_version_is_cut() -> None:
    natural = {"service": 16, "environment": 10, "version": 18, "target": 14, "title": 20, "owner": 10, "product": 12}
    versions = _widths(VERSION_LIST, 116, **natural)
    assert versions["version"] == 18
    assert versions["target"] == 14
    assert not {"product", "title"} & set(versions)
    assert _widths(SERVICE_LIST, 220, **natural)["target"] == 14
    assert "target" not in _widths(SERVICE_LIST, 156, **natural), "the drift says it in a word"
    assert set(_widths(VERSION_LIST, 200, **natural)) == {column.id for column in VERSION_LIST.columns}


@pytest.mark.parametrize("column", ["tier", "since", "instances", "environment", "status"])
def test_the_column_that_is_sorted_by_has_its_arrow_however_narrow_it_is(column: str) -> None:
    sheet = Sheet(SERVICE_LIST)
    sheet.colour(TONES)
    sheet.lay_out(200)
    for descending, mark in ((False, "▲"), (True, "▼")):
        text = sheet.heading(SERVICE_LIST.column(column), descending=descending).text
        assert f"{SERVICE_LIST.column(column).title}{mark}" in text.split()
        assert sheet.heading(None, descending=False).text.split() == text.replace(mark, "").split()


def test_the_list_of_versions_never_says_behind_without_the_target() -> None:
    narrow = _widths(VERSION_LIST, 76, service=16, environment=10, version=18, target=13)
    assert {"drift"} <= set(narrow)
    assert (narrow["version"], narrow["target"]) == (18, 13), "the bar gives way before the end of a version"
    assert _widths(VERSION_LIST, 156, service=16, title=28, environment=10, version=18, target=13)["target"] == 13


def test_a_version_and_its_target_are_cut_alike() -> None:
    widths = _widths(VERSION_LIST, 76, service=16, environment=10, version=24, target=16)
    assert (widths["version"], widths["target"]) == (19, 16)
    widths = _widths(VERSION_LIST, 70, service=20, environment=10, version=24, target=16)
    assert widths["version"] - widths["target"] in (0, 1)


def test_gaps_are_narrow_only_where_names_are_whole_that_way() -> None:
    for version, gap in ((10, 2), (14, 1)):
        placed = fit(SERVICE_LIST.columns, {"service": 16, "environment": 10, "instances": 4, "version": version}, 76)
        assert {right.x - left.x - left.width for left, right in itertools.pairwise(placed)} == {gap}


def test_what_there_is_room_for_comes_back_once_a_long_sentence_has_gone() -> None:
    columns: tuple[Column[Any], ...] = (
        Column("name", "NAME", lambda *_: cell(""), 10),
        Column("sentence", "SEEN", lambda *_: cell(""), 40, 120, priority=2),
        Column("curve", "TREND", lambda *_: cell(""), 8, priority=3),
        Column("note", "NOTE", lambda *_: cell(""), 20, priority=4),
    )
    assert [place.column.id for place in fit(columns, {}, 50)] == ["name", "curve", "note"]
    assert [place.column.id for place in fit(columns, {}, 30)] == ["name", "curve"]


def test_narrow_gaps_keep_a_column_that_wide_ones_cost() -> None:
    columns: tuple[Column[Any], ...] = tuple(
        Column(name, name, lambda *_: cell(""), 20, priority=rank) for rank, name in enumerate("abc")
    )
    assert [place.column.id for place in fit(columns, {}, 62)] == ["a", "b", "c"]
    assert [place.x for place in fit(columns, {}, 64)] == [0, 22, 44]


def test_an_extra_column_of_which_no_row_has_anything_is_left_out() -> None:
    natural = {"service": 8, "environment": 10, "version": 0, "title": 0, "owner": 7, "product": 0}
    shown = {place.column.id for place in fit(SERVICE_LIST.columns, natural, 300)}
    assert {"version", "owner"} <= shown
    assert not {"title", "product"} & shown
    assert "title" in {place.column.id for place in fit(SERVICE_LIST.columns, dict.fromkeys(natural, 0), 300)}


def test_a_name_is_whole_beyond_its_limit_where_nothing_else_wants_the_room() -> None:
    widths = _widths(VERSION_LIST, 230, service=41, environment=10, version=40, target=40, title=20, owner=8, product=8)
    assert (widths["service"], widths["version"], widths["target"]) == (41, 40, 40)
    for room in range(76, 320):
        widths = _widths(SERVICE_LIST, room, service=16, environment=10, instances=4, version=64)
        assert widths["version"] <= 24 or widths.get("seen", 50) >= 50, "a sentence is readable first"


@pytest.mark.parametrize("room", [131, 140, 160, 198])
def test_in_the_small_list_what_was_seen_goes_before_a_longer_trend(room: int) -> None:
    widths = _widths(SERVICE_PANE, room, service=16, environment=10, instances=4, version=17)
    assert widths["seen"] >= 30
    assert widths["trend"] == 8 or widths["seen"] >= 50


@pytest.mark.parametrize(("table", "room"), [(instance_table(()), 61), (environment_table("dev"), 50)])
@pytest.mark.parametrize("version", [15, 17])
def test_in_the_detail_of_120_columns_a_version_is_whole(table: Table[Any], room: int, version: int) -> None:
    widths = _widths(table, room, environment=10, instances=4, instance=8, version=version)
    assert widths["version"] == version
    assert "status" in widths


def test_rows_of_something_else_are_measured_anew() -> None:
    sheet = Sheet(SERVICE_LIST)
    assert sheet.measure(ROWS)
    assert not sheet.measure(ROWS[:1])
    sheet.forget()
    assert sheet.measure(ROWS[:1])


def test_a_sentence_is_readable_before_a_curve_grows_and_a_curve_grows_before_a_sentence_takes_the_rest() -> None:
    names = {"service": 16, "environment": 10, "instances": 4, "version": 18, "target": 13}
    names |= {"owner": 10, "tier": 4, "product": 10, "title": 28}
    found = [_widths(SERVICE_LIST, room, **names) for room in (170, 265, 280, 300)]
    assert [(widths["seen"], widths["trend"]) for widths in found] == [(35, 8), (50, 11), (52, 24), (72, 24)]
