"""What the answer of a name server means for health."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from platformpm.formats.expect import BadExpression, found
from platformpm.formats.judge import Fault, limit_faults, reading_of_failure, worst_fault
from platformpm.model.check import Check
from platformpm.model.exchange import Answer, Failure
from platformpm.model.reading import Reading
from platformpm.model.status import Reason, Status
from platformpm.model.text import safe_text

_SHOWN = 120


def judge_records(exchange: Answer | Failure, check: Check, at: float) -> Reading:
    """Judge the answer to a question that was asked at wall time `at` (seconds): up with records as expected."""
    if isinstance(exchange, Failure):
        return reading_of_failure(exchange, at)
    fault = worst_fault((*_faults(exchange, check), *limit_faults(exchange.latency, None, check, at)))
    return Reading(
        status=fault.status if fault else Status.UP,
        at=at,
        reason=fault.reason if fault else None,
        detail=safe_text(fault.detail if fault else f"{_told(exchange)} from {exchange.server}"),
        latency=exchange.latency,
        phases=exchange.phases,
    )


def _faults(answer: Answer, check: Check) -> Iterator[Fault]:
    """Give what is wrong. A name that is not there is told as a name that does not resolve, as it is."""
    if answer.code == "NXDOMAIN":
        yield Fault(Status.DOWN, Reason.DNS, f"{answer.name} does not exist (NXDOMAIN from {answer.server})")
    elif answer.code != "NOERROR":
        yield Fault(Status.DOWN, Reason.PAYLOAD, f"{answer.server} answered {answer.code}")
    elif not answer.records:
        name = f"{answer.name} is an alias of {answer.canonical}, which" if answer.canonical else answer.name
        yield Fault(Status.DOWN, Reason.DNS, f"{name} has no {answer.record} record at {answer.server}")
    else:
        yield from _missing(answer, check)


def _missing(answer: Answer, check: Check) -> Iterator[Fault]:
    known = {_plain(record) for record in answer.records} if check.expect.records else ()
    for wanted in check.expect.records:
        if _plain(wanted) not in known:
            yield Fault(Status.DOWN, Reason.BODY, f"no {safe_text(wanted, 60)} among {_told(answer)}")
            return
    pattern = check.expect.body
    try:
        if pattern is not None and not found("\n".join(answer.records), pattern):
            yield Fault(Status.DOWN, Reason.BODY, f"no {safe_text(pattern, 60)} in {_told(answer)}")
    except BadExpression as error:
        yield Fault(Status.UNKNOWN, Reason.CONFIG, str(error))


def _told(answer: Answer) -> str:
    return safe_text(", ".join(map(shown, answer.records[:_SHOWN])), _SHOWN)


def shown(record: str) -> str:
    """Give a record as one clean line, never an empty one: a TXT may say nothing."""
    return safe_text(record) or '""'


def _plain(record: str) -> str:
    """Give a record as it is compared: names know neither letter case nor a final dot, addresses have one form."""
    text = record.strip().rstrip(".").casefold()
    try:
        return str(ip_address(text))
    except ValueError:
        return text
