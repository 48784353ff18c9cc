"""The detail of a service: keys, ways through it, and what stays still while it lives."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Status
from platformpm.tui.screens.detail import DetailScreen
from platformpm.tui.widgets.page import Page
from tests.tui.golden import assert_golden
from tests.tui.stage import Stage, on_stage
from tests.tui.synthetic import NOW, advance, believable
from tests.tui.test_sizes import SIZES

CHECKOUT = ("checkout", "production")
LEDGER = ("ledger", "production")


def with_runbook(snapshot: PlatformSnapshot, runbook: str | None) -> PlatformSnapshot:
    states = tuple(
        replace(state, service=replace(state.service, runbook=runbook, links={"dashboard": "https://g.example/d?t=s"}))
        if state.key == CHECKOUT
        else state
        for state in snapshot.services
    )
    return replace(snapshot, sequence=snapshot.sequence + 1, services=states)


def without(snapshot: PlatformSnapshot, service: str, environment: str | None = None) -> PlatformSnapshot:
    states = tuple(
        state
        for state in snapshot.services
        if state.service.name != service or (environment is not None and state.environment.name != environment)
    )
    return replace(snapshot, sequence=snapshot.sequence + 1, services=states)


def screen_of(stage: Stage) -> DetailScreen:
    assert isinstance(stage.front, DetailScreen)
    return stage.front


async def open_on(stage: Stage, key: tuple[str, str] = CHECKOUT) -> DetailScreen:
    stage.app.open_service(key)
    await stage.settle()
    return screen_of(stage)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 48)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_detail_looks_as_it_did(size: tuple[int, int]) -> None:
    async with on_stage(with_runbook(believable(), "https://wiki.acme.example/checkout"), size) as stage:
        await open_on(stage)
        assert_golden(f"detail-{size[0]}x{size[1]}", stage.text)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_detail_fits_every_terminal(size: tuple[int, int]) -> None:
    async with on_stage(believable(), size) as stage:
        await open_on(stage)
        for key in ("tab", "tab", "end", "n", "e", "tab", "?", "escape"):
            await stage.press(key)
            strips = stage.app.screen._compositor.render_strips()
            assert len(strips) == size[1]
            assert {strip.cell_length for strip in strips} == {size[0]}


async def test_the_detail_survives_a_terminal_that_goes_through_all_sizes() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        await open_on(stage)
        for size in [*SIZES, *SIZES[::-1], (80, 24)]:
            await stage.resize(*size)
            assert len(stage.lines) == size[1]
        assert "checkout@production" in stage.text
        assert "Latency" in stage.text


async def test_enter_on_a_row_opens_it_and_escape_goes_back() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        await stage.press("enter")
        assert screen_of(stage).key == LEDGER
        await stage.press("escape")
        assert stage.front.name == "overview"


async def test_the_worst_instance_is_looked_at_first() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        screen = await open_on(stage, ("elasticsearch", "production"))
        assert screen.instances.selected is not None
        assert screen.instances.selected.status is Status.DEGRADED


async def test_n_and_p_look_at_other_instances_from_any_pane() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        await open_on(stage)
        assert "╭─ pr-1 · production" in stage.text
        await stage.press("tab", "tab", "n", "n")
        assert "╭─ pr-3 · production" in stage.text
        await stage.press("p")
        assert "╭─ pr-2 · production" in stage.text


async def test_e_goes_round_the_environments_and_escape_the_way_back() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        screen = await open_on(stage)
        seen = []
        for _ in range(3):
            await stage.press("e")
            seen.append(screen.key[1])
        assert seen == ["dev", "staging", "production"]
        await stage.press("E")
        assert screen.key == ("checkout", "staging")
        assert "▸ staging" in stage.text
        await stage.press("escape", "escape")
        assert screen.key == ("checkout", "staging")
        await stage.press("escape", "escape", "escape")
        assert stage.front.name == "overview"


async def test_enter_on_an_environment_switches_to_it() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        screen = await open_on(stage)
        screen.environments.focus()
        await stage.press("home", "enter")
        assert screen.key == ("checkout", "dev")


async def test_enter_on_a_dependency_follows_it_and_escape_comes_back() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        screen = await open_on(stage)
        screen.neighbours.focus()
        await stage.press("enter")
        assert screen.key == LEDGER
        assert "used by  ◐ degraded  checkout" in stage.text
        await stage.press("escape")
        assert screen.key == CHECKOUT
        await stage.press("escape")
        assert stage.front.name == "overview"


async def test_a_dependency_that_is_not_in_the_environment_is_not_followed() -> None:
    async with on_stage(without(believable(), "ledger", "production"), (160, 48)) as stage:
        screen = await open_on(stage)
        assert "– absent" in stage.text
        screen.neighbours.focus()
        await stage.press("enter")
        assert screen.key == CHECKOUT


async def test_r_checks_all_instances_again() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        await open_on(stage)
        await stage.press("r")
        assert [[str(key) for key in keys or ()] for keys in stage.session.rechecked] == [
            [f"checkout@production/pr-{number}" for number in range(1, 5)]
        ]


async def test_a_service_that_vanishes_says_so_and_how_to_go_back() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        await stage.press("2")
        await open_on(stage)
        await stage.show(without(believable(), "checkout"))
        assert "checkout is no longer in the inventory." in stage.text
        assert "esc goes back" in stage.text
        assert "╭─ Instances" not in stage.text
        await stage.press("n", "o", "r", "enter", "tab", "e")
        await stage.press("escape")
        assert stage.front.name == "services"


async def test_a_service_that_vanishes_here_only_can_be_followed_elsewhere() -> None:
    async with on_stage(believable(), (120, 36)) as stage:
        screen = await open_on(stage)
        await stage.show(without(believable(), "checkout", "production"))
        assert "it still is in dev, staging" in stage.text
        await stage.press("e")
        assert screen.key == ("checkout", "dev")
        assert "╭─ Instances" in stage.text


async def test_a_service_that_comes_back_is_shown_again() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        await open_on(stage)
        await stage.show(without(believable(), "checkout"))
        await stage.show(replace(believable(), sequence=9))
        assert "checkout is no longer" not in stage.text
        assert "╭─ pr-1 · production" in stage.text


async def test_an_instance_that_vanishes_is_named() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        screen = await open_on(stage)
        await stage.press("n")
        state = next(state for state in believable().services if state.key == CHECKOUT)
        rest = replace(state, instances=(state.instances[0], *state.instances[2:]))
        snapshot = believable()
        rows = tuple(rest if one.key == CHECKOUT else one for one in snapshot.services)
        await stage.show(replace(snapshot, sequence=2, services=rows))
        assert "pr-2 is no longer in the inventory; this is pr-3." in stage.text
        assert screen.instances.selected is not None
        await stage.press("n")
        assert "no longer in the inventory" not in stage.text


async def test_new_readings_never_move_the_cursor() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        screen = await open_on(stage)
        await stage.press("n", "n")
        snapshot, rng = believable(), random.Random(1)
        for step in range(8):
            snapshot = advance(snapshot, NOW + step, range(len(snapshot.services)), rng)
            await stage.show(snapshot)
        assert screen.instances.selected is not None
        assert screen.instances.selected.key.instance == "pr-3"


async def test_a_snapshot_without_news_paints_nothing() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        screen = await open_on(stage)
        shown = stage.app.feed.shown
        assert shown is not None
        asked: list[object] = []
        for page in screen.query(Page):
            page.refresh = lambda *regions, **_: asked.extend(regions)  # type: ignore[assignment,method-assign]
        await stage.show(replace(shown, sequence=shown.sequence + 1))
        assert asked == []


async def test_time_that_passes_paints_only_the_lines_with_an_age() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        screen = await open_on(stage)
        reading = screen.query_one("#reading", Page)
        before = reading.lines
        stage.clock.at += 5
        stage.app.beat()
        await stage.settle()
        changed = [after for old, after in zip(before, reading.lines, strict=True) if old != after]
        assert 1 <= len(changed) <= 3


@pytest.mark.parametrize(
    ("runbook", "browser", "opened", "said"),
    [
        ("https://wiki.example/run?token=abcdef", True, ["https://wiki.example/run?token=abcdef"], "opening"),
        ("https://wiki.example/run", False, [], "no browser here; copied https://wiki.example/run"),
        ("file:///etc/passwd", True, [], "not a web page, not opened"),
        ("javascript:alert(1)", True, [], "not a web page, not opened"),
        ("https:///nothing", True, [], "not a web page, not opened"),
        (None, True, [], "no runbook declared"),
    ],
)
async def test_o_opens_the_runbook_only_when_it_is_a_web_page(
    runbook: str | None, browser: bool, opened: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    if browser:
        monkeypatch.setenv("DISPLAY", ":9")
    given: list[str] = []
    async with on_stage(with_runbook(believable(), runbook), (160, 48)) as stage:
        monkeypatch.setattr(stage.app, "open_url", lambda url, **_: given.append(url))
        await open_on(stage)
        assert given == []
        await stage.press("o")
        assert given == opened
        messages = [str(one.message) for one in stage.app._notifications]
        assert any(message.startswith(said) for message in messages)
        assert not any("abcdef" in message for message in messages)


async def test_a_narrow_terminal_has_tabs_for_what_does_not_fit() -> None:
    async with on_stage(believable(), (80, 24)) as stage:
        await open_on(stage)
        assert "▸ Instances" in stage.text
        assert "╭─ pr-1 · production" in stage.text
        assert "status " in stage.text
        await stage.press("tab", "tab")
        assert "▸ Dependencies" in stage.text
        assert "╭─ Instances" not in stage.text
        await stage.press("tab", "tab")
        assert "▸ Events" in stage.text
        await stage.press("n")
        assert "╭─ pr-2 · production" in stage.text


async def test_the_footer_and_the_help_name_the_keys_of_the_detail() -> None:
    async with on_stage(with_runbook(believable(), "https://wiki.acme.example/checkout"), (160, 48)) as stage:
        await open_on(stage)
        for words in ("esc back", "n next instance", "e environment", "o runbook", "? help"):
            assert words in stage.lines[-1]
        assert "only faults" not in stage.lines[-1]
