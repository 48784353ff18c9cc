"""Whole screens as text: what a newcomer sees, at the sizes that matter."""

import re

import pytest

from platformpm.model.snapshot import PlatformSnapshot
from platformpm.tui.actions import ACTIONS
from tests.tui.golden import assert_golden
from tests.tui.stage import on_stage
from tests.tui.synthetic import NOW, believable, build_inventory

SCREENS = {"1": "overview", "2": "services", "3": "versions", "4": "alerts", "5": "hosts"}
"""Events have their own, over a history."""


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (160, 48)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_every_screen_looks_as_it_did(size: tuple[int, int]) -> None:
    async with on_stage(believable(), size) as stage:
        for key, screen in SCREENS.items():
            await stage.press(key)
            assert_golden(f"{screen}-{size[0]}x{size[1]}", stage.text)


async def test_the_help_looks_as_it_did() -> None:
    async with on_stage(believable(), (100, 50)) as stage:
        await stage.press("?")
        assert_golden("help-100x50", stage.text)


async def test_no_sentence_of_the_help_wraps_under_the_keys_in_eighty_columns() -> None:
    async with on_stage(believable(), (80, 24)) as stage:
        await stage.press("?")
        for action in ACTIONS[:7]:
            assert any(action.label in line and action.tooltip in line for line in stage.lines), action.id


async def test_in_the_help_two_blanks_part_key_label_and_sentence_at_the_least() -> None:
    async with on_stage(believable(), (100, 60)) as stage:
        await stage.press("?")
        for action in ACTIONS:
            parted = re.compile(rf"{re.escape(action.shown)}  +{re.escape(action.label)}  +{re.escape(action.tooltip)}")
            assert parted.search(stage.text), action.id


async def test_an_empty_platform_says_what_to_do() -> None:
    async with on_stage(PlatformSnapshot(1, NOW, build_inventory(())), (100, 30)) as stage:
        assert_golden("empty-100x30", stage.text)


async def test_before_the_first_snapshot_every_pane_waits() -> None:
    async with on_stage(None, (100, 30)) as stage:
        assert "starting" in stage.lines[0]
        assert stage.text.count("Waiting for the first readings") == 4
