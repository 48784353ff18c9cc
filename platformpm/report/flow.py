"""Texts and labelled facts laid into lines of a given width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from platformpm.model.secret import Masker
from platformpm.report.columns import Cell, Piece, Tone
from platformpm.report.width import display_width

_GAP = "   "


class Fact(NamedTuple):
    """A value with the word that says what it is; an empty label stands for a value that speaks for itself."""

    label: str
    value: Cell


def length(drawn: Cell) -> int:
    """Give the character cells that a cell takes."""
    return sum(display_width(piece.text) for piece in drawn)


def wrap(text: str, width: int) -> list[str]:
    """Break a text between words into lines of at most `width` character cells; a longer word is broken anywhere."""
    width = max(width, 1)
    lines = [""]
    for word in text.split():
        for part in _chopped(word, width):
            joined = f"{lines[-1]} {part}" if lines[-1] else part
            if not lines[-1] or display_width(joined) <= width:
                lines[-1] = joined
            else:
                lines.append(part)
    return lines


def paragraph(label: str, text: str, width: int, tone: Tone = Tone.PLAIN) -> Iterator[Cell]:
    """Give a text under a label that stands only before its first line."""
    if not text:
        return
    for number, line in enumerate(wrap(text, max(width - len(label), 10))):
        yield Piece(label if number == 0 else " " * len(label), Tone.DIM), Piece(line, tone)


def flow(label: str, facts: Iterable[Fact], width: int) -> list[Cell]:
    """Lay facts side by side under a label, in as many lines as they need; a fact is never broken."""
    blank = " " * len(label)
    lines: list[list[Piece]] = []
    used = width
    for fact in facts:
        named = (Piece(f"{fact.label} ", Tone.DIM), *fact.value) if fact.label else fact.value
        size = length(named)
        if lines and used + len(_GAP) + size <= width:
            lines[-1] += [Piece(_GAP, Tone.DIM), *named]
            used += len(_GAP) + size
        else:
            lines.append([Piece(blank if lines else label, Tone.DIM), *named])
            used = len(label) + size
    return [tuple(line) for line in lines]


def mask_lines(lines: Iterable[Cell], mask: Masker) -> list[Cell]:
    """Give lines without the secrets of the inventory."""
    return [tuple(Piece(mask(piece.text), piece.tone) for piece in line) for line in lines]


def _chopped(word: str, width: int) -> Iterator[str]:
    part = ""
    for char in word:
        if part and display_width(part + char) > width:
            yield part
            part = ""
        part += char
    yield part
