"""Muting by key: it asks how long and why, shows what is muted apart, and counts it nowhere."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest

from platformpm.engine.once import with_silences
from platformpm.errors import UsageError
from platformpm.model.silence import Muted
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.tui.screens.mute import Answer, MuteScreen, answer_of
from tests.tui.stage import Stage, on_stage
from tests.tui.synthetic import NOW, believable

LEDGER, DB = "ledger@production", "host:db-1"
PATIENCE = 60.0
DEPLOY = Muted(NOW + 3600, "deploy \x1b[31m[/]2.5", "a1b2")


def quiet(*subjects: str) -> PlatformSnapshot:
    return with_silences(believable(), dict.fromkeys(subjects, DEPLOY))


async def told(stage: Stage, text: str) -> None:
    """Wait until something was said in passing, by a thread that no message tells of."""
    ends = time.monotonic() + PATIENCE
    while not any(text in said for said in stage.said):
        assert time.monotonic() < ends, stage.said
        await stage.pilot.pause(0.01)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1h ", Answer(3600.0, "")),
        ("2h deploy of 2.5", Answer(7200.0, "deploy of 2.5")),
        ("  90m   night  ", Answer(5400.0, "night")),
        ("deploy", Answer(3600.0, "deploy")),
        ("", Answer(3600.0, "")),
        ("2.5 is coming", None),
        ("0s", None),
        ("9999999999d", None),
    ],
)
def test_what_is_typed_is_a_time_and_a_reason(text: str, answer: Answer | None) -> None:
    assert answer_of(text) == answer


async def test_the_selected_service_is_muted_for_as_long_as_was_said() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("2", "m")
        assert isinstance(stage.app.screen, MuteScreen)
        assert "Mute ledger@production" in stage.text
        await stage.type("2h deploy")
        await stage.press("enter")
        await told(stage, "ledger@production is muted for 2h")
        assert stage.session.muted == [((LEDGER,), NOW + 7200, "deploy")]


async def test_a_time_that_is_none_is_said_and_asked_for_again() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("2", "m")
        await stage.type("2.5")
        await stage.press("enter")
        assert "'2.5' is not a time such as 30m, 2h or 1d" in stage.text
        await stage.press("escape")
        assert stage.app.screen is stage.front
        assert stage.session.muted == []


async def test_keys_of_the_screen_below_are_letters_in_the_question() -> None:
    async with on_stage(believable()) as stage:
        await stage.press("2", "m")
        await stage.type("q1t/m")
        assert isinstance(stage.app.screen, MuteScreen)
        await stage.press("enter")
        await told(stage, "muted for 1h")
        assert [reason for _, _, reason in stage.session.muted] == ["q1t/m"]


@pytest.mark.parametrize(
    ("keys", "subject"),
    [
        (["2"], LEDGER),
        (["4"], LEDGER),
        (["5"], DB),
        (["2", "enter"], LEDGER),
    ],
)
async def test_what_is_muted_is_unmuted_by_the_same_key(keys: list[str], subject: str) -> None:
    async with on_stage(believable()) as stage:
        await stage.press(*keys)
        await stage.press("m")
        assert f"Mute {subject}" in stage.text
        await stage.press("escape")
        shown = quiet(subject)
        await stage.show(replace(shown, sequence=2, alerts=tuple(one for one in shown.alerts if one.muted)))
        await stage.press("m")
        await told(stage, f"{subject} is no longer muted")
        assert stage.session.unmuted == [(subject,)]


async def test_what_went_wrong_is_said() -> None:
    async with on_stage(believable()) as stage:
        stage.session.refusal = UsageError("mutes.json cannot be written: read-only file system")
        await stage.press("2", "m", "enter")
        await told(stage, "mutes.json cannot be written: read-only file system")


async def test_where_nothing_is_selected_it_says_what_to_do() -> None:
    async with on_stage(None) as stage:
        await stage.press("m")
        await told(stage, "select a service")


async def test_what_is_muted_is_shown_apart_and_counts_nowhere() -> None:
    before = believable()
    async with on_stage(before) as stage:
        opened = sum(alert.counts for alert in before.alerts)
        assert f"{opened} alerts" in stage.text
        await stage.show(replace(quiet(LEDGER, DB), sequence=2))
        assert f"{opened - 2} alerts" in stage.text
        assert f"✖ {before.counts.down - 1} down" in stage.text
        assert "⊘ 2 muted" in stage.lines[0], "a service and a host"
        assert f"Alerts · {opened - 2} open, 2 muted" in stage.text
        assert "1 muted" in next(line for line in stage.lines if "Hosts ·" in line)
        await stage.press("4")
        rows = [line for line in stage.lines if "⊘" in line and "muted until 16:02:11: deploy" in line]
        assert len(rows) == 2
        places = [number for number, line in enumerate(stage.lines) if re.search("[◐✖⊘○]  ", line)]
        signs = re.findall("[◐✖⊘○](?=  )", "".join(stage.lines[place] for place in places))
        assert "".join(signs).rstrip("○").endswith("⊘⊘")
        assert "\x1b[31m" not in stage.text


async def test_a_muted_row_stands_behind_all_faults_and_is_none() -> None:
    async with on_stage(quiet(LEDGER)) as stage:
        await stage.press("2")
        statuses = [line[2:4] for line in stage.lines if re.match("│ [●◐✖?⊘] ", line)]
        assert "⊘ " in statuses
        assert set(statuses[statuses.index("⊘ ") + 1 :]) == {"● "}
        assert "muted: deploy" in stage.text
        await stage.press("o")
        assert not any(line.startswith("│ ⊘") for line in stage.lines)


async def test_the_detail_says_until_when_and_why() -> None:
    async with on_stage(quiet(LEDGER), (80, 24)) as stage:
        await stage.press("2")
        await stage.press("/")
        await stage.type(LEDGER)
        await stage.press("enter", "enter")
        assert "⊘ down   ledger@production" in stage.text
        assert re.search("muted +until 16:02:11: deploy", stage.text)


async def test_where_all_faults_are_muted_it_does_not_say_that_all_is_up() -> None:
    every = believable()
    muted = quiet(*("@".join(row.key) for row in every.services), "host:local", "host:db-1")
    async with on_stage(muted) as stage:
        await stage.press("2", "o")
        assert "No faults but those that are muted" in stage.text
