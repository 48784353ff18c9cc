"""What the lists of alerts and events say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import tzinfo

from platformpm.model.alert import Alert, standing, urgency
from platformpm.model.event import Event, EventKind
from platformpm.report import words
from platformpm.report.columns import EXTRA, Cell, Column, Piece, Table, Tone, cell
from platformpm.report.rows import LAST, nothing, text_or_nothing
from platformpm.report.spark import TONES

BAD = frozenset({EventKind.MONITOR_PAUSED, EventKind.RELOAD_FAILED})
"""Events that are bad though nothing has a status by them."""
_CLOSED = "○"


def _shade(alert: Alert, tone: Tone) -> Tone:
    return tone if alert.counts else Tone.DIM


def _state(alert: Alert, _now: float, _width: int) -> Cell:
    glyph = (words.GLYPHS[alert.severity], words.MUTED, _CLOSED)[standing(alert)]
    return cell(glyph, _shade(alert, TONES[alert.severity]))


def _title(alert: Alert, _now: float, _width: int) -> Cell:
    return cell(alert.title, _shade(alert, Tone.STRONG))


def _place(alert: Alert, _now: float, _width: int) -> Cell:
    return cell(alert.service[1], _shade(alert, Tone.PLAIN)) if alert.service else nothing()


def _environment(alert: Alert) -> str:
    return alert.service[1] if alert.service else ""


def _owner(alert: Alert) -> str:
    return alert.owner or ""


def _age(alert: Alert, now: float, _width: int) -> Cell:
    """Give how long it has been open, or how long it was."""
    if alert.closed is not None:
        return cell(words.duration(max(alert.closed - alert.opened, 0.0)), Tone.DIM)
    return cell(words.since(alert.opened, now), _shade(alert, Tone.PLAIN))


def _tier(alert: Alert, _now: float, _width: int) -> Cell:
    return nothing() if alert.tier is None else cell(str(alert.tier), _shade(alert, Tone.PLAIN))


def _below(alert: Alert) -> Cell:
    stands = ("", "muted", "closed")[standing(alert)]
    place = " · ".join(text for text in (stands, _environment(alert)) if text)
    gap = " · " if place and alert.detail else ""
    return (Piece(place + gap, Tone.DIM), Piece(alert.detail, _shade(alert, Tone.PLAIN)))


def alert_table(zone: tzinfo | None) -> Table[Alert]:
    """Give the columns of the list of alerts; times of day are in `zone`, None for the machine's own."""

    def at(seconds: float | None, now: float, width: int) -> Cell:
        return cell(words.NOTHING if seconds is None else words.moment(seconds, now, zone, width), Tone.DIM)

    def detail(alert: Alert, now: float, _width: int) -> Cell:
        texts = (words.muted(alert.muted, now, zone), alert.detail)
        return text_or_nothing(" · ".join(filter(None, texts)), _shade(alert, Tone.PLAIN))

    return Table(
        columns=(
            Column("state", "", _state, 1, order=urgency, group=standing),
            Column(
                "title", "ALERT", _title, 12, 34, measure=lambda alert: alert.title, whole=True, order=lambda alert: alert.title
            ),
            Column("environment", "ENV", _place, 7, 16, priority=2, measure=_environment, whole=True, order=_environment),
            Column("age", "FOR", _age, 4, priority=1, right=True, ages=True, order=lambda alert: -alert.opened),
            Column(
                "owner", "OWNER", lambda alert, _now, _width: text_or_nothing(alert.owner, _shade(alert, Tone.PLAIN)), 8, 16,
                priority=5, measure=_owner, whole=True, order=_owner,
            ),
            Column("tier", "TIER", _tier, 4, priority=4, right=True, order=lambda alert: alert.tier or LAST),
            Column(
                "opened", "OPENED", lambda alert, now, width: at(alert.opened, now, width), 8, 12, priority=6,
                order=lambda alert: alert.opened, descending=True,
            ),
            Column(
                "closed", "CLOSED", lambda alert, now, width: at(alert.closed, now, width), 8, 12, priority=7,
                order=lambda alert: alert.closed or 0.0, descending=True,
            ),
            Column("detail", "WHAT WAS SEEN", detail, 22, 160, priority=3),
        ),
        key=lambda alert: (alert.key, alert.opened),
        sort="state",
    )  # fmt: skip


def alert_note(alerts: Iterable[Alert]) -> str:
    """Say how many alerts are open, and how many are muted: `2 open, 1 muted`."""
    found = [standing(alert) for alert in alerts]
    opened, quiet = found.count(0), found.count(1)
    return f"{opened or 'none'} open" + (f", {quiet} muted" if quiet else "")


def alert_pane(zone: tzinfo | None) -> Table[Alert]:
    """Give the columns of the small list of alerts: where it is and what was seen stand on a second line."""
    table = alert_table(zone).only("state", "title", "age", "tier")
    return replace(table, below=_below)


def event_table(zone: tzinfo | None) -> Table[Event]:
    """Give the columns of the log of events; the rows come newest first. What happened does not repeat where."""

    def when(event: Event, now: float, width: int) -> Cell:
        return cell(words.moment(event.at, now, zone, width), Tone.DIM)

    def kind(event: Event, _now: float, _width: int) -> Cell:
        return cell(event.kind.value.replace("_", " "), Tone.DIM)

    def text(event: Event, _now: float, _width: int) -> Cell:
        told = Piece(_beside_where(event))
        if event.kind in BAD:
            return Piece("! ", Tone.DEGRADED), told
        return (told,) if event.status is None else (Piece(f"{words.GLYPHS[event.status]} ", TONES[event.status]), told)

    return Table(
        columns=(
            Column("at", "TIME", when, 12),
            Column("kind", "EVENT", kind, 14, priority=EXTRA),
            Column(
                "subject", "WHERE", lambda event, _now, _width: text_or_nothing(_where(event), Tone.STRONG), 14, 44,
                measure=_where,
            ),
            Column("text", "WHAT HAPPENED", text, 30, 200),
        ),
        key=lambda event: event,
    )  # fmt: skip


def _where(event: Event) -> str:
    """Give the service and its environment, the host, or nothing."""
    return event.subject.partition("/")[0] if "@" in event.subject else event.subject


def _beside_where(event: Event) -> str:
    """Give what happened without the name and the place that stand beside it, but with the instance."""
    name, _, place = event.subject.removeprefix("host:").partition("@")
    place, _, instance = place.partition("/")
    head, colon, rest = event.text.removeprefix(f"{name} ").partition(":")
    if head == f"{event.status} in {place}":
        head = f"{event.status}"
    return f"{head}{colon}{rest}" + (f" ({instance})" if instance else "")
