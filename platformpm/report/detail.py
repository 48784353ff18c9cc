"""What the detail of a service says, as lines: its head, and one instance of it with chart, phases and facts."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from platformpm.model.cause import counted
from platformpm.model.filling import filled
from platformpm.model.heartbeat import SCHEME, span
from platformpm.model.inventory import Inventory, Team
from platformpm.model.reading import NO_PHASES, Reading
from platformpm.model.state import HostState, InstanceState, ServiceState
from platformpm.model.status import Status
from platformpm.model.text import display_url
from platformpm.report import uptimes, words
from platformpm.report.carriers import ailing, carriers_of, facts
from platformpm.report.columns import Cell, Piece, Tone, cell
from platformpm.report.curves import Past, curve
from platformpm.report.flow import Fact, flow, length, mask_lines, paragraph
from platformpm.report.hints import hint
from platformpm.report.instances import certificate_cell, flags, telling
from platformpm.report.phases import phase_line, waterfall
from platformpm.report.programs import amount
from platformpm.report.rows import drift_cell, fault_of, reason_word, status_cell, version_cell
from platformpm.report.spark import TONES
from platformpm.report.version_hints import NO_ANSWER, is_answered, where_to_ask
from platformpm.report.width import display_width, fit

_BESIDE_VERSIONS = len("target ") + 3 * len("   ")
"""Cells of a line that stand between versions, their drift, and how many are on target."""
_LABEL = 10
_SHORT_HEAD = 5
"""Lines up to which each row of the head is one line: what does not fit gives way to the next row."""
_CHART = (6, 18)
"""Fewest and most lines of a chart."""
_ROOMY = 26
"""Lines from which phases are drawn as bars."""
_CRAMPED = 16
"""Lines below which advice stands last and the chart takes what is in sight."""


@dataclass(frozen=True, slots=True)
class View:
    """From where things are looked at: the wall time of now, the time zone, what was declared, how the hosts are."""

    now: float
    zone: tzinfo | None
    inventory: Inventory
    hosts: tuple[HostState, ...] = ()


def head_lines(state: ServiceState, view: View, width: int, most: int) -> list[Cell]:
    """Say what the service is and how it stands, most important first, in at most `most` lines."""
    short = None if most > _SHORT_HEAD else 1
    why = [*_why(state, 1000 if short else width)]
    spared = short is not None and bool(why)  # the runbook is worth more now than the record, and than what is well
    carriers = carriers_of(state.service.name, view.hosts)
    machines = flow(_label("runs on"), facts(carriers), width)[:short]
    lines = [
        _title(state, view, width),
        *paragraph(_label("muted"), _muted(state, view), width, Tone.DIM),
        *why,
        *(machines if ailing(carriers) else ()),
        *flow(_label("version"), _versions(state, view, width if short else 1000), width)[:short],
        *flow(_label("team"), _people(state, view), width)[:short],
        *(() if ailing(carriers) or spared else machines),
        *(flow(_label("uptime"), uptimes.facts(state), width)[:short] if state.uptimes and not spared else ()),
        *flow(_label("links"), _links(state), width),
    ]
    return mask_lines(lines[:most], view.inventory.mask)


def instance_lines(one: InstanceState, view: View, width: int, height: int, past: Past | None = None) -> list[Cell]:
    """Say everything about one instance; the chart takes what `height` leaves of the rest.

    With `past` it is of that stretch of time, otherwise of this run.
    """
    reading = one.reading
    if reading is None:
        return mask_lines([*_unread(one, view, width), (), *_facts(one, view, width)], view.inventory.mask)
    roomy = height >= _ROOMY
    advice = list(paragraph("", hint(telling(one) or reading) or "", width, Tone.DIM))
    top = [*_standing(one, width, view)] if height < _CRAMPED else [*_standing(one, width, view), *advice, ()]
    phased = one.instance.scheme not in ("exec", SCHEME) and (not reading.whole or reading.phases != NO_PHASES)
    parts = [(), *_phases(reading, width, roomy=roomy)] if phased else []
    below = [*parts, (), *_facts(one, view, width), *_last_bad(one, view, width)]
    below = [*below, (), *advice] if height < _CRAMPED else below
    left = height - len(top) - 1 - (0 if height < _CRAMPED else len(below))
    lines = [*top, *curve(one, past, width, min(max(left, _CHART[0]), _CHART[1]), view.zone), *below]
    return mask_lines(lines, view.inventory.mask)


def _unread(one: InstanceState, view: View, width: int) -> list[Cell]:
    """Say what is remembered of an instance of which there is no reading yet."""
    if one.since is None:
        return [cell("Not read yet: the first reading comes within seconds.", Tone.DIM)]
    return [*_standing(one, width, view), (), cell("The first reading of this run comes within seconds.", Tone.DIM)]


def gone_lines(service: str, environment: str, elsewhere: list[str], width: int) -> list[Cell]:
    """Say that a service is no longer declared where it was looked at, and how to go on."""
    text = f"{service} is no longer in the inventory"
    if elsewhere:
        text = f"{service} is no longer in {environment}; it still is in {', '.join(elsewhere)}"
        way = "e shows it in the next environment, esc goes back to where you came from."
    else:
        way = "It was removed by a reload, or renamed. esc goes back to where you came from."
    return [(), *paragraph("  ", text + ".", width, Tone.STRONG), *paragraph("  ", way, width, Tone.DIM)]


def clock(at: float, zone: tzinfo | None) -> str:
    """Give a time of day without its zone."""
    return words.clock(at, zone).partition(" ")[0]


def _label(text: str) -> str:
    return f"{text:<{_LABEL}}"


def _muted(state: ServiceState, view: View) -> str:
    return words.muted(state.muted, view.now, view.zone).removeprefix("muted ")  # the label says that


def _title(state: ServiceState, view: View, width: int) -> Cell:
    name = f"{state.service.name}@{state.environment.name}"
    pieces = [*status_cell(state.status, muted=state.muted is not None), Piece("   "), Piece(name, Tone.STRONG)]
    serving = f"{state.serving} of {len(state.instances)} serving"
    extras = [
        (state.service.title if state.service.title != state.service.name else "", Tone.PLAIN),
        (_held(state.since, view), Tone.DIM),
        (serving, Tone.DIM if state.serving == len(state.instances) else TONES[state.status]),
    ]
    for text, tone in extras:
        if text and length(tuple(pieces)) + len(text) + 3 <= width:
            pieces += [Piece("   "), Piece(text, tone)]
    return tuple(pieces)


def _held(start: float | None, view: View) -> str:
    """Give since when, as a time of day and as a span; a date where it was not today."""
    if start is None:
        return "not decided yet"
    age = view.now - start
    at = clock(start, view.zone) if age < 43200 else datetime.fromtimestamp(start, view.zone).strftime("%d %b %H:%M")
    return f"since {at}, {words.since(start, view.now)}"


def _why(state: ServiceState, width: int) -> Iterator[Cell]:
    reading = fault_of(state)
    if reading is None:
        return
    yield from list(paragraph(_label("why"), _explained(reading) + counted(state), width, TONES[state.status]))[:2]


def _explained(reading: Reading) -> str:
    if reading.reason is None:
        return reading.detail
    word = reason_word(reading.reason)
    return f"{word}: {reading.detail}" if reading.detail else word


def _versions(state: ServiceState, view: View, width: int) -> Iterator[Fact]:
    """Give what runs and how that is to the target; of a long version the end gives way, never the drift."""
    ((seen, tone),), target, drift = version_cell(state), state.target or "", drift_cell(state)
    on = f"{state.on_target}/{len(state.instances)} on target"
    room = max(width - _LABEL - _BESIDE_VERSIONS - length(drift) - len(on), 0)
    yield Fact("", cell(fit(seen, max(room - display_width(target), room // 2)), tone))
    if state.target is not None:
        yield Fact("target", cell(fit(target, max(room - display_width(seen), room // 2))))
        yield Fact("", drift)
        if state.versions:
            yield Fact("", cell(on, Tone.PLAIN if state.on_target == len(state.instances) else Tone.DEGRADED))
    else:
        yield Fact("", cell("no target declared", Tone.DIM))
    if state.drift_since is not None:
        yield Fact("for", cell(words.since(state.drift_since, view.now), Tone.DIM))


def _people(state: ServiceState, view: View) -> Iterator[Fact]:
    service = state.service
    if service.owner:
        team = view.inventory.teams.get(service.owner, Team(service.owner))
        yield Fact("", cell(team.title or team.name))
        yield from (Fact("", cell(text, Tone.ACCENT)) for text in (team.contact, team.chat) if text)
    else:
        yield Fact("", cell("no owner declared", Tone.DIM))
    if service.product:
        yield Fact("product", cell(service.product))
    if service.tier is not None:
        yield Fact("tier", cell(str(service.tier)))
    if service.tags:
        yield Fact("tags", cell(", ".join(service.tags)))


def _links(state: ServiceState) -> Iterator[Fact]:
    if state.service.runbook:
        yield Fact("runbook", cell(display_url(state.service.runbook), Tone.ACCENT))
    for title, url in state.service.links.items():
        yield Fact(title, cell(display_url(url), Tone.ACCENT))


def _standing(one: InstanceState, width: int, view: View) -> Iterator[Cell]:
    facts = [Fact("", status_cell(one.status)), Fact("", cell(_held(one.since, view), Tone.DIM))]
    facts += [Fact("", cell(flag, Tone.DEGRADED)) for flag in flags(one)]
    newest = one.reading
    if newest is not None and one.settled.pending:
        needed = one.instance.health.up_after if newest.status is Status.UP else one.instance.health.down_after
        facts.append(Fact("newest", status_cell(newest.status)))
        facts.append(Fact("", cell(f"try {one.attempts}, {needed} agreeing decide", Tone.DIM)))
    yield from flow("", facts, width)
    reading = telling(one)
    if reading is None or (reading.reason is None and not reading.detail):
        return
    yield from paragraph("", _explained(reading), width, TONES[reading.status])
    if reading.failing_components:
        yield from paragraph(_label("failing"), words.failing(reading), width, TONES[reading.status])


def _phases(reading: Reading, width: int, *, roomy: bool) -> list[Cell]:
    title: Cell = (Piece("Phases", Tone.STRONG), Piece("   newest reading", Tone.DIM))
    if reading.latency is not None:
        title = (*title, Piece("   in all ", Tone.DIM), Piece(words.latency(reading.latency)))
    if not reading.whole:
        return [(*title, Piece("   parts not recorded", Tone.DIM))]
    return [title, *(waterfall(reading, min(width, 110)) if roomy else phase_line(reading, width))]


def _facts(one: InstanceState, view: View, width: int) -> Iterator[Cell]:
    instance, reading = one.instance, one.reading
    yield from paragraph(_label("address"), display_url(instance.health_url), width)
    if instance.health.command is not None:
        line = shlex.join(filled(instance.health.command.shown, instance))
        yield from list(paragraph(_label("runs"), line, width))[:2]
        measured = [
            Fact(part.label, cell(words.size(part.value) if part.unit == "B" else amount(part)))
            for part in (reading.performance if reading else ())
        ]
        yield from list(flow(_label("measured"), measured, width))[:2]
    elif (rule := instance.health.heartbeat) is not None and instance.scheme == SCHEME:
        due = [Fact("every", cell(span(rule.every))), Fact("grace", cell(span(rule.grace)))]
        yield from flow(_label("awaited"), due, width)
    elif reading is not None:
        missing = "none: the status alone decides" if is_answered(reading) else NO_ANSWER
        missing = missing if reading.whole else "not recorded"
        dialect = cell(reading.dialect) if reading.dialect else cell(missing, Tone.DIM)
        yield from flow(_label("dialect"), [Fact("", dialect)], width)
    yield from flow(_label("version"), _version_facts(one, view), width)
    if one.certificate_expires is not None:
        until, _, _ = (words.rfc3339(one.certificate_expires) or words.NOTHING).partition("T")
        facts = [Fact("", certificate_cell(one, view.now)), Fact("until", cell(until))]
        yield from flow(_label("cert"), facts, width)
    checked = [Fact("every", cell(f"{instance.health.interval:g} s"))]
    if reading is not None:
        checked.append(Fact("last", cell(clock(reading.at, view.zone))))
        checked.append(Fact("", cell(f"{words.since(reading.at, view.now)} ago", Tone.DIM)))
    yield from flow(_label("checked"), checked, width)


def _version_facts(one: InstanceState, view: View) -> Iterator[Fact]:
    if one.version is not None:
        yield Fact("", cell(one.version))
        if one.version_source:
            yield Fact("from", cell(one.version_source))
        if one.version_since is not None:
            yield Fact("for", cell(words.since(one.version_since, view.now), Tone.DIM))
    elif one.version_reason is not None:
        yield Fact("", cell(f"not read: {reason_word(one.version_reason)}", Tone.UNKNOWN))
        if one.version_detail:
            yield Fact("", cell(one.version_detail))
    elif not one.instance.scheme.startswith("http"):
        teller = {"exec": "a program", SCHEME: "a heartbeat"}.get(one.instance.scheme, "this kind of probe")
        yield Fact("", cell(f"{teller} tells none", Tone.DIM))
    else:
        reading = one.reading
        yield Fact("", cell(where_to_ask(reading.dialect) if reading and is_answered(reading) else NO_ANSWER, Tone.DIM))


def _last_bad(one: InstanceState, view: View, width: int) -> Iterator[Cell]:
    bad = one.last_bad
    if bad is None:
        yield from flow(_label("last bad"), [Fact("", cell("none in this run", Tone.DIM))], width)
        return
    facts = [
        Fact("", status_cell(bad.status)),
        Fact("at", cell(clock(bad.at, view.zone))),
        Fact("", cell(f"{words.since(bad.at, view.now)} ago", Tone.DIM)),
    ]
    if bad.latency is not None:
        facts.append(Fact("took", cell(words.latency(bad.latency))))
    if bad is one.reading:
        facts.append(Fact("", cell("the newest reading", Tone.DIM)))
    yield from flow(_label("last bad"), facts, width)
    if bad is not one.reading:
        yield from paragraph(_label(""), _explained(bad), width)
        if bad.failing_components:
            yield from paragraph(_label(""), f"failing: {words.failing(bad)}", width)
