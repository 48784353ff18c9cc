"""No terminal is too small or too large to be survived."""

import pytest
from textual import events
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size

from platformpm.tui.layout import Layout, layout_for
from tests.tui.stage import on_stage
from tests.tui.synthetic import believable

SIZES = [
    *((20, 5), (40, 12), (60, 15), (80, 24), (100, 30), (120, 36), (149, 40), (150, 40), (200, 50), (250, 70)),
    *((300, 90), (400, 120)),
]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_every_screen_fits_every_terminal(size: tuple[int, int]) -> None:
    async with on_stage(believable(), size) as stage:
        for key in ("1", "2", "3", "4", "5", "6", "?", "escape"):
            await stage.press(key)
            strips = stage.app.screen._compositor.render_strips()
            assert len(strips) == size[1]
            assert {strip.cell_length for strip in strips} == {size[0]}
            assert key == "?" or "✖ 2 down" in stage.text


@pytest.mark.parametrize("key", ["1", "2"])
async def test_one_terminal_can_be_resized_through_all_sizes(key: str) -> None:
    async with on_stage(believable(), SIZES[0]) as stage:
        await stage.press(key)
        for size in [*SIZES, *SIZES[3::-1]]:
            await stage.resize(*size)
            assert len(stage.lines) == size[1]
            assert "✖ 2 down" in stage.text


@pytest.mark.parametrize(
    ("size", "layout"),
    [
        ((150, 15), Layout.WIDE),
        ((149, 40), Layout.MEDIUM),
        ((100, 24), Layout.MEDIUM),
        ((100, 23), Layout.NARROW),
        ((99, 60), Layout.NARROW),
        ((60, 15), Layout.NARROW),
        ((59, 15), Layout.CRAMPED),
        ((60, 14), Layout.CRAMPED),
    ],
)
def test_the_layout_follows_the_size(size: tuple[int, int], layout: Layout) -> None:
    assert layout_for(*size) is layout


@pytest.mark.parametrize("key", ["ctrl+p", "?", "/"])
@pytest.mark.parametrize("height", [1, 3, 20])
async def test_whatever_opens_opens_and_shrinks_in_a_terminal_of_a_few_columns(key: str, height: int) -> None:
    async with on_stage(believable(), (120, 36)) as stage:
        for width in (12, 9, 7, 5, 4, 3, 2, 1):
            await stage.resize(width, height)
            await stage.press(key)
            await stage.type("led")
            await stage.resize(60, 15)
            await stage.resize(width, height)
            await stage.press("escape")
            assert len(stage.lines) == height
            assert len(stage.app.screen_stack) == 1


@pytest.mark.parametrize("keys", [(), ("2",), ("2", "enter"), ("?",), ("ctrl+p",)], ids="-".join)
async def test_a_size_the_terminal_has_no_longer_is_passed_over(keys: tuple[str, ...]) -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        await stage.press(*keys)
        for screen in stage.app.screen_stack:
            screen.post_message(events.Resize(Size(80, 24), Size(80, 24)))
        await stage.settle()
        assert [screen.size for screen in stage.app.screen_stack] == [(160, 48)] * len(stage.app.screen_stack)
        assert stage.front.layout_now is Layout.WIDE


async def test_what_had_the_focus_has_it_again_when_a_cramped_terminal_grows() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        await stage.press("tab")
        assert stage.app.focused is stage.front.query_one("#alerts")
        await stage.resize(40, 12)
        await stage.resize(160, 48)
        assert stage.app.focused is stage.front.query_one("#alerts")


@pytest.mark.parametrize("keys", [("enter",), ("2", "enter"), ("3", "2", "enter")], ids="-".join)
async def test_a_key_typed_while_a_cramped_terminal_grows_is_not_lost(keys: tuple[str, ...]) -> None:
    async with on_stage(believable(), (120, 36)) as stage:
        await stage.press("3", "2")
        await stage.resize(40, 12)
        driver, size = stage.app._driver, Size(120, 36)
        assert isinstance(driver, HeadlessDriver)
        driver._size = size
        stage.app.post_message(events.Resize(size, size))
        for key in keys:
            stage.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await stage.settle()
        assert stage.app.current_mode == "services"
        assert stage.front.name == "detail"


async def test_a_list_that_something_else_hides_gives_the_focus_to_the_next() -> None:
    async with on_stage(believable(), (120, 36)) as stage:
        await stage.press("4")
        assert stage.app.focused is stage.front.query_one("#alerts")
        stage.front.query_one("#alerts").display = False
        for _ in range(500):
            if stage.app.focused is stage.front.query_one("#events"):
                return
            await stage.pilot.pause(0.01)
        raise AssertionError(stage.app.focused)


async def test_a_terminal_that_was_cramped_from_the_beginning_has_a_focus_when_it_grows() -> None:
    async with on_stage(believable(), (40, 12)) as stage:
        await stage.resize(160, 48)
        assert stage.app.focused is stage.front.query_one("#services")


async def test_a_cramped_terminal_says_so_and_still_counts() -> None:
    async with on_stage(believable(), (40, 12)) as stage:
        assert "40×12 is too small, 60×15 needed" in stage.text
        assert "✖ 2 down" in stage.lines[2]
        assert "● 84 up" in stage.text
        assert "ledger" not in stage.text


async def test_a_narrow_terminal_shows_one_pane_and_tab_brings_the_next() -> None:
    async with on_stage(believable(), (80, 24)) as stage:
        assert "▸ Services" in stage.lines[1]
        assert "╭─ Services" in stage.text
        assert "╭─ Alerts" not in stage.text
        await stage.press("tab")
        assert "╭─ Alerts" in stage.text
        assert "╭─ Services" not in stage.text
        await stage.press("shift+tab", "shift+tab")
        assert "╭─ Hosts" in stage.text


async def test_a_wide_terminal_shows_four_panes_and_tab_goes_round() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        assert all(f"╭─ {pane}" in stage.text for pane in ("Services", "Alerts", "Versions", "Hosts"))
        seen = []
        for _ in range(4):
            assert stage.app.focused is not None
            seen.append(stage.app.focused.id)
            await stage.press("tab")
        assert seen == ["services", "alerts", "versions", "hosts"]
        assert stage.app.focused is not None
        assert stage.app.focused.id == "services"


@pytest.mark.parametrize("size", [(100, 30), (120, 36), (149, 40), (160, 48)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_versions_at_a_glance_say_observed_target_share_and_drift(size: tuple[int, int]) -> None:
    async with on_stage(believable(), size) as stage:
        heading = next(line for line in stage.lines if "DRIFT" in line)
        assert [heading.index(word) for word in ("VERSION", "TARGET", "ON TARGET", "DRIFT")]
        row = next(line for line in stage.lines if "↓ behind" in line)
        assert [part in row for part in ("search", "production", "5.2.0", "5.3.0", "0/4")] == [True] * 5


async def test_the_panes_are_visited_as_they_stand_and_end_where_the_header_ends() -> None:
    async with on_stage(believable(), (120, 36)) as stage:
        order = [stage.app.focused.id if stage.app.focused else ""]
        for _ in range(3):
            await stage.press("tab")
            order.append(stage.app.focused.id if stage.app.focused else "")
        assert order == ["services", "versions", "alerts", "hosts"]
        await stage.resize(160, 48)
        await stage.press("tab", "tab")
        assert stage.app.focused is not None
        assert stage.app.focused.id == "alerts"
        await stage.press("2", "enter")
        assert {len(line.rstrip()) for line in stage.lines if line.startswith("╭")} == {160}
