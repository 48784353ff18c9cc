"""Everything about one address: what `probe` says of each, as text and as a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from platformpm.errors import ExitCode
from platformpm.model.exchange import Certificate, Failure, Response
from platformpm.model.plugin import Ran
from platformpm.model.reading import Reading
from platformpm.model.status import verdict_of
from platformpm.model.text import display_url, safe_text
from platformpm.report import programs, words
from platformpm.report.documents import EXIT_CODES, Document, milliseconds, phases_ms, word
from platformpm.report.hints import hint
from platformpm.report.table import Cell, Style, Tone, status_cell, table
from platformpm.report.version_hints import where_to_ask

PROBE_SCHEMA = "platformpm.probe/1"
PROBES_SCHEMA = "platformpm.probes/1"
_DAY = 86400.0
_SWITCHED = 101
_BAR = 30
"""Columns of the longest bar."""


class Examination(Protocol):
    """One look at one address, as `probes` gives it; `exchange` is None where no HTTP was spoken and nothing failed.

    `because` says by what the dialect was recognised, or why none was.
    """

    @property
    def reading(self) -> Reading:
        """Give what counts."""

    @property
    def exchange(self) -> Response | Failure | None:
        """Give what came back."""

    @property
    def because(self) -> str:
        """Say why this dialect, or why none."""

    @property
    def certificate(self) -> Certificate | None:
        """Give what the server showed over TLS."""

    @property
    def program(self) -> Ran | None:
        """Give the program that was run."""

    @property
    def facts(self) -> Mapping[str, tuple[str, ...]]:
        """Give what else was seen: name to values, cleaned."""


def exit_code_of(*readings: Reading) -> ExitCode:
    """Give the exit code of `probe`: that of the verdict on these readings."""
    return EXIT_CODES[verdict_of(reading.status for reading in readings)]


def probes_document(selector: str, documents: Sequence[Document], code: ExitCode) -> Document:
    """Give the `platformpm.probes/1` document: what all instances that a selector names answered."""
    verdict = next(verdict for verdict, known in EXIT_CODES.items() if known == code)
    return {
        "schema": PROBES_SCHEMA,
        "selector": selector,
        "verdict": str(verdict),
        "exit_code": int(code),
        "probes": list(documents),
    }


def probe_document(url: str, examination: Examination, *, place: str = "", no_version: str = "") -> Document:
    """Give the `platformpm.probe/1` document; `place` is the declared instance that was asked, if it is one."""
    reading, response = examination.reading, _response(examination)
    verdict = verdict_of([reading.status])
    return {
        "schema": PROBE_SCHEMA,
        "instance": place or None,
        "url": display_url(url),
        "at": words.rfc3339(reading.at),
        "verdict": str(verdict),
        "exit_code": int(EXIT_CODES[verdict]),
        "status": str(reading.status),
        "reason": word(reading.reason),
        "detail": reading.detail,
        "hint": hint(reading),
        "http_status": response.status if response else None,
        "http_phrase": safe_text(response.phrase) if response else None,
        "http_version": response.http_version if response else None,
        "content_type": _content_type(response),
        "body_bytes": len(response.body) if response else None,
        "final_url": display_url(response.url) if response else None,
        "redirects": [display_url(url) for url in _hops(examination)],
        "dialect": reading.dialect,
        "dialect_because": examination.because or None,
        "failing_components": list(reading.failing_components),
        "version": reading.version,
        "version_source": reading.version_source,
        "version_detail": no_version or None,
        "latency_ms": milliseconds(reading.latency),
        "phases_ms": phases_ms(reading.phases),
        "certificate": _certificate_document(examination.certificate),
        "program": programs.document(examination.program) if examination.program else None,
        "facts": {name: list(values) for name, values in examination.facts.items()},
    }


def _certificate_document(certificate: Certificate | None) -> Document | None:
    if certificate is None:
        return None
    return {
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "names": list(certificate.names),
        "names_more": certificate.names_more,
        "not_before": words.rfc3339(certificate.not_before),
        "not_after": words.rfc3339(certificate.not_after),
        "protocol": certificate.protocol,
        "verified": certificate.verified,
    }


def probe_text(url: str, examination: Examination, style: Style, *, place: str = "", no_version: str = "") -> str:
    """Give the text for a person, lines ended: one fact a line, names before values.

    `place` is the declared instance that was asked, `no_version` why it tells no version where more is known of it.
    """
    reading = examination.reading
    facts = [
        *_outcome(examination),
        *_answer(examination),
        *_more(examination),
        *_meaning(examination, no_version),
        *_certificate(examination.certificate, reading.at),
        *(programs.facts(examination.program, reading.detail) if examination.program else ()),
    ]
    rows = [[Cell(name, Tone.DIM), value] for name, value in facts]
    shown = style.plain(display_url(url))
    title = (
        f"{style.paint(style.plain(safe_text(place)), Tone.STRONG)}  {shown}"
        if place
        else style.paint(shown, Tone.STRONG)
    )
    return "\n".join([title, "", *table(rows, style, "  "), "", *_phases(reading, style)]).rstrip("\n") + "\n"


_Facts = Iterator[tuple[str, Cell]]


def _outcome(examination: Examination) -> _Facts:
    reading = examination.reading
    yield "status", status_cell(reading.status)
    if reading.reason is not None:
        yield "reason", Cell(f"{reading.reason}: {reading.detail}" if reading.detail else str(reading.reason))
        yield "what to do", Cell(hint(reading) or "")
    elif reading.detail:
        yield "seen", Cell(reading.detail)


def _answer(examination: Examination) -> _Facts:
    response = _response(examination)
    hops = _hops(examination)
    for number, url in enumerate(hops, 1):
        yield ("redirected" if number == 1 else ""), Cell(f"{number}. from {display_url(url)}")
    if response is None:
        return
    if hops:
        yield "", Cell(f"to {display_url(response.url)}")
    yield "answer", Cell(f"HTTP/{response.http_version} {response.status} {safe_text(response.phrase)}".rstrip())
    cut = "" if response.complete else f" (cut at {response.cut or 'the cap'})"
    kind = _content_type(response)
    name = "message" if response.status == _SWITCHED else "body"
    yield name, Cell((f"{kind}, " if kind else "") + words.size(len(response.body)) + cut)


def _more(examination: Examination) -> _Facts:
    for name, values in examination.facts.items():
        for number, value in enumerate(values):
            yield ("" if number else name), Cell(value)


def _meaning(examination: Examination, no_version: str) -> _Facts:
    reading = examination.reading
    if reading.dialect:
        yield "dialect", Cell(reading.dialect + (f" (by {examination.because})" if examination.because else ""))
    elif _for_dialects(examination):
        yield "dialect", Cell(f"none recognised: {examination.because}")
    if reading.failing_components:
        yield "failing", Cell(words.failing(reading), Tone.BAD)
    if reading.version is not None:
        yield "version", Cell(reading.version + (f" (from {reading.version_source})" if reading.version_source else ""))
    elif no_version:
        yield "version", Cell(no_version)
    elif _for_dialects(examination):
        yield "version", Cell(where_to_ask(reading.dialect))


def _certificate(certificate: Certificate | None, now: float) -> _Facts:
    if certificate is None:
        return
    yield "certificate", _validity(certificate, now)
    for name, text in (
        ("subject", certificate.subject),
        ("issuer", certificate.issuer),
        ("names", ", ".join(certificate.names) + _more_names(certificate)),
        ("TLS", certificate.protocol + ("" if certificate.verified else " (certificate not verified)")),
    ):
        if text:
            yield name, Cell(text)


def _more_names(certificate: Certificate) -> str:
    return f" and {certificate.names_more:,} more" if certificate.names_more else ""


def _validity(certificate: Certificate, now: float) -> Cell:
    begin, end = certificate.not_before, certificate.not_after
    if begin is not None and begin > now:
        return Cell(f"not valid before {_date(begin)}, {_days(begin - now)} from now, until {_date(end)}", Tone.BAD)
    if end is None:
        return Cell("its end cannot be read")
    left = f"{_days(end - now)} left" if end >= now else f"expired {_days(now - end)} ago"
    return Cell(f"valid until {_date(end)}, {left}", Tone.PLAIN if end >= now else Tone.BAD)


def _date(at: float | None) -> str:
    return (words.rfc3339(at) or words.NOTHING)[:10]


def _days(seconds: float) -> str:
    days = int(seconds / _DAY)
    return f"{days} day{'' if days == 1 else 's'}"


def _phases(reading: Reading, style: Style) -> list[str]:
    """Give a line with a bar for each phase that happened, and the whole."""
    phases = reading.phases
    named = (
        ("dns", phases.dns),
        ("connect", phases.connect),
        ("tls", phases.tls),
        ("first byte", phases.first_byte),
        ("transfer", phases.transfer),
    )
    longest = max((seconds for _, seconds in named if seconds is not None), default=0.0)
    rows = [
        [
            Cell(name, Tone.DIM),
            Cell(words.latency(seconds), right=True),
            Cell("█" * (round(_BAR * seconds / longest) if longest else 0) or "▏", Tone.DIM),
        ]
        for name, seconds in named
        if seconds is not None
    ]
    if reading.latency is not None:
        rows.append([Cell("in all", Tone.DIM), Cell(words.latency(reading.latency), Tone.STRONG, right=True), Cell()])
    return table(rows, style, "  ")


def _response(examination: Examination) -> Response | None:
    return examination.exchange if isinstance(examination.exchange, Response) else None


def _for_dialects(examination: Examination) -> bool:
    """Tell whether there is an answer in which a dialect was looked for."""
    return bool(examination.because) and _response(examination) is not None


def _hops(examination: Examination) -> tuple[str, ...]:
    return examination.exchange.hops if examination.exchange is not None else ()


def _content_type(response: Response | None) -> str | None:
    header = response.header("content-type") if response else None
    return safe_text(header, 100) if header else None
