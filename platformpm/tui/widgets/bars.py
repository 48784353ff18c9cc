"""What the ribbons above and below every screen say."""

from __future__ import annotations

from collections.abc import Collection

from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Status
from platformpm.report import words
from platformpm.report.columns import Piece, Tone, cell
from platformpm.report.spark import TONES
from platformpm.tui.actions import Where, at_foot
from platformpm.tui.feed import Feed
from platformpm.tui.widgets.ribbon import Part

_WORST_FIRST = (Status.DOWN, Status.DEGRADED, Status.UNKNOWN, Status.UP)
_NAMESPACES = {Where.LIST: "", Where.DETAIL: "screen."}
"""Where the action of a click is looked for, when not in the app."""
_RANK = {Status.DOWN: 1, Status.DEGRADED: 2, Status.UP: 3, Status.UNKNOWN: 4}
_WORDY = 10
"""Ranks above this give way before a count loses its word; the name of the platform and the alerts after that."""
_KNOWN_BY_KEY = frozenset({"filter", "open", "help"})
"""Actions whose key alone says enough in a short footer."""


def header_parts(feed: Feed) -> list[Part]:
    """Give the parts of the header: whose platform, how it is, what time it is, whether the picture lives."""
    snapshot, pulse = feed.shown, feed.pulse()
    clock = words.clock(feed.wall, feed.zone)
    right = [
        Part("clock", cell(clock, Tone.DIM), 18, right=True),
        Part("pulse", cell(pulse.word, pulse.tone), 0, "app.freeze", right=True),
    ]
    product = Part("product", cell("platformpm", Tone.DIM), 30)
    if snapshot is None:
        return [product, Part("waiting", cell("waiting for the first readings", Tone.DIM), 3), *right]
    platform = Part("platform", cell(snapshot.inventory.platform.name, Tone.STRONG), 9)
    return [product, platform, *count_parts(snapshot).values(), *_extras(snapshot), *right]


def count_parts(snapshot: PlatformSnapshot) -> dict[Status, Part]:
    """Give one part for each status, worst first: glyph, colour, number and word."""
    counts = {
        Status.UP: snapshot.counts.up,
        Status.DEGRADED: snapshot.counts.degraded,
        Status.DOWN: snapshot.counts.down,
        Status.UNKNOWN: snapshot.counts.unknown,
    }
    parts = {}
    for status in _WORST_FIRST:
        tone, short = TONES[status] if counts[status] else Tone.DIM, f"{words.GLYPHS[status]} {counts[status]}"
        parts[status] = Part(
            f"count-{status}", cell(f"{short} {status}", tone), _RANK[status],
            short=() if status is Status.DOWN else cell(short, tone), wordy=_WORDY + _RANK[status],
        )  # fmt: skip
    return parts


def _extras(snapshot: PlatformSnapshot) -> list[Part]:
    opened = sum(alert.counts for alert in snapshot.alerts)
    quiet = snapshot.counts.muted + sum(host.muted is not None for host in snapshot.hosts)
    parts = []
    if opened:
        parts.append(
            Part("alerts", cell(f"{opened} alert{'s' if opened > 1 else ''}", Tone.STRONG), 8, "app.go('alerts')")
        )
    if quiet:
        parts.append(Part("muted", cell(f"{words.MUTED} {quiet} muted", Tone.DIM), 19, "app.go('alerts')"))
    health = snapshot.health
    if health.read < health.instances:
        parts.append(Part("pass", cell(f"first pass {health.read}/{health.instances}", Tone.ACCENT), 20))
    return parts


def footer_parts(present: str, idle: Collection[str] = ()) -> list[Part]:
    """Give the parts of the footer; `present` is the id of the screen that is open, `idle` what does nothing there."""
    parts = []
    for action in at_foot(present, idle):
        here = action.id == present
        key = Piece(action.shown, Tone.STRONG if here else Tone.ACCENT)
        label = Piece(f" {action.label}", Tone.STRONG if here else Tone.DIM)
        run, rank = f"{_NAMESPACES.get(action.where, 'app.')}{action.run}", action.footer or 0
        if action.id in _KNOWN_BY_KEY:
            parts.append(Part(action.id, (key, label), rank, run, short=(key,), wordy=3))
        elif action.run.startswith("go(") and not here:
            parts.append(Part(action.id, (key, label), rank, run, short=(key,), wordy=rank + 1))
        else:
            parts.append(Part(action.id, (key, label), rank, run))
    return parts
