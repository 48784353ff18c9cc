"""A hostile text in every field of the detail: nothing is obeyed, nothing breaks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from platformpm.tui.screens.detail import DetailScreen
from platformpm.tui.widgets.page import Page
from tests.tui.stage import on_stage
from tests.tui.synthetic import believable
from tests.tui.test_sentinel import PAYLOADS, assert_harmless, assert_stage_harmless, poisoned


@pytest.mark.parametrize(
    ("size", "keys"),
    [((200, 50), ("n", "o")), ((80, 24), ("tab", "tab", "tab", "tab"))],
    ids=["wide", "narrow"],
)
async def test_no_pane_of_the_detail_obeys_what_it_shows(size: tuple[int, int], keys: tuple[str, ...]) -> None:
    async with on_stage(believable(), size) as stage:
        for number, text in enumerate(PAYLOADS.values()):
            snapshot = replace(poisoned(text), sequence=2 * number + 2)
            await stage.show(snapshot)
            stage.app.open_service(snapshot.services[0].key)
            for key in keys:
                await stage.press(key)
                await assert_stage_harmless(stage, size[0])


async def test_every_line_of_the_pages_is_as_wide_as_the_page_and_harmless() -> None:
    async with on_stage(believable(), (160, 48)) as stage:
        for number, text in enumerate(PAYLOADS.values()):
            snapshot = replace(poisoned(text), sequence=number + 2)
            await stage.show(snapshot)
            stage.app.open_service(snapshot.services[0].key)
            await stage.settle()
            assert isinstance(stage.front, DetailScreen)
            page = stage.front.query_one("#reading", Page)
            assert page.lines
            assert_harmless((page.render_line(y) for y in range(page.size.height)), page.size.width)


async def test_a_hostile_service_that_vanishes_is_named_without_harm() -> None:
    async with on_stage(believable(), (100, 30)) as stage:
        for number, text in enumerate(PAYLOADS.values()):
            snapshot = replace(poisoned(text), sequence=2 * number + 2)
            await stage.show(snapshot)
            stage.app.open_service(snapshot.services[0].key)
            await stage.settle()
            await stage.show(replace(snapshot, sequence=2 * number + 3, services=()))
            await assert_stage_harmless(stage, 100)
            assert "no longer in" in stage.text or len(text) > 100
