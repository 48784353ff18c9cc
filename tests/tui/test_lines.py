"""The list widget in an app: what it paints, what it leaves alone, keys and mouse."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from platformpm.model.state import ServiceState
from platformpm.report.service_tables import SERVICE_LIST
from platformpm.tui import themes
from platformpm.tui.ordering import CALM
from platformpm.tui.widgets.lines import Lines
from tests.tui.synthetic import NOW, advance, load

SNAPSHOT = load(500)


class Hand:
    """A clock in the hands of the test."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


class CountingLines(Lines[ServiceState]):
    """Counts which lines were asked for."""

    def __init__(self, hand: Hand) -> None:
        super().__init__(SERVICE_LIST, empty="nothing here", clock=hand)
        self.rendered: Counter[int] = Counter()

    def render_line(self, y: int) -> Strip:
        self.rendered[y] += 1
        return super().render_line(y)


class OneList(App[None]):
    CSS_PATH = "../../platformpm/tui/styles/app.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.hand = Hand()
        self.lines = CountingLines(self.hand)
        self.opened: list[str] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return themes.DEFAULTS

    def compose(self) -> ComposeResult:
        yield self.lines

    def on_lines_opened(self, message: Lines.Opened) -> None:
        self.opened.append(message.row.service.name)


@asynccontextmanager
async def listed() -> AsyncIterator[tuple[OneList, CountingLines, Pilot[None]]]:
    """Run the list on a screen of 120x21: a heading and 20 rows."""
    app = OneList()
    async with app.run_test(size=(120, 21)) as pilot:
        app.lines.show(SNAPSHOT.services, NOW)
        await pilot.pause()
        yield app, app.lines, pilot


def selected(lines: CountingLines) -> str:
    row = lines.selected
    assert row is not None
    return row.service.name


def shown(lines: CountingLines) -> list[str]:
    return [row.service.name for row in (lines.ordering.row_at(p) for p in range(lines.count))]


async def test_only_the_visible_rows_that_changed_are_painted_again() -> None:
    async with listed() as (_app, lines, pilot):
        names = shown(lines)
        index = {state.service.name: place for place, state in enumerate(SNAPSHOT.services)}
        lines.rendered.clear()
        changed = [index[names[3]], index[names[7]], index[names[300]]]
        lines.show(advance(SNAPSHOT, NOW, changed, random.Random(1)).services, NOW)
        await pilot.pause()
        assert dict(lines.rendered) == {4: 1, 8: 1}


async def test_the_same_snapshot_again_paints_nothing() -> None:
    async with listed() as (app, lines, pilot):
        lines.rendered.clear()
        app.lines.show(SNAPSHOT.services, NOW)
        app.lines.tick(NOW + 0.4)
        await pilot.pause()
        assert not lines.rendered


async def test_moving_the_cursor_paints_two_lines() -> None:
    async with listed() as (_app, lines, pilot):
        await pilot.press("down")
        lines.rendered.clear()
        await pilot.press("down")
        await pilot.pause()
        assert sorted(lines.rendered) == [2, 3]


async def test_keys_move_the_cursor_as_everywhere() -> None:
    async with listed() as (_app, lines, pilot):
        names = shown(lines)
        for key, place in (
            ("down", 1), ("j", 2), ("k", 1), ("up", 0), ("up", 0), ("pagedown", 20), ("pageup", 0), ("end", 499),
            ("g", 0), ("G", 499), ("home", 0),
        ):  # fmt: skip
            await pilot.press(key)
            assert selected(lines) == names[place], key
            top = lines.scroll_offset.y
            assert top <= place < top + 20


async def test_enter_and_double_click_open_a_row_and_a_click_only_selects_it() -> None:
    async with listed() as (app, lines, pilot):
        names = shown(lines)
        await pilot.click(CountingLines, offset=(5, 4))
        assert selected(lines) == names[3]
        assert app.opened == []
        await pilot.press("enter")
        assert app.opened == [names[3]]
        await pilot.click(CountingLines, offset=(5, 6), times=2)
        assert app.opened == [names[3], names[5]]


async def test_a_click_on_a_heading_sorts_and_a_second_one_reverses() -> None:
    async with listed() as (_app, lines, pilot):
        x = lines.render_line(0).text.index("SERVICE")
        await pilot.click(CountingLines, offset=(x, 0))
        assert shown(lines) == sorted(shown(lines))
        assert "SERVICE▲" in lines.render_line(0).text
        await pilot.click(CountingLines, offset=(x, 0))
        await pilot.pause()
        assert shown(lines) == sorted(shown(lines), reverse=True)
        assert "SERVICE▼" in lines.render_line(0).text


async def test_s_goes_through_the_columns_that_have_an_order_and_capital_s_reverses() -> None:
    async with listed() as (_app, lines, pilot):
        seen = []
        for _ in range(3):
            await pilot.press("s")
            assert lines.ordering.column is not None
            seen.append(lines.ordering.column.id)
        assert seen == ["service", "environment", "instances"]
        assert not lines.ordering.descending
        await pilot.press("S")
        assert lines.ordering.descending


