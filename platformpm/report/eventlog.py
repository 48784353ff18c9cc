"""The log of events for those who read no screen: text, JSON lines of one document, CSV, Markdown. Newest first."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from platformpm.model.event import Event
from platformpm.report import words
from platformpm.report.fields import Say, harmless, one_line
from platformpm.report.markdown import escaped
from platformpm.report.table import TONES, Cell, Style, Tone, table

EVENTS_SCHEMA = "platformpm.events/1"
HEADINGS = ("at", "kind", "subject", "status", "text")
"""Columns of the CSV and keys of an event in JSON."""


def text(events: Iterable[Event], style: Style, zone: tzinfo | None) -> list[str]:
    """Give one line for each event; days and times of day are in `zone`, None for the machine's own."""
    return table([_cells(event, zone) for event in events], style)


def document(events: Iterable[Event], platform: str, since: float, until: float) -> dict[str, object]:
    """Give the `platformpm.events/1` document."""
    return {
        "schema": EVENTS_SCHEMA,
        "platform": platform,
        "since": words.rfc3339(since),
        "until": words.rfc3339(until),
        "events": [entry(event) for event in events],
    }


def entry(event: Event) -> dict[str, object]:
    """Give an event as it stands in the document."""
    return dict(zip(HEADINGS, _values(event), strict=True))


def line(event: Event, style: Style, *, muted: bool = False) -> str:
    """Give an event as a line of a log, with the time in UTC (RFC 3339); of what is `muted` it is no alarm."""
    glyph, tone = "-", Tone.PLAIN
    if event.status is not None:
        glyph, tone = (words.MUTED, Tone.DIM) if muted else (words.GLYPHS[event.status], TONES[event.status])
    subject = event.subject or "platformpm"
    return f"{words.rfc3339(event.at)} {style.paint(style.plain(glyph), tone)} {subject}: {style.plain(event.text)}"


def comma_separated(events: Iterable[Event], say: Say) -> str:
    """Give CSV (RFC 4180) with a line of headings; no field begins like a formula of a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    writer.writerows([harmless(one_line(value or "", say)) for value in _values(event)] for event in events)
    return out.getvalue()


def markdown(events: Iterable[Event], say: Say, zone: tzinfo | None, clock: str) -> str:
    """Give a table in GitHub Flavored Markdown; `clock` names the zone in its head."""
    lines = [f"| time ({escaped(clock)}) | where | what happened |", "| --- | --- | --- |"]
    for event in events:
        glyph = f"{words.GLYPHS[event.status]} " if event.status is not None else ""
        lines.append(
            f"| {_moment(event.at, zone)} | {escaped(one_line(event.subject, say))} | {glyph}{escaped(one_line(event.text, say))} |"
        )
    return "\n".join(lines) + "\n"


def _cells(event: Event, zone: tzinfo | None) -> Sequence[Cell]:
    glyph = words.GLYPHS[event.status] if event.status is not None else " "
    tone = TONES[event.status] if event.status is not None else Tone.PLAIN
    return (
        Cell(_moment(event.at, zone), Tone.DIM),
        Cell(glyph, tone),
        Cell(event.subject or "platformpm", Tone.STRONG),
        Cell(event.text),
    )


def _values(event: Event) -> tuple[str | None, ...]:
    status = None if event.status is None else event.status.value
    return words.rfc3339(event.at), event.kind.value, event.subject, status, event.text


def _moment(at: float, zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(at, zone).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
