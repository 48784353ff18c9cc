"""Parts of a line give way by rank, never overlap, and only what changed is painted."""

import itertools
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.geometry import Region

from platformpm.report.columns import Tone, cell
from platformpm.tui import themes
from platformpm.tui.widgets.ribbon import Part, Ribbon, lay


def part(name: str, rank: int = 0, *, right: bool = False, run: str | None = None) -> Part:
    return Part(name, cell(name), rank, run, right)


def test_parts_stand_left_and_right() -> None:
    laid = lay([part("one"), part("two"), part("end", right=True)], 30)
    assert [(one.part.id, one.x, one.width) for one in laid] == [("one", 0, 3), ("two", 6, 3), ("end", 27, 3)]


def test_the_highest_rank_gives_way_first() -> None:
    parts = [part("aaaa", 2), part("bbbb", 1), part("cccc"), part("dddd", 1)]
    assert [one.part.id for one in lay(parts, 25)] == ["aaaa", "bbbb", "cccc", "dddd"]
    assert [one.part.id for one in lay(parts, 24)] == ["bbbb", "cccc", "dddd"]
    assert [one.part.id for one in lay(parts, 17)] == ["bbbb", "cccc"]
    assert [one.part.id for one in lay(parts, 3)] == ["cccc"]


def test_a_part_gives_up_its_words_when_those_of_a_higher_rank_have_gone() -> None:
    parts = [part("aaaa", 9), Part("b", cell("bbbb"), 1, short=cell("b"), wordy=5), part("cccc", 2)]

    def said(width: int) -> list[str]:
        return [one.part.pieces[0].text for one in lay(parts, width)]

    assert said(18) == ["aaaa", "bbbb", "cccc"]
    assert said(17) == ["bbbb", "cccc"]
    assert said(10) == ["b", "cccc"]
    assert said(7) == ["b"]
    assert said(0) == []


@given(st.lists(st.tuples(st.text(max_size=12), st.integers(0, 9), st.booleans()), max_size=9), st.integers(-2, 80))
def test_parts_never_overlap_and_never_leave_the_line(drawn: list[tuple[str, int, bool]], width: int) -> None:
    parts = [Part(str(at), cell(text), rank, None, right) for at, (text, rank, right) in enumerate(drawn)]
    laid = lay(parts, width)
    for left, right in itertools.pairwise(laid):
        assert left.x + left.width <= right.x
    assert all(one.x >= 0 and one.x + one.width <= width for one in laid)


class CountingRibbon(Ribbon):
    def __init__(self) -> None:
        self.asked: Counter[Region | None] = Counter()
        super().__init__()

    def refresh(self, *regions: Region, **options: bool) -> "CountingRibbon":
        self.asked[regions[0] if regions else None] += 1
        super().refresh(*regions, **options)
        return self


class OneRibbon(App[None]):
    CSS_PATH = "../../platformpm/tui/styles/app.tcss"
    clicked = 0

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return themes.DEFAULTS

    def compose(self) -> ComposeResult:
        yield CountingRibbon()

    def action_poke(self) -> None:
        self.clicked += 1


async def test_a_tick_of_the_clock_repaints_the_clock_alone_and_nothing_repaints_nothing() -> None:
    async with OneRibbon().run_test(size=(60, 3)) as pilot:
        ribbon = pilot.app.query_one(CountingRibbon)
        ribbon.show([part("name"), Part("clock", cell("12:00:01"), right=True)])
        await pilot.pause()
        ribbon.asked.clear()
        ribbon.show([part("name"), Part("clock", cell("12:00:02"), right=True)])
        assert dict(ribbon.asked) == {Region(51, 0, 8, 1): 1}
        ribbon.show([part("name"), Part("clock", cell("12:00:02"), right=True)])
        ribbon.show([part("name"), Part("clock", cell("12:00:02", Tone.DIM), right=True)])
        assert sum(ribbon.asked.values()) == 2
        assert ribbon.render_line(0).text == f" name{' ' * 46}12:00:02 "


async def test_a_click_on_a_part_starts_its_action_and_one_beside_it_does_not() -> None:
    async with OneRibbon().run_test(size=(60, 3)) as pilot:
        app = pilot.app
        assert isinstance(app, OneRibbon)
        app.query_one(CountingRibbon).show([part("quiet"), part("press", run="app.poke")])
        await pilot.pause()
        for x, clicks in ((2, 0), (8, 0), (9, 1), (13, 2), (14, 2)):
            await pilot.click(CountingRibbon, offset=(x, 0))
            assert app.clicked == clicks
