"""Every action of the user does what it says, by key, click and palette."""

import re
from dataclasses import replace

import pytest
from textual import events

from platformpm.errors import HistoryError
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event, EventKind
from platformpm.model.status import Status
from platformpm.model.version import Drift
from platformpm.tui import themes
from platformpm.tui.lookup import Answer
from platformpm.tui.screens.detail import DetailScreen
from platformpm.tui.screens.lists import ServiceListScreen
from platformpm.tui.widgets.brush import ink_of
from platformpm.tui.widgets.lines import Lines
from platformpm.tui.widgets.page import Page
from tests.tui.stage import Stage, on_stage
from tests.tui.synthetic import NOW, believable

SCREENS = {"1": "overview", "2": "services", "3": "versions", "4": "alerts", "5": "hosts", "6": "events"}


def shown_services(stage: Stage) -> list[tuple[str, str]]:
    assert isinstance(stage.front, ServiceListScreen)
    ordering = stage.front.rows.ordering
    return [ordering.row_at(place).key for place in range(len(ordering.shown))]


async def test_the_session_is_told_that_its_first_picture_stands() -> None:
    async with on_stage(believable()) as stage:
        assert stage.session.paints == 1


async def test_number_keys_open_the_screens_and_the_footer_says_which_is_open() -> None:
    async with on_stage(believable()) as stage:
        for key, name in SCREENS.items():
            await stage.press(key)
            assert stage.front.name == name
            assert f"{key} {name.capitalize()}" in stage.lines[-1]


async def test_what_is_typed_ahead_of_the_picture_goes_where_it_was_meant_for() -> None:
    async with on_stage(believable()) as stage:
        for key in ("2", "3", "slash", *"ledger", "enter"):
            stage.app.post_message(events.Key(key, "/" if key == "slash" else key if len(key) == 1 else None))
        await stage.settle()
        assert stage.front.name == "versions"
        assert {service for service, _ in shown_services(stage)} == {"ledger"}
        await stage.press("/", "1", "4")
        assert isinstance(stage.front, ServiceListScreen)
        assert stage.front.name == "versions"
        assert stage.front.filter.text == "14"


async def test_a_click_in_the_footer_is_as_good_as_the_key() -> None:
    async with on_stage(believable()) as stage:
        await stage.pilot.click("#footer", offset=(stage.lines[-1].index("4 Alerts") + 3, 0))
        await stage.settle()
        assert stage.front.name == "alerts"
        await stage.pilot.click("#header", offset=(stage.lines[0].index("live") + 1, 0))
        await stage.settle()
        assert "frozen" in stage.lines[0]


async def test_the_header_counts_and_tells_the_time_of_the_platform() -> None:
    async with on_stage(believable()) as stage:
        for text in ("Acme Commerce", "✖ 2 down", "◐ 3 degraded", "? 1 unknown", "● 84 up", "6 alerts", "15:02:11 CST"):
            assert text in stage.lines[0]
        stage.clock.at += 1
        stage.app.beat()
        assert "15:02:12 CST" in stage.lines[0]


async def test_a_frozen_picture_says_so_with_its_age_and_shows_nothing_new_until_it_goes_on() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("f")
        stage.clock.at += 12
        await stage.show(replace(believable(faults=False), sequence=5, at=stage.clock.at))
        assert "frozen 12s" in stage.lines[0]
        assert "✖ 2 down" in stage.lines[0]
        assert "ledger            production   0/4" in stage.text
        await stage.press("f")
        assert "live" in stage.lines[0]
        assert "✖ 0 down" in stage.lines[0]


async def test_r_rechecks_what_is_selected_and_capital_r_everything() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("r")
        assert stage.session.rechecked == [
            tuple(InstanceKey("ledger", "production", f"pr-{number}") for number in range(1, 5))
        ]
        await stage.press("R")
        assert stage.session.rechecked[1] is None
        said = [notice.message for notice in stage.app._notifications]
        assert said == ["re-checking ledger@production", "re-checking everything"]


async def test_r_looks_at_the_selected_host_again() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("5", "r")
        assert (stage.session.rechecked, stage.session.looked_at) == ([()], ["db-1"])
        assert stage.said == ["re-checking host:db-1"]