async def test_who_sorts_at_the_top_sees_what_came_up_and_elsewhere_the_cursor_stays_on_its_row() -> None:
    async with listed() as (_app, lines, pilot):
        await pilot.press("down", "home")
        first = selected(lines)
        await pilot.press("s", "S")
        assert selected(lines) == shown(lines)[0] != first
        assert lines.scroll_offset.y == 0
        await pilot.press("down", "down")
        chosen = selected(lines)
        await pilot.press("S")
        assert selected(lines) == chosen != shown(lines)[2]


async def test_rows_do_not_move_under_a_moving_cursor_and_move_when_it_rests() -> None:
    async with listed() as (app, lines, pilot):
        app.hand.at = 100.0
        await pilot.press("down", "down")
        before, name = shown(lines), selected(lines)
        rows = list(SNAPSHOT.services)
        place = next(index for index, row in enumerate(rows) if row.service.name == before[0])
        rows[place] = replace(rows[place], status=rows[-1].status)
        lines.show(tuple(rows), NOW)
        assert shown(lines) == before
        app.hand.at += CALM
        lines.tick(NOW)
        assert shown(lines) != before
        assert selected(lines) == name


async def test_a_filter_moves_the_cursor_to_a_row_that_is_left() -> None:
    async with listed() as (_app, lines, pilot):
        await pilot.press("end")
        lines.keep(lambda state: state.service.name.endswith("7"))
        await pilot.pause()
        assert lines.count == 50
        assert selected(lines).endswith("7")
        assert lines.virtual_size.height == 51


async def test_a_new_filter_begins_at_its_first_match_and_without_it_the_cursor_keeps_its_row() -> None:
    async with listed() as (_app, lines, pilot):
        await pilot.press("G")
        lines.keep(lambda state: "1" in state.service.name)
        await pilot.pause()
        first = shown(lines)[0]
        assert selected(lines) == first
        assert lines.scroll_offset.y == 0
        lines.keep(None)
        await pilot.pause()
        assert selected(lines) == first
        assert 0 <= shown(lines).index(first) - lines.scroll_offset.y < 20


async def test_a_filter_that_shows_the_same_rows_leaves_cursor_and_sight_alone() -> None:
    async with listed() as (_app, lines, pilot):
        lines.keep(lambda state: "1" in state.service.name)
        await pilot.press("G")
        name, top = selected(lines), lines.scroll_offset.y
        lines.keep(lambda state: "1" in state.service.name)
        await pilot.pause()
        assert (selected(lines), lines.scroll_offset.y) == (name, top)


async def test_a_new_filter_begins_at_its_first_match_also_when_only_the_wheel_was_used() -> None:
    async with listed() as (_app, lines, pilot):
        await pilot.press("down", "up")
        lines.scroll_to(y=300, animate=False)
        await pilot.pause()
        lines.keep(lambda state: int(state.service.name[-2:]) < 50)
        await pilot.pause()
        assert lines.scroll_offset.y == 0


async def test_an_empty_list_says_what_it_was_told() -> None:
    app = OneList()
    async with app.run_test(size=(120, 21)) as pilot:
        await pilot.pause()
        assert "nothing here" in app.lines.render_line(2).text
        app.lines.say_when_empty("still nothing")
        await pilot.press("down", "enter", "s", "pagedown", "G")
        assert "still nothing" in app.lines.render_line(2).text


async def test_when_the_first_row_comes_or_the_last_goes_nothing_is_left_of_what_stood_there() -> None:
    app = OneList()
    async with app.run_test(size=(120, 21)) as pilot:
        app.lines.say_when_empty("one\ntwo\nthree")
        for count in (1, 0, 1):
            await pilot.pause()
            app.lines.rendered.clear()
            app.lines.show(SNAPSHOT.services[:count], NOW)
            await pilot.pause()
            assert set(range(1, 21)) <= app.lines.rendered.keys()


async def test_the_row_under_the_pointer_is_marked_and_forgotten() -> None:
    async with listed() as (_app, lines, pilot):
        plain = lines.render_line(9)
        await pilot.hover(CountingLines, offset=(5, 9))
        assert lines.render_line(9) != plain
        await pilot.hover(CountingLines, offset=(5, 0))
        assert lines.render_line(9) == plain


@pytest.mark.parametrize("key", ["down", "end"])
async def test_the_wheel_scrolls_without_moving_the_cursor(key: str) -> None:
    async with listed() as (_app, lines, pilot):
        await pilot.press(key)
        name, top = selected(lines), lines.scroll_offset.y
        lines.scroll_to(y=100, animate=False)
        await pilot.pause()
        assert lines.scroll_offset.y != top
        assert selected(lines) == name
