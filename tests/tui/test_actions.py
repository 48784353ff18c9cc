"""The registry is the only place where an action is named, and everything that is named can be done."""

import re
from dataclasses import replace
from itertools import groupby

from platformpm.tui.actions import ACTIONS, Where, at_foot, bindings, key_table
from platformpm.tui.app import PlatformApp
from platformpm.tui.screens.base import PlatformScreen
from platformpm.tui.screens.detail import DetailScreen
from platformpm.tui.screens.events import EventsScreen
from platformpm.tui.widgets.lines import Lines
from tests.tui.stage import on_stage
from tests.tui.synthetic import believable

OWNERS = {
    Where.EVERYWHERE: (PlatformApp,),
    Where.PANES: (PlatformScreen,),
    Where.LIST: (Lines,),
    Where.DETAIL: (DetailScreen,),
    Where.PAST: (DetailScreen, EventsScreen),
}


def test_every_action_has_somebody_who_does_it() -> None:
    for action in ACTIONS:
        for owner in OWNERS[action.where]:
            assert hasattr(owner, f"action_{action.run.partition('(')[0]}"), action.id


def test_ids_are_unique_and_no_key_means_two_things_in_one_place() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)
    for _, group in groupby(sorted(ACTIONS, key=lambda one: one.where.name), key=lambda one: one.where):
        keys = [key for action in group for key in action.keys.split(",")]
        assert len(keys) == len(set(keys))


def test_every_action_says_in_a_sentence_what_it_does() -> None:
    for action in ACTIONS:
        assert action.label
        assert action.tooltip[-1] not in ",:", "it would read as cut off"
        assert action.tooltip[0].isupper()
        assert not action.tooltip.endswith(".")
        assert "[" not in action.tooltip + action.label, "the palette reads these as markup"


def test_the_bindings_come_from_the_registry() -> None:
    assert [binding.action for binding in bindings(Where.PANES)] == ["pane(1)", "pane(-1)"]


def test_the_footer_holds_the_screens_first() -> None:
    assert [action.id for action in at_foot()][:5] == ["overview", "services", "versions", "alerts", "hosts"]


def test_the_footer_of_the_hosts_offers_nothing_that_does_nothing_there() -> None:
    offered = {action.id for action in at_foot("hosts")}
    assert "faults" not in offered
    assert {"open", "recheck"} <= offered, "it lists what the host carries"
    assert {"open", "faults"} <= {action.id for action in at_foot("services")}


def test_the_key_table_is_markdown_with_one_row_for_each_action() -> None:
    lines = key_table().splitlines()
    assert lines[:2] == ["| key | action | what it does | where |", "| --- | --- | --- | --- |"]
    assert len(lines) == len(ACTIONS) + 2
    assert "| `/` | filter |" in key_table()
    assert all(line.count("|") == 5 for line in lines)


async def test_the_footer_of_a_detail_offers_what_does_something_there() -> None:
    picture = believable()
    alone = replace(picture.services[0], instances=picture.services[0].instances[:1])
    for runbook in (None, "https://wiki.example/x"):
        shown = replace(alone, service=replace(alone.service, runbook=runbook))
        async with on_stage(replace(picture, services=(shown,)), (240, 50)) as stage:
            await stage.press("2", "enter")
            foot = stage.lines[-1]
            assert "next instance" not in foot
            assert "environment" not in foot
            assert ("o runbook" in foot) is (runbook is not None)
            assert "w time span  W shorter  1 Overview" in foot
            assert "6 Events" in foot


async def test_in_a_detail_two_hundred_columns_wide_every_screen_is_offered() -> None:
    async with on_stage(believable(), (200, 50)) as stage:
        await stage.press("enter")
        assert re.search(r"1 Overview .* 5 Hosts  6", stage.lines[-1])
