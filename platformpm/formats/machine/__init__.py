"""What the exporters of Prometheus say of the machines they run on."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from platformpm.formats.machine import node_exporter, windows_exporter
from platformpm.formats.machine.facts import NOTHING, Machine, Mount
from platformpm.formats.machine.samples import Samples, parser
from platformpm.model.exchange import Failure, Response
from platformpm.model.status import Reason
from platformpm.model.text import safe_text

__all__ = ["LARGEST_PAGE", "Machine", "Mount", "parser", "read", "refusal"]

LARGEST_PAGE = 8 * 1024 * 1024
"""Bytes of a page of metrics; a machine with hundreds of CPUs and mounts says a tenth of it."""
_STEP = 16 * 1024
"""Bytes read between two breaths: some milliseconds of work, whatever stands in them."""
_MOST_LINES = 200_000
_MOST_WANTED = 1024 * 1024
"""Bytes of lines that are parsed: 256 CPUs, 1,000 network cards and 500 mounts take a third of it."""
_ELSEWHERE = {401: Reason.UNAUTHORIZED, 403: Reason.UNAUTHORIZED, 407: Reason.UNAUTHORIZED, 429: Reason.RATE_LIMITED}


def refusal(response: Response) -> Failure | None:
    """Say why an answer cannot be a page of metrics, before it is read; None where it can."""
    if not 200 <= response.status <= 299:
        reason = _ELSEWHERE.get(response.status, Reason.STATUS)
        return Failure(reason, f"HTTP {response.status}, expected 2xx")
    if response.unreadable is not None:
        return Failure(Reason.PAYLOAD, safe_text(response.unreadable))
    if not response.complete:
        return Failure(Reason.TOO_LARGE, f"{response.too_large()}, or was cut short")
    return None


def read(response: Response) -> Iterator[Machine | Failure | None]:
    """Read a page in small steps: gives None after each, and at last the machine or why there is none.

    Never raises for what stands in the page.
    """
    found = Samples(node_exporter.NAMES | windows_exporter.NAMES)
    page = BytesIO(response.body)
    lines = 0
    while step := page.readlines(_STEP):
        found.take(step)
        lines += len(step)
        if lines > _MOST_LINES or found.taken > _MOST_WANTED:
            yield Failure(Reason.TOO_LARGE, f"more than {lines - len(step)} lines, no machine says as much")
            return
        yield None
    machines = (node_exporter.read(found), windows_exporter.read(found))
    yield next((machine for machine in machines if machine != NOTHING), _nothing(response))


def _nothing(response: Response) -> Failure:
    path = response.url.partition("?")[0]
    advice = "" if path.endswith("/metrics") else "; does the url end in /metrics?"
    return Failure(Reason.PAYLOAD, f"no metrics of node_exporter or windows_exporter in the answer{advice}")
