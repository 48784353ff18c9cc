"""What the list of instances of a service says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from platformpm.model.reading import Reading
from platformpm.model.state import InstanceState
from platformpm.model.status import RANK, Reason, Status
from platformpm.report import words
from platformpm.report.columns import EXTRA, Cell, Column, Piece, Table, Tone, cell
from platformpm.report.rows import nothing, reason_word, status_cell
from platformpm.report.spark import TONES, latency_trend

_DAY = 86400.0
_WITH_TLS = frozenset({"https", "tls", "wss", "grpcs"})


def flags(one: InstanceState) -> list[str]:
    """Give what a person must know before they trust what is shown of an instance."""
    out = ["unverified"] if unverified(one) else []
    return out if one.reading is None or one.reading.trusted else [*out, "untrusted"]


def unverified(one: InstanceState) -> bool:
    """Tell whether any certificate is accepted of an instance."""
    checks = [check for check in (one.instance.health, one.instance.version) if check is not None]
    return one.instance.scheme in _WITH_TLS and not all(check.tls.verify for check in checks)


def telling(one: InstanceState) -> Reading | None:
    """Give the reading that explains the status: the newest where it agrees or waits to be confirmed."""
    newest = one.reading
    if one.status is Status.UP or (newest is not None and newest.status is not Status.UP):
        return newest
    return one.last_bad or newest


def certificate_cell(one: InstanceState, now: float) -> Cell:
    """Give the days that the certificate is still valid."""
    expires = one.certificate_expires
    if expires is None:
        return nothing()
    days = (expires - now) / _DAY
    if days < 0:
        return cell("expired", Tone.DOWN)
    return cell(f"{int(days)}d", Tone.DEGRADED if days < one.instance.health.certificate_days else Tone.PLAIN)


def latency_cell(one: InstanceState) -> Cell:
    """Give the latency of the newest reading, or the word for why there is none."""
    reading = one.reading
    if reading is None:
        return nothing()
    if reading.latency is not None:
        slow = reading.reason is Reason.SLOW
        return cell(words.latency(reading.latency), TONES[reading.status] if slow else Tone.PLAIN)
    outcome = words.outcome(reading.reason)
    return cell(outcome, TONES[reading.status]) if outcome else nothing()


def version_cell(one: InstanceState) -> Cell:
    """Give the observed version, or why it could not be read."""
    if one.version is not None:
        return cell(one.version)
    return nothing() if one.version_reason is None else cell(reason_word(one.version_reason), Tone.UNKNOWN)


def _seen(one: InstanceState, _now: float, _width: int) -> Cell:
    reading = telling(one)
    if reading is None:
        return cell("not read yet", Tone.DIM) if one.since is None else ()
    pieces = [Piece(f"{flag}  ", Tone.DEGRADED) for flag in flags(one)]
    if one.settled.pending and one.since is not None:
        pieces.append(Piece("to be confirmed  ", Tone.DIM))
    if reading.reason is not None:
        pieces.append(Piece(f"{reason_word(reading.reason)}  ", TONES[reading.status]))
    if reading.detail:
        pieces.append(Piece(reading.detail))
    return tuple(pieces)


def _drawn(draw: Callable[[InstanceState], Cell]) -> Callable[[InstanceState, float, int], Cell]:
    return lambda one, _now, _width: draw(one)


def _name(one: InstanceState) -> str:
    return one.key.instance


def _plain(draw: Callable[[InstanceState], Cell]) -> Callable[[InstanceState], str]:
    return lambda one: "".join(piece.text for piece in draw(one))


_INSTANCES: Table[InstanceState] = Table(
    columns=(
        Column("status", "STATUS", _drawn(lambda one: status_cell(one.status)), 10, order=lambda one: -RANK[one.status]),
        Column(
            "instance", "INSTANCE", _drawn(lambda one: cell(_name(one), Tone.STRONG)), 8, 40, measure=_name, whole=True,
            order=_name,
        ),
        Column(
            "version", "VERSION", _drawn(version_cell), 7, 24, measure=_plain(version_cell), whole=True,
            order=lambda one: one.version or "",
        ),
        Column(
            "latency", "LATENCY", _drawn(latency_cell), 9, priority=2, right=True,
            order=lambda one: (one.reading.latency if one.reading else None) or 0.0, descending=True,
        ),
        Column(
            "trend", "TREND", lambda one, _now, width: latency_trend([one.series], width), 8, 16, priority=EXTRA,
        ),
        Column(
            "since", "SINCE", lambda one, now, _width: cell(words.since(one.since, now), Tone.DIM), 5, priority=4,
            right=True, ages=True, order=lambda one: one.since or 0.0, descending=True,
        ),
        Column("attempts", "TRIES", _drawn(lambda one: cell(str(one.attempts), Tone.DIM)), 5, priority=8, right=True),
        Column(
            "certificate", "CERT", lambda one, now, _width: certificate_cell(one, now), 7, priority=7, right=True,
            ages=True, order=lambda one: one.certificate_expires or 0.0,
        ),
        Column("seen", "WHAT WAS SEEN", _seen, 13, 160, priority=1),
    ),
    key=lambda one: one.key,
)  # fmt: skip


def instance_table(instances: Iterable[InstanceState]) -> Table[InstanceState]:
    """Give the columns for these instances: those of certificates and tries only where there is something to say."""
    known = tuple(instances)
    idle = set()
    if all(one.certificate_expires is None for one in known):
        idle.add("certificate")
    if all(one.attempts <= 1 for one in known):
        idle.add("attempts")
    return _TABLES[frozenset(idle)]


_TABLES = {
    idle: replace(_INSTANCES, columns=tuple(column for column in _INSTANCES.columns if column.id not in idle))
    for idle in map(frozenset, ((), ("certificate",), ("attempts",), ("certificate", "attempts")))
}
