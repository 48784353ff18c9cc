"""The list of hosts, and what stands under it of the one under the cursor."""

from dataclasses import replace

import pytest

from platformpm.tui.widgets.page import Page
from tests.tui.stage import on_stage
from tests.tui.synthetic import believable

REFUSED = "connection refused by 10.0.2.20:9100, which is what is said where no node_exporter listens on that port"


async def test_all_that_was_seen_of_a_host_can_be_read_in_eighty_columns() -> None:
    picture = believable()
    local, db = picture.hosts
    async with on_stage(replace(picture, hosts=(local, replace(db, detail=REFUSED))), (80, 24)) as stage:
        await stage.press("5")
        assert "╭─ db-1 ─" in stage.text
        under = " ".join(line.strip("│ ") for line in stage.lines)
        assert REFUSED in under
        await stage.press("down")
        assert "╭─ local ─" in stage.text
        assert "listens on that port" not in stage.text


async def test_it_follows_what_comes_and_goes_with_the_hosts() -> None:
    picture = believable()
    async with on_stage(picture, (80, 24)) as stage:
        await stage.press("5")
        changed = tuple(replace(host, detail="seen just now") for host in picture.hosts)
        await stage.show(replace(picture, sequence=2, hosts=changed))
        assert "seen just now" in stage.text
        await stage.show(replace(picture, sequence=3, hosts=()))
        assert not stage.app.screen.query_one("#one", Page).display


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_what_the_list_leaves_of_the_screen_shows_every_measurement_of_the_host(size: tuple[int, int]) -> None:
    picture = believable()
    async with on_stage(picture, size) as stage:
        await stage.press("5")
        start = next(number for number, line in enumerate(stage.lines) if line.startswith("╭─ db-1"))
        assert start == len(picture.hosts) + 4
        under = stage.lines[start:-2]
        for label in ("cpu", "memory", "swap", "/var/lib/postgresql", "/ "):
            assert any(line.startswith(f"│ {label}") for line in under), label
        assert sum("█" in line for line in under) >= 2
        many = tuple(replace(one, host=replace(one.host, name=f"n{n}")) for n in range(40) for one in picture.hosts)
        await stage.show(replace(picture, sequence=2, hosts=many))
        one = stage.app.screen.query_one("#one", Page)
        while one.size.height != 3:
            await stage.pilot.pause(0.01)
        await stage.settle()
        assert "for 10m" in stage.lines[-5], "the list has the room where hosts are many"