@pytest.mark.parametrize("keys", [("4",), ("4", "tab"), ("6",)], ids=["alert", "event beside it", "event"])
async def test_r_rechecks_what_an_alert_or_event_is_about(keys: tuple[str, ...]) -> None:
    async with on_stage(believable()) as stage:
        await stage.press(*keys, "r")
        subject = stage.said[-1].removeprefix("re-checking ")
        assert subject.count("@") == 1
        assert [{f"{key.service}@{key.environment}" for key in keys or ()} for keys in stage.session.rechecked] == [
            {subject}
        ]


async def test_r_says_when_there_is_nothing_to_recheck_or_no_longer() -> None:
    picture = believable()
    gone = Event(NOW, EventKind.ALERT_CLOSED, "gone@dev/1", "gone up", Status.UP)
    async with on_stage(replace(picture, events=(gone, Event(NOW + 1, EventKind.RELOADED, "", "read again")))) as stage:
        await stage.press("6", "r", "down", "r")
        assert stage.session.rechecked == []
        assert "nothing to re-check" in stage.said[0]
        assert stage.said[1] == "gone@dev is no longer in the inventory"


@pytest.mark.parametrize("key", ["4", "5"])
async def test_o_stays_where_no_list_of_faults_is_and_says_where_there_is_one(key: str) -> None:
    async with on_stage(believable(), (200, 50)) as stage:
        await stage.press(key)
        assert "only faults" not in stage.lines[-1]
        assert "r re-check" in stage.lines[-1]
        await stage.press("o")
        assert stage.front.name == SCREENS[key]
        assert stage.said == ["services, versions and events can be shown with only faults"]


async def test_ctrl_r_reads_the_inventory_again_and_a_bad_one_shows_a_banner_that_goes_when_it_is_good() -> None:
    async with on_stage(believable(), (80, 24)) as stage:
        await stage.press("ctrl+r")
        assert stage.session.reloads == 1
        stage.app.beat()
        await stage.settle()
        text = " ".join(line.strip() for line in stage.lines[1:3])
        assert "! platform.toml:12: services.checkout.timout: unknown key (did you mean timeout?)" in text
        await stage.show(replace(believable(), sequence=9))
        assert "platform.toml" not in stage.text


async def test_t_goes_through_three_themes_and_back_to_the_first() -> None:
    async with on_stage(believable()) as stage:
        seen = [stage.app.theme]
        for _ in range(3):
            await stage.press("t")
            seen.append(stage.app.theme)
        assert seen == ["platformpm-dark", "platformpm-light", "platformpm-contrast", "platformpm-dark"]


async def test_a_theme_colours_what_was_painted_before() -> None:
    async with on_stage(believable()) as stage:
        lines = stage.front.query_one("#services", Lines)
        before = lines.render_line(1)
        await stage.press("t")
        after = lines.render_line(1)
        assert before.text == after.text
        assert before != after


async def test_a_plain_row_has_the_colours_that_the_styles_give_its_list() -> None:
    async with on_stage(believable()) as stage:
        for _ in themes.THEMES:
            assert all(ink_of(lines).plain == lines.rich_style for lines in stage.front.query(Lines))
            await stage.press("t")
        await stage.press("enter")
        assert all(ink_of(page).plain == page.rich_style for page in stage.front.query(Page))


async def test_the_filter_narrows_while_it_is_typed_stays_on_enter_and_goes_with_escape() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("2", "/")
        await stage.type("owner:payments env:production")
        assert {key[1] for key in shown_services(stage)} == {"production"}
        assert len(shown_services(stage)) == 5
        assert "5 of 90 shown" in stage.lines[2]
        await stage.press("enter")
        assert "5 of 90 shown   filter owner:payments env:production" in stage.lines[1]
        await stage.press("escape")
        assert len(shown_services(stage)) == 90


async def test_a_filter_has_an_end_and_letters_that_wait_filter_once() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("2", "/")
        screen = stage.front
        assert isinstance(screen, ServiceListScreen)
        kept: list[int] = []
        ordering = screen.rows.ordering
        keep = ordering.keep
        ordering.keep = lambda *given: (kept.append(1), keep(*given))[1]  # type: ignore[method-assign,func-returns-value]
        for _ in range(300):
            stage.app.post_message(events.Key("x", "x"))
        await stage.settle()
        assert screen.filter.text == "x" * 200
        assert len(kept) < 20
        stage.app.post_message(events.Paste("y" * 100_000))
        await stage.settle()
        assert len(screen.filter.text) == 200


