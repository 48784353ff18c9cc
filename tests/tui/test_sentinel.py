"""A hostile text in every field goes through every screen: nothing is obeyed, nothing breaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from platformpm.model.alert import Alert, AlertKey, AlertKind
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event, EventKind
from platformpm.model.host import Disk
from platformpm.model.inventory import Environment, Service, Team
from platformpm.model.reading import Reading
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Reason, Status
from platformpm.tui.screens.lists import ServiceListScreen
from platformpm.tui.widgets.entry import FilterEntry
from tests.tui.stage import Stage, on_stage
from tests.tui.synthetic import NOW, believable, host_state, service_state

if TYPE_CHECKING:
    from textual.strip import Strip

PAYLOADS = {
    "markup": "x[/]",
    "action": "[@click=app.quit]x[/]",
    "link": "[link=https://evil.example]x[/link] [bold",
    "escape": "\x1b[2J\x1b[31mx",
    "clipboard": "\x1b]52;c;ZXZpbA==\x07x",
    "c1": "\x9b31mx\x90x\x9c\x85",
    "nul": "a\x00b\x07\x08\x7f",
    "lines": "a\nb\r\nc\td\u2028e",
    "bidi": "\u202eabc\u2066def\u2069\u200b",
    "wide": "検査服务👩‍👩‍👧ＡＢ",
    "combining": "e" + "\u0301" * 500 + "\u0e33",
    "long": "x[/]" * 400,
    "surrogate": "a\udcffb\ufffe\ue000",
    "empty": "",
    "dollar": "$error ${x} %s {0} \\[x]",
}


def poisoned(text: str) -> PlatformSnapshot:
    """Give a snapshot with `text` wherever a text can stand, as if nothing had ever cleaned it."""
    base = believable()
    rows = []
    for number, state in enumerate(base.services[:12]):
        name = text if number < 3 else f"{text}{number}"
        environment = Environment(text if number % 2 else "production", text)
        service = Service(
            name, text, text, text, number % 3 + 1, depends_on=(text,), runbook=text, links={text: text}, tags=(text,),
            instances=state.service.instances, target={environment.name: f"2{text}"},
        )  # fmt: skip
        instances = []
        for one in state.instances:
            bad = Reading(Status.DOWN, NOW, Reason.STATUS, text, 0.1, dialect=text, failing_components=(text, text),
                          version=text, version_source=text)  # fmt: skip
            key = InstanceKey(name, environment.name, text or one.key.instance)
            instance = replace(one.instance, key=key, url=f"http://h/{text}", health_url=f"http://h/{text}")
            instances.append(replace(one, instance=instance, reading=bad, last_bad=bad, version=text or None,
                                     version_source=text, version_detail=text))  # fmt: skip
        rows.append(replace(service_state(service, environment, tuple(instances)), status=state.status))
    host = host_state("local", 99.0, 99.0, (Disk(text, 99.0), Disk(f"/{text}", 3.0)))
    hosts = (replace(host, host=replace(host.host, name=text, title=text), detail=text, status=Status.DOWN),)
    alerts = (
        Alert(AlertKey(AlertKind.SERVICE_DOWN, text), Status.DOWN, text, text, NOW, tier=1, service=rows[0].key),
        Alert(AlertKey(AlertKind.HOST_LIMIT, text), Status.DEGRADED, text, text, NOW - 9, NOW - 3),
    )
    events = (Event(NOW, EventKind.STATUS, text, text, Status.DOWN), Event(NOW, EventKind.RELOADED, text, text))
    inventory = replace(
        base.inventory,
        platform=replace(base.inventory.platform, name=text),
        teams={text: Team(text, text, text, text)},
        services=tuple(row.service for row in rows),
    )
    return replace(
        base, inventory=inventory, services=tuple(rows), hosts=hosts, alerts=alerts, events=events, notice=text or "x"
    )


def assert_harmless(strips: Iterable[Strip], width: int) -> None:
    for strip in strips:
        assert strip.text.isprintable(), repr(strip.text)
        assert cell_len(strip.text) == width
        for segment in strip:
            assert not segment.control
            assert segment.style is None or not any("click" in key for key in segment.style.meta)
            assert segment.style is None or segment.style.link is None


async def assert_stage_harmless(stage: Stage, width: int) -> None:
    await stage.settle()
    assert_harmless(stage.app.screen._compositor.render_strips(), width)
    assert stage.app.is_running
    assert stage.app._exception is None


@pytest.mark.parametrize("key", ["1", "2", "3", "4", "5", "6"])
@pytest.mark.parametrize("size", [(200, 50), (80, 24)], ids=["wide", "narrow"])
async def test_no_text_from_outside_is_obeyed_on_any_screen(key: str, size: tuple[int, int]) -> None:
    async with on_stage(believable(), size) as stage:
        await stage.press(key)
        for number, text in enumerate(PAYLOADS.values()):
            await stage.show(replace(poisoned(text), sequence=number + 2))
            await assert_stage_harmless(stage, size[0])
            await stage.press("tab")
            await assert_stage_harmless(stage, size[0])


async def test_no_text_from_outside_is_obeyed_in_the_detail_of_a_service() -> None:
    async with on_stage(believable(), (120, 40)) as stage:
        for number, text in enumerate(PAYLOADS.values()):
            await stage.show(replace(poisoned(text), sequence=number + 2))
            await stage.press("enter")
            await assert_stage_harmless(stage, 120)
            await stage.press("r", "escape")
            await assert_stage_harmless(stage, 120)


async def test_a_cramped_terminal_is_as_safe_as_a_large_one() -> None:
    async with on_stage(poisoned("\x1b[2J[@click=app.quit]x[/]"), (30, 10)) as stage:
        await assert_stage_harmless(stage, 30)


@pytest.mark.parametrize("name", ["markup", "escape", "wide", "long"])
async def test_the_palette_offers_a_hostile_name_without_obeying_it(name: str) -> None:
    async with on_stage(poisoned(f"zq{PAYLOADS[name]}"), (120, 40)) as stage:
        await stage.press("ctrl+p")
        await stage.type("zq")
        while "zq" not in "".join(stage.lines[5:]):
            await stage.pilot.pause(0.02)
        await assert_stage_harmless(stage, 120)


async def test_a_pasted_filter_is_text_and_nothing_else() -> None:
    async with on_stage(believable(), (120, 40)) as stage:
        await stage.press("2", "/")
        assert isinstance(stage.front, ServiceListScreen)
        entry = stage.app.focused
        assert isinstance(entry, FilterEntry)
        for text in PAYLOADS.values():
            entry.value = text
            await assert_stage_harmless(stage, 120)
            assert stage.front.filter.text.isprintable()


async def test_a_message_in_passing_is_plain_text() -> None:
    async with on_stage(believable(), (120, 40)) as stage:
        for text in PAYLOADS.values():
            stage.app.say(text)
        await assert_stage_harmless(stage, 120)
