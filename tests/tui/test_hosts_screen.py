"""The list of hosts, and what stands under it of the one under the cursor."""

from dataclasses import replace

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