async def test_a_word_that_is_typed_halfway_takes_nothing_away() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("2", "/")
        for typed, count in (("ledger", 3), (" !", 3), ("env:", 3), ("dev", 2)):
            await stage.type(typed)
            assert len(shown_services(stage)) == count
        assert "2 of 90 shown   filter ledger !env:dev" in stage.lines[2]


async def test_a_filter_from_the_overview_opens_the_list_of_services() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("/")
        await stage.type("vault")
        assert stage.front.name == "services"
        assert len(shown_services(stage)) == 3


async def test_only_faults_shows_what_is_not_up_and_says_so() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("o")
        assert stage.front.name == "services"
        assert len(shown_services(stage)) == 6
        assert "6 of 90 shown   only faults" in stage.lines[1]
        await stage.press("o")
        assert len(shown_services(stage)) == 90


async def test_only_faults_among_versions_keeps_what_is_up_but_off_its_target() -> None:
    async with on_stage(believable(faults=False)) as stage:
        await stage.press("3")
        assert stage.front.feed.shown is not None
        off = {
            state.key for state in stage.front.feed.shown.services if state.drift not in (Drift.CURRENT, Drift.UNKNOWN)
        }
        assert off, "the platform has rows that are up and off target"
        await stage.press("o")
        assert set(shown_services(stage)) == off


async def test_no_faults_is_good_news_and_no_match_says_how_to_go_on() -> None:
    async with on_stage(replace(believable(faults=False), hosts=())) as stage:
        await stage.press("o")
        assert "everything that was checked is up" in stage.text
        await stage.press("/")
        await stage.type("nosuchthing")
        assert "No service matches" in stage.text


async def test_enter_opens_the_detail_and_escape_comes_back_to_the_same_row() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("down", "enter")
        assert isinstance(stage.app.screen, DetailScreen)
        assert stage.app.screen.key == ("carrier-rates", "staging")
        await stage.press("escape")
        assert stage.front.name == "overview"
        lines = stage.front.query_one("#services", Lines)
        assert lines.selected is not None
        assert lines.selected.key == ("carrier-rates", "staging")


async def test_enter_on_an_alert_opens_what_it_is_about() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("4", "enter")
        assert isinstance(stage.app.screen, DetailScreen)
        assert stage.app.screen.key == ("ledger", "production")
        await stage.press("escape", "down", "down", "enter")
        assert stage.front.name == "hosts"


async def test_enter_on_a_host_lists_the_services_that_it_carries() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("2", "o", "5", "enter")
        assert stage.front.name == "services"
        assert [service for service, _ in shown_services(stage)] == ["ledger"] * 3
        await stage.press("escape", "5", "down", "enter")
        assert stage.front.name == "hosts"
        assert any("local carries no services" in said for said in stage.said)


async def test_services_sorted_by_environment_stand_in_the_order_of_promotion() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("3")
        assert isinstance(stage.front, ServiceListScreen)
        stage.front.rows.sort_by("environment", descending=False)
        places = [environment for _, environment in shown_services(stage)]
        assert list(dict.fromkeys(places)) == ["dev", "staging", "production"]


async def test_a_new_alert_never_stands_below_a_closed_one() -> None:
    before = believable()
    new = replace(before.alerts[-1], opened=NOW, closed=None)
    async with on_stage(before) as stage:
        await stage.press("4", "end", "up")
        await stage.show(replace(before, sequence=2, alerts=(*before.alerts, new)))
        signs = re.findall("^│ ([✖◐○])  ", stage.text, re.MULTILINE)
        assert "".join(signs).lstrip("✖◐").strip("○") == ""
        lines = stage.front.focused
        assert isinstance(lines, Lines)
        assert lines.selected is before.alerts[-2], "the cursor is on its row"


async def test_a_number_key_leaves_a_detail_behind() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("enter", "3")
        assert stage.front.name == "versions"
        await stage.press("1")
        assert stage.front.name == "overview"


async def test_help_closes_with_any_of_its_keys() -> None:
    for key in ("escape", "?", "q", "enter"):
        async with on_stage(believable()) as stage:
            await stage.press("?")
            assert "╭─ Keys" in stage.text
            await stage.press(key)
            assert "╭─ Keys" not in stage.text


