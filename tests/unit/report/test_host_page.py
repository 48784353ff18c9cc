"""All of one host: every file system, and curves that take what is left of the lines."""

from dataclasses import replace

import pytest

from platformpm.model.host import Disk
from platformpm.model.status import Reason
from platformpm.report.columns import Cell, Tone
from platformpm.report.host_page import host_page
from platformpm.report.width import display_width
from tests.tui.synthetic import NOW, host_state

DISKS = (*(Disk(f"/srv/{number}", 10.0 + number, 10 << 30, 100 << 30) for number in range(5)), Disk("/漢字" * 30, 97.0))
STATE = host_state("db-1", 34.0, 71.0, DISKS)


def said(lines: list[Cell]) -> list[str]:
    return ["".join(piece.text for piece in line) for line in lines]


@pytest.mark.parametrize("width", [20, 54, 76, 194])
def test_no_line_is_wider_than_it_may_be_and_every_file_system_is_there(width: int) -> None:
    lines = said(host_page(STATE, NOW, width, 30))
    bars = [line for line in lines if ("━" in line or "╌" in line) and not {"┤", "│"} & {*line}]
    assert len(bars) == len(DISKS) + 1
    if width >= 54:
        assert max(map(display_width, lines)) <= width
        assert any(line.startswith("/srv/4") and line.endswith("10.0 GiB of 100 GiB") for line in bars)


@pytest.mark.parametrize(("height", "rows"), [(3, 1), (20, 8), (30, 13), (90, 16)])
def test_curves_take_what_is_left_of_the_lines(height: int, rows: int) -> None:
    few = replace(STATE, reading=replace(STATE.reading, disks=DISKS[:1]))  # type: ignore[type-var]
    lines = said(host_page(replace(few, detail=""), NOW, 120, height))
    start = next(number for number, line in enumerate(lines) if line.startswith("cpu "))
    assert lines[start + rows].startswith("memory ")
    assert len(lines) == start + 2 * rows


def test_what_is_over_a_limit_has_its_colour_and_what_is_not_measured_has_no_line() -> None:
    lines = host_page(STATE, NOW, 100, 30)
    full = next(line for line in lines if line[0].text.startswith("/漢字"))
    assert {piece.tone for piece in full} == {Tone.DIM, Tone.DOWN}
    assert STATE.reading is not None
    bare = replace(STATE, reading=replace(STATE.reading, cpu_percent=None, swap_percent=None))
    assert not any(line.startswith(("cpu", "swap")) for line in said(host_page(bare, NOW, 100, 30)))


def test_a_host_that_was_not_read_says_only_how_it_is() -> None:
    assert STATE.reading is not None
    lost = replace(STATE.reading, failure=Reason.REFUSED)
    for reading in (None, lost):
        assert not any(
            "%" in line for line in said(host_page(replace(STATE, reading=reading, detail=""), NOW, 100, 30))
        )
