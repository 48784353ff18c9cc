import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from platformpm.model.status import Status
from platformpm.model.text import safe_text
from platformpm.report.table import Cell, Style, Tone, status_cell, table
from platformpm.report.width import display_width, fit, pad

WIDTHS = [
    ("", 0),
    ("plain", 5),
    ("注文", 4),
    ("ﾊﾝｶｸ", 4),
    ("Ｗ", 2),
    ("e\N{COMBINING ACUTE ACCENT}", 1),
    ("a\N{ZERO WIDTH JOINER}b", 2),
    ("🚀", 2),
    ("●◐✖", 3),
]


@pytest.mark.parametrize(("text", "columns"), WIDTHS)
def test_a_text_is_as_wide_as_a_terminal_draws_it(text: str, columns: int) -> None:
    assert display_width(text) == columns


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("checkout", 8, "checkout"),
        ("checkout", 5, "chec…"),
        ("注文サービス", 6, "注文…"),
        ("注文サービス", 7, "注文サ…"),
        ("注文", 1, "…"),
        ("注文", 0, ""),
    ],
)
def test_what_is_cut_says_so_and_never_halves_a_wide_character(text: str, columns: int, expected: str) -> None:
    assert fit(text, columns) == expected


@given(st.text(), st.integers(min_value=0, max_value=40))
def test_a_fitted_text_never_takes_more_than_it_is_given(text: str, columns: int) -> None:
    fitted = fit(text, columns)
    assert display_width(fitted) <= columns
    assert fitted == text or display_width(text) > columns


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])), st.integers(min_value=0, max_value=60))
def test_a_padded_text_takes_exactly_its_columns_or_its_own_width(text: str, columns: int) -> None:
    for right in (False, True):
        assert display_width(pad(text, columns, right=right)) == max(columns, display_width(text))


@given(st.characters())
def test_every_code_point_has_a_width(char: str) -> None:
    width = display_width(char)
    assert width in (0, 1, 2)
    assert (width == 2) <= (unicodedata.east_asian_width(char) in "WF")


def test_columns_are_aligned_behind_wide_characters() -> None:
    lines = table([[Cell("注文"), Cell("1")], [Cell("catalog"), Cell("2")]], Style())
    assert lines == ["注文     1", "catalog  2"]


def test_numbers_stand_to_the_right_and_an_empty_column_is_left_out() -> None:
    rows = [
        [Cell("a"), Cell(""), Cell("5 ms", right=True), Cell("x")],
        [Cell("b"), Cell(""), Cell("812 ms", right=True), Cell("")],
    ]
    assert table(rows, Style(), "  ") == ["  a    5 ms  x", "  b  812 ms"]


def test_no_cell_can_speak_to_the_terminal() -> None:
    (line,) = table([[Cell("a\x1b[2Jb\nc"), Cell("\x9b31m\N{RIGHT-TO-LEFT OVERRIDE}")]], Style(colour=True))
    assert line == "a\N{REPLACEMENT CHARACTER}[2Jb c  \N{REPLACEMENT CHARACTER}31m\N{REPLACEMENT CHARACTER}"


def test_no_rows_give_no_lines() -> None:
    assert table([], Style()) == []


def test_colour_surrounds_the_text_and_not_the_blanks() -> None:
    rows = [[Cell("up", Tone.GOOD), Cell("x")], [Cell("longer"), Cell("y")]]
    assert table(rows, Style(colour=True))[0] == "\x1b[32mup\x1b[0m      x"


def test_without_colour_no_escape_sequence_is_written() -> None:
    assert "\x1b" not in "".join(table([[status_cell(status) for status in Status]], Style(colour=False)))


def test_in_ascii_every_glyph_of_ours_has_a_stand_in() -> None:
    cells = [[*map(status_cell, Status), Cell("– … · • × → █ ▏")]]
    (line,) = table(cells, Style(unicode=False))
    assert line.isascii()
    assert line.startswith("+ up  ? unknown  ~ degraded  x down")


def test_every_code_point_that_is_let_through_is_as_wide_as_the_screens_take_it_to_be() -> None:
    for code in range(sys.maxunicode + 1):
        shown = safe_text(f"a{chr(code)}b")
        assert display_width(shown) == cell_len(shown), hex(code)


ODD = st.sampled_from("\ufe0f\u200d\u20e3\u1100\u1161\u11a8\u0903\u0301\u3164👩🏽❤☰🇩🇪#漢ﾊ \u00ad\u202e")


@given(st.text(ODD | st.characters()))
def test_every_text_that_is_let_through_is_as_wide_as_the_screens_take_it_to_be(text: str) -> None:
    shown = safe_text(text)
    assert display_width(shown) == cell_len(shown)
    assert shown == safe_text(shown)