async def test_the_help_opens_once_and_each_time_at_its_beginning() -> None:
    async with on_stage(believable(), (80, 24)) as stage:
        for _ in range(2):
            for _ in range(3):
                await stage.app.run_action("help")
            await stage.settle()
            assert len(stage.app.screen_stack) == 2
            assert "Everything at a glance" in stage.text
            await stage.press("end")
            while "Everything at a glance" in stage.text:
                await stage.pilot.pause(0.02)
            await stage.press("escape")
            assert len(stage.app.screen_stack) == 1


async def test_the_palette_finds_actions_and_services() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("ctrl+p")
        await stage.type("ledger")
        while "✖ ledger@production" not in stage.text:
            await stage.pilot.pause(0.02)
        await stage.press("down", "down", "enter")
        while not isinstance(stage.app.screen, DetailScreen):
            await stage.pilot.pause(0.02)
        assert stage.app.screen.key[0] == "ledger"


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_quitting_asks_nothing(key: str) -> None:
    async with on_stage(believable()) as stage:
        await stage.press(key)
        assert stage.app.return_value == 0


async def test_a_screen_that_was_behind_shows_what_came_meanwhile() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("2", "1")
        await stage.show(replace(believable(faults=False), sequence=5))
        await stage.press("2")
        assert "Services · 90" in stage.text
        assert "ledger            production   4/4" in stage.text


async def test_a_snapshot_under_the_help_is_drawn_on_the_screen_below() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("?")
        await stage.show(replace(believable(faults=False), sequence=5))
        assert "✖ 0 down" in stage.lines[0]


async def test_the_first_pass_is_told_until_it_is_over() -> None:
    first = believable()
    async with on_stage(replace(first, health=replace(first.health, read=34)), (200, 40)) as stage:
        assert f"first pass 34/{first.health.instances}" in stage.lines[0]
        await stage.show(replace(first, sequence=2))
        assert "first pass" not in stage.lines[0]


async def test_a_row_that_changes_its_status_is_redrawn_in_place() -> None:
    async with on_stage(believable()) as stage:
        snapshot = believable()
        rows = list(snapshot.services)
        place = next(index for index, row in enumerate(rows) if row.key == ("ledger", "production"))
        rows[place] = replace(rows[place], status=Status.UNKNOWN, since=NOW)
        await stage.show(replace(snapshot, sequence=2, services=tuple(rows)))
        assert "? unknown   ledger" in stage.lines[3]


async def test_eighty_columns_have_the_alerts_in_the_header_and_the_way_out_in_the_footer() -> None:
    async with on_stage(believable(), (80, 24)) as stage:
        for text in ("Acme Commerce", "✖ 2 down", "◐ 3 degraded", "? 1", "● 84 up", "6 alerts", "live"):
            assert text in stage.lines[0]
        for key, name in SCREENS.items():
            await stage.press(key)
            assert f"{key} {name.capitalize()}" in stage.lines[-1]
            assert "q quit" in stage.lines[-1]
            assert "  /  ?  " in stage.lines[-1], "keys that say enough without a word"
        await stage.press("2", "enter")
        assert "q quit" in stage.lines[-1]
        assert "enter" in stage.lines[-1]


@pytest.mark.parametrize("keys", [("2", "enter"), ("6",), ("1",)], ids="-".join)
async def test_a_beat_and_an_answer_that_come_while_a_screen_is_taken_down_are_no_harm(keys: tuple[str, ...]) -> None:
    async with on_stage(believable()) as stage:
        await stage.press(*keys)
        await stage.front.remove_children()
        stage.clock.at += 60.0
        stage.app.beat()
        stage.front.catch_up()
        stage.front.post_message(Answer("", HistoryError("gone")))
        await stage.settle()


async def test_a_theme_is_named_when_it_is_taken() -> None:
    async with on_stage(believable()) as stage:
        for name in ("light", "high contrast", "dark"):
            await stage.press("t")
            assert f"{name} theme" in [one.message for one in stage.app._notifications]


async def test_the_palette_says_what_can_be_found_in_it() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("ctrl+p")
        assert "Find an action or a service…" in stage.text
        opened = len(stage.app.screen_stack)
        stage.app.action_command_palette()
        await stage.settle()
        assert len(stage.app.screen_stack) == opened
