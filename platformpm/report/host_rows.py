"""What the list of hosts says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from platformpm.model.host import Disk, HostReading, level, measurements
from platformpm.model.inventory import Limit
from platformpm.model.series import Series
from platformpm.model.state import HostState
from platformpm.model.status import RANK, Reason, Status
from platformpm.report import words
from platformpm.report.columns import EXTRA, Cell, Column, Piece, Table, Tone, cell
from platformpm.report.flow import Fact, flow, paragraph
from platformpm.report.rows import nothing, status_cell
from platformpm.report.spark import TONES, bar, level_trend

_Draw = Callable[[HostState, float, int], Cell]


_FREE = Limit(None, None)
_SHORT = {Status.DOWN: "critical", Status.DEGRADED: "over limit"}
_HOUR = 3600.0


def level_tone(value: float, limit: Limit | None) -> Tone:
    """Give the tone of a percentage under a limit."""
    status = level(value, limit) if limit is not None else Status.UP
    return Tone.PLAIN if status is Status.UP else TONES[status]


def worst_disks(reading: HostReading, count: int) -> list[Disk]:
    """Give the fullest file systems, fullest first."""
    return sorted(reading.disks, key=lambda disk: (-disk.percent, disk.mount))[:count]


def _read(draw: Callable[[HostState, HostReading, int], Cell]) -> _Draw:
    def when_read(state: HostState, _now: float, width: int) -> Cell:
        return draw(state, state.reading, width) if state.reading is not None else nothing()

    return when_read


def _picture(width: int) -> int:
    """Give the cells left for a picture beside a percentage; fewer than three say nothing."""
    return width - 5 if width >= 8 else 0


def _gauge(value: float | None, series: Series, limit: Limit | None, width: int) -> Cell:
    if value is None:
        return nothing()
    number = Piece(words.percent(value).rjust(5), level_tone(value, limit))
    trend = level_trend(series, _picture(width), limit)
    drawn = sum(len(piece.text) for piece in trend)
    return (Piece(" " * (width - 5 - drawn), Tone.DIM), *trend, number)


def _cpu(state: HostState, reading: HostReading, width: int) -> Cell:
    return _gauge(reading.cpu_percent, state.cpu, state.host.limits.cpu, width)


def _memory(state: HostState, reading: HostReading, width: int) -> Cell:
    value = reading.memory_percent
    if value is None:
        return nothing()
    tone = level_tone(value, state.host.limits.memory)
    return (
        *bar(value / 100, _picture(width), Tone.ACCENT if tone is Tone.PLAIN else tone),
        Piece(words.percent(value).rjust(5), tone),
    )


def _swap(state: HostState, reading: HostReading, _width: int) -> Cell:
    value = reading.swap_percent
    return nothing() if value is None else cell(words.percent(value), level_tone(value, state.host.limits.swap))


def _disks(count: int) -> _Draw:
    def draw(state: HostState, reading: HostReading, _width: int) -> Cell:
        out: list[Piece] = []
        for disk in worst_disks(reading, count):
            tone = level_tone(disk.percent, state.host.limits.disk)
            mark = (
                "" if tone is Tone.PLAIN else f" {words.GLYPHS[level(disk.percent, state.host.limits.disk or _FREE)]}"
            )
            number = words.percent(disk.percent).rjust(0 if out else 4) + mark
            out += [Piece("   " if out else ""), Piece(number, tone), Piece(f" {disk.mount}", Tone.DIM)]
        return tuple(out) or nothing()

    return _read(draw)


def _load(_state: HostState, reading: HostReading, _width: int) -> Cell:
    if reading.load is None:
        return nothing()
    return cell(" ".join(f"{value:.2f}" for value in reading.load))


def _network(_state: HostState, reading: HostReading, _width: int) -> Cell:
    if reading.received_rate is None and reading.sent_rate is None:
        return nothing()
    return cell(f"↓ {words.size(reading.received_rate)}/s  ↑ {words.size(reading.sent_rate)}/s")


def _uptime(_state: HostState, reading: HostReading, _width: int) -> Cell:
    return nothing() if reading.uptime is None else cell(words.duration(reading.uptime), Tone.DIM)


def condition(state: HostState) -> Cell:
    """Say how a machine is; one that only works too hard is not down, whatever its glyph."""
    if not _is_over(state):
        return status_cell(state.status, muted=state.muted is not None)
    if state.muted is not None:
        return cell(f"{words.MUTED} {_SHORT[state.status]}", Tone.DIM)
    return cell(f"{words.GLYPHS[state.status]} {_SHORT[state.status]}", TONES[state.status])


def _is_over(state: HostState) -> bool:
    return state.reason is Reason.LIMIT and state.status in _SHORT


def standing(hosts: Sequence[HostState]) -> str:
    """Say how many hosts there are, and how many of them are over a limit, could not be read or are muted."""
    counted = [state for state in hosts if state.muted is None]
    over = sum(map(_is_over, counted))
    lost = sum(state.status is not Status.UP and state.reading is not None and not _is_over(state) for state in counted)
    tally = ((over, "over a limit"), (lost, "not read"), (len(hosts) - len(counted), "muted"))
    told = [f"{count} {word}" for count, word in tally if count]
    return f"{len(hosts) or ''}{' · ' if told else ''}{', '.join(told)}"


def waiting(state: HostState) -> list[str]:
    """Say what is over a limit but not yet long enough to count: `cpu 97 % over 95 % for 40s of 2m`."""
    reading, hold = state.reading, state.host.limits.hold
    if reading is None:
        return []
    out = []
    for name, value, limit in measurements(reading, state.host.limits):
        bounds = ((f"{name} critical", limit.critical), (name, limit.warning))
        key, bound = next((one for one in bounds if one[0] in state.over), ("", None))
        if bound is None or (held := max(reading.at - state.over[key], 0.0)) >= hold:
            continue
        out.append(f"{name} {value:.0f} % over {bound:g} % for {_span(held)} of {_span(hold)}")
    return out


def _span(seconds: float) -> str:
    """Give a short span exactly: `40s`, `1m 30s`, `2m`; an hour and more in its largest unit."""
    if seconds >= _HOUR:
        return words.duration(seconds)
    minutes, rest = divmod(int(seconds), 60)
    return " ".join(text for text in (f"{minutes}m" if minutes else "", f"{rest}s" if rest else "") if text) or "0s"


def _seen(state: HostState, _now: float, _width: int) -> Cell:
    if state.reading is None:
        return cell("not read yet", Tone.DIM)
    tone = TONES[state.status] if state.status is not Status.UP else Tone.DIM
    soon = "; ".join(waiting(state))
    gap = "; " if soon and state.detail else ""
    return tuple(piece for piece in (Piece(state.detail + gap, tone), Piece(soon, Tone.DEGRADED)) if piece.text)


def host_lines(state: HostState, now: float, width: int) -> list[Cell]:
    """Say of one host how it is, for how long, what it carries, and all that was seen."""
    facts = [Fact("", condition(state)), Fact("for", _since(state, now, 0))]
    if state.host.services:
        facts.append(Fact("carries", cell(_services(state))))
    tone = TONES[state.status] if state.status is not Status.UP else Tone.DIM
    return [
        *flow("", facts, width),
        *paragraph("", state.detail, width, tone),
        *paragraph("", "; ".join(waiting(state)), width, Tone.DEGRADED),
    ]


def _seen_text(state: HostState) -> str:
    return "".join(piece.text for piece in _seen(state, 0.0, 0))


def _name(state: HostState) -> str:
    return state.host.name


def _services(state: HostState) -> str:
    return ", ".join(state.host.services)


def _since(state: HostState, now: float, _width: int) -> Cell:
    return cell(words.since(state.since, now), Tone.DIM)


def _disk_text(state: HostState, count: int) -> str:
    return "" if state.reading is None else "".join(piece.text for piece in _disks(count)(state, 0.0, 0))


def _busy(state: HostState) -> float:
    return (state.reading.cpu_percent if state.reading else None) or 0.0


def _filled(state: HostState) -> float:
    return (state.reading.memory_percent if state.reading else None) or 0.0


HOSTS: Table[HostState] = Table(
    columns=(
        Column(
            "status",
            "STATUS",
            lambda state, _now, _width: condition(state),
            12,
            order=lambda s: -RANK[s.status],
        ),
        Column(
            "host",
            "HOST",
            lambda state, _now, _width: cell(_name(state), Tone.STRONG),
            6,
            24,
            measure=_name,
            whole=True,
            order=_name,
        ),
        Column(
            "services",
            "SERVICES",
            lambda state, _now, _width: cell(_services(state)) if state.host.services else nothing(),
            8,
            32,
            priority=EXTRA,
            measure=_services,
        ),
        Column("cpu", "CPU", _read(_cpu), 5, 13, priority=1, right=True, order=_busy, descending=True),
        Column("memory", "MEMORY", _read(_memory), 6, 17, priority=4, right=True, order=_filled, descending=True),
        Column("swap", "SWAP", _read(_swap), 5, priority=6, right=True),
        Column("disk", "DISK", _disks(1), 9, 28, priority=2, measure=lambda s: _disk_text(s, 1)),
        Column(
            "disks",
            "DISKS",
            _disks(3),
            9,
            48,
            priority=3,
            whole=True,
            measure=lambda s: _disk_text(s, 3),
        ),
        Column("load", "LOAD 1 5 15 MIN", _read(_load), 16, priority=EXTRA),
        Column("network", "NETWORK", _read(_network), 27, priority=EXTRA),
        Column("uptime", "UPTIME", _read(_uptime), 6, priority=EXTRA + 1, right=True),
        Column("since", "SINCE", _since, 5, priority=EXTRA + 2, right=True, ages=True),
        Column("seen", "WHAT WAS SEEN", _seen, 20, 120, priority=4, measure=_seen_text),
    ),
    key=_name,
    sort="status",
)
"""Every column a host can have; the lists below choose from them."""

HOST_LIST = HOSTS.only(
    *("status", "host", "cpu", "memory", "swap", "disks", "load", "network", "uptime", "since", "seen")
)
CARRYING_LIST = HOSTS.only("status", "host", "services", *(column.id for column in HOST_LIST.columns[2:]))
HOST_PANE = HOSTS.only("status", "host", "cpu", "memory", "disk", "load")


def host_list(hosts: Sequence[HostState]) -> Table[HostState]:
    """Give the columns for these hosts: those with services tell of them."""
    return CARRYING_LIST if any(state.host.services for state in hosts) else HOST_LIST
