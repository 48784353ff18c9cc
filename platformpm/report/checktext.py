"""The text of `check`: problems first, then what is off target, then hosts, then one line that says it all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from platformpm.model.cause import counted
from platformpm.model.reading import Reading
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import HostState, InstanceState, ServiceState
from platformpm.model.status import RANK, Reason, Status
from platformpm.model.text import display_url, safe_text
from platformpm.model.version import Drift
from platformpm.model.zone import zone_of
from platformpm.report import words
from platformpm.report.documents import verdict_on
from platformpm.report.instances import unverified
from platformpm.report.rows import drifting_in, is_drifting, urgency
from platformpm.report.table import STATUS_OF, TONES, Cell, Style, Tone, status_cell, table
from platformpm.report.width import fit

NOTHING_TO_ASK = "nothing to ask: what was selected has no instances and is not this machine"
_INDENT = "    "
_SEPARATOR = " · "
_VERSION = 40
"""Columns of what runs, and of a target: as many as a whole commit has."""
_State = TypeVar("_State", ServiceState, HostState)


@dataclass(frozen=True, slots=True)
class Detail:
    """How much to show: `everything` also what is up; the text of `verbose` as well, and how each one answered."""

    everything: bool = False
    verbose: bool = False


def check_text(snapshot: PlatformSnapshot, style: Style, detail: Detail, took: float) -> str:
    """Give the whole text, lines ended; `took` is how many seconds the pass lasted."""
    if detail.verbose:
        detail = replace(detail, everything=True)
    services = worst_first(snapshot.services, detail)
    hosts = worst_first(snapshot.hosts, detail)
    lines = list(_services(services, snapshot, style, detail))
    if hosts:
        lines += ["", *table([_host_row(state, snapshot) for state in hosts], style)]
    lines += ["", _summary(snapshot, style, took)]
    return "\n".join(lines).lstrip("\n") + "\n"


def worst_first(states: Iterable[_State], detail: Detail) -> list[_State]:
    """Give what is shown of services or hosts: problems first, muted ones after them, then what is off its target.

    The rest of what is up only on demand.
    """
    shown = [state for state in states if detail.everything or state.status is not Status.UP or _drifts(state)]
    return sorted(shown, key=_urgency)


def muted_words(state: ServiceState | HostState, snapshot: PlatformSnapshot, *, dated: bool = False) -> str:
    """Say until when the alerts of a service or host are held back, and why, in the time of the platform."""
    return words.muted(state.muted, snapshot.at, zone_of(snapshot.inventory.platform.timezone), dated=dated)


def why(reason: Reason | None, detail: str) -> str:
    """Give a reason and what was seen as one text, empty without either."""
    return ": ".join(text for text in (str(reason) if reason else "", detail) if text)


def _urgency(state: ServiceState | HostState) -> tuple[float, ...]:
    muted = state.status is not Status.UP and state.muted is not None
    return urgency(state) if isinstance(state, ServiceState) else (muted, -RANK[state.status])


def _drifts(state: ServiceState | HostState) -> bool:
    return isinstance(state, ServiceState) and is_drifting(state)


def _services(
    states: Sequence[ServiceState], snapshot: PlatformSnapshot, style: Style, detail: Detail
) -> Iterator[str]:
    """Give a line for each service, followed by those of its instances."""
    if not states:
        return
    heads = table([_service_row(state, snapshot) for state in states], style)
    shown = [_shown(state, detail) for state in states]
    rows = [
        _instance_row(instance, told=_agree(state), of=state)
        for state, some in zip(states, shown, strict=True)
        for instance in some
    ]
    lines = iter(table(rows, style, _INDENT))
    for state, head, some in zip(states, heads, shown, strict=True):
        yield head
        for instance in some:
            yield next(lines)
            if detail.verbose:
                yield from _more(instance, style)
        left = len(state.instances) - len(some)
        if left and some:
            yield style.paint(style.plain(f"{_INDENT}{words.GLYPHS[Status.UP]} and {left} more up"), Tone.DIM)


def _shown(state: ServiceState, detail: Detail) -> list[InstanceState]:
    return [instance for instance in state.instances if detail.everything or instance.status is not Status.UP]


def _service_row(state: ServiceState, snapshot: PlatformSnapshot) -> list[Cell]:
    name, environment = state.key
    return [
        status_cell(state.status, muted=state.muted is not None),
        Cell(f"{name}@{environment}", Tone.STRONG),
        Cell(f"{state.serving}/{len(state.instances)} serving", Tone.DIM),
        Cell(version_words(state)),
        Cell(_SEPARATOR.join(filter(None, (muted_words(state, snapshot), why_service(state))))),
    ]


def version_words(state: ServiceState) -> str:
    """Give what runs, and the target where it is another: `2.4.1`, `2.4.1 (behind, target 2.5.0)`.

    Where instances differ all are counted: `2.4.1 ×2, 2.5.0 ×1 (mixed)`. One long version must not widen every row.
    """
    seen = state.version or ", ".join(f"{version} ×{count}" for version, count in state.versions.items())
    seen = fit(seen, _VERSION)
    if state.target is None:
        return f"{seen} ({Drift.MIXED})" if state.version is None and state.versions else seen
    if state.drift is Drift.CURRENT:
        return seen
    target = f"target {fit(state.target, _VERSION)}"
    if state.drift is Drift.UNKNOWN:
        return f"{seen or words.NOTHING} ({target})"
    return f"{seen} ({state.drift}, {target})"


def why_service(state: ServiceState) -> str:
    """Give what is wrong with the worst instance and with how many it is, empty when all are up."""
    bad = [i for i in state.instances if i.status is not Status.UP]
    if not bad:
        return ""
    return why_instance(max(bad, key=lambda instance: RANK[instance.status])) + counted(state)


def why_instance(state: InstanceState) -> str:
    """Give what the newest reading says is wrong."""
    reading = state.reading
    return why(reading.reason, reading.detail) if reading is not None else "not read yet"


def _agree(state: ServiceState) -> bool:
    """Tell whether the line of the service already says what is wrong with each of its instances."""
    return len({why_instance(instance) for instance in state.instances if instance.status is not Status.UP}) == 1


def _instance_row(state: InstanceState, *, told: bool, of: ServiceState) -> list[Cell]:
    """Give the cells of an instance: its version only where the line of the service does not say it for all."""
    reading = state.reading
    seen = "" if told or state.status is Status.UP else why_instance(state)
    if state.version is None:
        seen = "  ".join(text for text in (seen, _no_version(state)) if text)
    return [
        status_cell(state.status, muted=of.muted is not None),
        Cell(state.key.instance),
        Cell(fit(state.version or "", _VERSION) if of.version is None else ""),
        Cell(words.latency(reading.latency if reading else None), Tone.DIM, right=True),
        Cell(display_url(state.instance.health_url), Tone.DIM),
        Cell("  ".join(text for text in ("unverified" if unverified(state) else "", seen) if text)),
    ]


def _more(state: InstanceState, style: Style) -> Iterator[str]:
    """Give the line of `-v`: how the instance answered."""
    yield style.paint(style.plain(_INDENT * 2 + " · ".join(answer_words(state))), Tone.DIM)


def answer_words(state: InstanceState) -> list[str]:
    """Give how the instance answered, a fact each: what was seen of an up one, phases, dialect, version and more."""
    reading = state.reading
    facts = [f"{state.attempts} attempts" if state.attempts != 1 else "1 attempt"]
    if reading is not None:
        facts += _facts(reading)
    if state.version is not None:
        facts.append(f"version {state.version}" + (f" from {state.version_source}" if state.version_source else ""))
    elif lost := _no_version(state):
        facts.append(lost)
    return facts


def _no_version(state: InstanceState) -> str:
    """Say why a version check found none; empty without one, and where it is why the instance is not up."""
    if state.version_reason is None:
        return ""
    lost = why(state.version_reason, state.version_detail)
    return "" if state.status is not Status.UP and lost == why_instance(state) else f"no version: {lost}"


def _facts(reading: Reading) -> Iterator[str]:
    if reading.status is Status.UP and reading.detail:
        yield reading.detail
    yield from phase_words(reading)
    if reading.dialect:
        yield f"dialect {reading.dialect}"
    if reading.failing_components:
        yield f"failing {words.failing(reading)}"
    if (expires := words.rfc3339(reading.certificate_expires)) is not None:
        yield f"certificate until {expires[:10]}"
    if not reading.trusted:
        yield "not trusted: this machine stalled"


def phase_words(reading: Reading) -> Iterator[str]:
    """Give each phase that happened: `connect 0.4 ms`."""
    phases = reading.phases
    named = (
        ("dns", phases.dns),
        ("connect", phases.connect),
        ("tls", phases.tls),
        ("first byte", phases.first_byte),
        ("transfer", phases.transfer),
    )
    return (f"{name} {words.latency(seconds)}" for name, seconds in named if seconds is not None)


def _host_row(state: HostState, snapshot: PlatformSnapshot) -> list[Cell]:
    reading = state.reading
    fullest = max(reading.disks, key=lambda disk: disk.percent, default=None) if reading else None
    seen = (muted_words(state, snapshot), why(state.reason, state.detail))
    return [
        status_cell(state.status, muted=state.muted is not None),
        Cell(f"host {state.host.name}", Tone.STRONG),
        Cell(f"cpu {words.percent(reading.cpu_percent if reading else None)}"),
        Cell(f"memory {words.percent(reading.memory_percent if reading else None)}"),
        Cell(f"disk {fullest.mount} {words.percent(fullest.percent)}" if fullest else ""),
        Cell(f"load {reading.load[0]:.2f}" if reading and reading.load else ""),
        Cell(_SEPARATOR.join(filter(None, seen))),
    ]


def _summary(snapshot: PlatformSnapshot, style: Style, took: float) -> str:
    """Give the last line: `✖ critical · Acme · 40 up, 1 degraded, 1 down, 0 unknown · hosts: 1 up · 1.3 s`."""
    verdict = verdict_on(snapshot)
    status = STATUS_OF[verdict]
    parts = [
        style.paint(style.plain(f"{words.GLYPHS[status]} {verdict}"), TONES[status]),
        safe_text(snapshot.inventory.platform.name),
    ]
    parts += tallies(snapshot)
    parts.append(f"{took:.1f} s")
    return style.plain(_SEPARATOR).join(parts)


def tallies(snapshot: PlatformSnapshot, off: int | None = None) -> list[str]:
    """Give the counts: `40 up, 1 degraded, 1 down, 0 unknown`, `2 muted, not counted`, `3 off target`, `hosts: …`.

    `off` counts the rows that are off target, None for all of them.
    """
    counts = snapshot.counts
    parts = []
    if snapshot.services:
        parts.append(f"{counts.up} up, {counts.degraded} degraded, {counts.down} down, {counts.unknown} unknown")
    if counts.muted:
        parts.append(f"{counts.muted} muted, not counted")
    if off := drifting_in(snapshot.services) if off is None else off:
        parts.append(f"{off} off target")
    if snapshot.hosts:
        quiet = sum(state.muted is not None for state in snapshot.hosts)
        tally = _tally(state.status for state in snapshot.hosts if state.muted is None)
        parts.append("hosts: " + ", ".join(filter(None, (tally, f"{quiet} muted, not counted" if quiet else ""))))
    if not (snapshot.services or snapshot.hosts):
        parts.append(NOTHING_TO_ASK)
    return parts


def _tally(statuses: Iterable[Status]) -> str:
    found = list(statuses)
    counted = ((status, found.count(status)) for status in (Status.UP, Status.DEGRADED, Status.DOWN, Status.UNKNOWN))
    return ", ".join(f"{count} {status}" for status, count in counted if count)
