"""One `check`, as the commands `check` and `demo` run it: passes, what is written of them, the exit code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from socket import gethostname
from time import monotonic, sleep

from platformpm import assembly
from platformpm.cli.context import Context
from platformpm.cli.logs import listen
from platformpm.model.inventory import Inventory
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Verdict
from platformpm.report.checkformats import BY_NAME
from platformpm.report.checktext import Detail, check_text, tallies
from platformpm.report.documents import EXIT_CODES, check_document, verdict_on
from platformpm.report.table import Style
from platformpm.report.told import Told

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 15.0
"""Seconds between two passes of `--wait`: soon at first, then no more of a burden than ordinary monitoring."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to check and how to tell it. `attempts` None is each check's own; `wait` is seconds, None for one pass."""

    selectors: tuple[str, ...] = ()
    attempts: int | None = None
    wait: float | None = None
    format: str = "text"
    detail: Detail = field(default=Detail())


def check(path: Path, request: Request, context: Context) -> int:
    """Check the platform of the inventory at `path`, write the outcome and give the exit code of its verdict.

    Raises `InventoryError`, and `UsageError` for selectors that match nothing.
    """
    listen(context.diagnostics)
    inventory = context.load(path).inventory
    if request.selectors:
        from platformpm.inventory import selectors

        inventory = selectors.select(inventory, selectors.parse(request.selectors))
    silences = assembly.Silences.of(inventory, context.environ)
    began = monotonic()
    snapshot = _until_healthy(inventory, silences, request, context)
    context.diagnostics.done()
    if context.diagnostics.log is not None:
        context.diagnostics.log.tell("; ".join((f"{verdict_on(snapshot)}", *tallies(snapshot))))
    for notice in (silences.problem, snapshot.notice):
        if notice is not None:
            context.diagnostics.note(notice)
    _tell(snapshot, request, context, monotonic() - began)
    return EXIT_CODES[verdict_on(snapshot)]


def _tell(snapshot: PlatformSnapshot, request: Request, context: Context, took: float) -> None:
    """Write the outcome in the format that was asked for."""
    asked = BY_NAME[request.format]
    if asked.file is not None:
        context.output.data(asked.load()(Told(snapshot, request.detail, took, gethostname())))
    elif asked.name == "json":
        context.output.document(check_document(snapshot))
    else:
        style = Style(colour=context.output.colour, unicode=context.output.unicode)
        context.output.text(check_text(snapshot, style, request.detail, took))


def _until_healthy(
    inventory: Inventory, silences: assembly.Silences, request: Request, context: Context
) -> PlatformSnapshot:
    """Give the snapshot of the first healthy pass, or of the last one that began before the time was out."""
    ends = monotonic() + (request.wait or 0.0)
    pauses = _pauses()
    while True:
        snapshot = _one_pass(inventory, silences, request, context)
        left = ends - monotonic()
        verdict = verdict_on(snapshot)
        if verdict is Verdict.OK or left <= 0:
            return snapshot
        context.diagnostics.progress(f"{verdict}; asking again for {left:.0f} s", at_once=True)
        sleep(min(next(pauses), left))


def _one_pass(
    inventory: Inventory, silences: assembly.Silences, request: Request, context: Context
) -> PlatformSnapshot:
    def progress(done: int, total: int) -> None:
        context.diagnostics.progress(f"checked {done} of {total}")

    heard = assembly.remembered(inventory, context.environ, assembly.SystemClock())
    return assembly.check(inventory, request.attempts, progress, silences, heard)


def _pauses() -> Iterator[float]:
    pause = _FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, _LONGEST_PAUSE)
