"""Where the time went, as bars and as one line."""

import pytest

from platformpm.model.reading import Phases, Reading
from platformpm.model.status import Status
from platformpm.report.columns import Cell, Tone
from platformpm.report.phases import phase_line, waterfall
from platformpm.report.width import display_width


def reading(phases: Phases) -> Reading:
    return Reading(Status.UP, 0.0, latency=0.05, phases=phases)


def text(line: Cell) -> str:
    return "".join(piece.text for piece in line)


WHOLE = reading(Phases(dns=0.01, connect=0.01, tls=0.02, first_byte=0.05, transfer=0.01))
PLAIN = reading(Phases(connect=0.0004, first_byte=0.0451, transfer=0.0003))


def test_each_phase_has_its_line_in_the_order_it_happens() -> None:
    names = [text(line)[:12].strip() for line in waterfall(WHOLE, 80)]
    assert names == ["dns", "connect", "tls", "first byte", "transfer"]


def test_a_phase_that_did_not_happen_is_a_dash_without_a_bar() -> None:
    lines = [text(line) for line in waterfall(PLAIN, 80)]
    assert lines[0].split() == ["dns", "–"]
    assert lines[2].split() == ["tls", "–"]
    assert lines[1].split()[:3] == ["connect", "0.4", "ms"]


def test_a_bar_begins_where_the_one_before_ended() -> None:
    lines = [text(line) for line in waterfall(WHOLE, 125)]
    bars = [(line.index("━"), line.rindex("━") + 1) for line in lines]
    assert [start for start, _ in bars[1:]] == [end for _, end in bars[:-1]]
    assert [end - start for start, end in bars] == [10, 10, 21, 51, 10]


def test_the_longest_phase_stands_out() -> None:
    tones = {text(line)[:12].strip(): line[-1].tone for line in waterfall(WHOLE, 80)}
    assert [name for name, tone in tones.items() if tone is Tone.ACCENT] == ["first byte"]


def test_the_shortest_phase_can_still_be_seen() -> None:
    assert all("━" in text(line) for line in waterfall(WHOLE, 30))
    assert "━" in text(waterfall(PLAIN, 40)[1])


@pytest.mark.parametrize("width", [0, 5, 12, 23, 24, 40, 200])
@pytest.mark.parametrize("one", [WHOLE, PLAIN, reading(Phases()), reading(Phases(connect=0.0))])
def test_bars_never_run_over_the_width(one: Reading, width: int) -> None:
    assert all(display_width(text(line)) <= max(width, 23) for line in waterfall(one, width))


def test_side_by_side_they_are_all_named_in_as_few_lines_as_fit() -> None:
    wide = [text(line) for line in phase_line(PLAIN, 100)]
    assert wide == ["dns –   connect 0.4 ms   tls –   first byte 45 ms   transfer 0.3 ms"]
    narrow = [text(line) for line in phase_line(PLAIN, 50)]
    assert narrow == ["dns –   connect 0.4 ms   tls –   first byte 45 ms", "transfer 0.3 ms"]
