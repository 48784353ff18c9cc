"""Probes over bare TCP, and the short talk that TLS probes share: send, then wait for a text."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import NamedTuple

from platformpm.formats.expect import BadExpression, found
from platformpm.formats.judge import Fault, limit_faults, reading_of_failure, worst_fault
from platformpm.model.check import Check, Instance
from platformpm.model.exchange import Failure
from platformpm.model.reading import Reading
from platformpm.model.status import Reason, Status
from platformpm.model.text import safe_text
from platformpm.net import Connection, ExchangeError, Network, endpoint, pinned, spelled
from platformpm.probes.examination import Examination

LARGEST_TALK = 64 * 1024
"""Bytes in which the expected text must stand."""


class Talk(NamedTuple):
    """What came of a talk: what is wrong, and whether it came to an end, without which it has no latency."""

    fault: Fault | None = None
    ended: bool = True


class TcpKind:
    """Connects, sends what is configured, and expects a text if one is configured."""

    secure = False

    def __init__(self, network: Network) -> None:
        """Connect through `network`."""
        self._network = network

    async def __call__(self, instance: Instance, check: Check, deadline: float, at: float) -> Examination:
        """Connect once and judge what was said."""
        allowed = deadline - asyncio.get_running_loop().time()
        start = monotonic()
        try:
            target = pinned(endpoint(instance.url_of(check), check, secure=self.secure), instance)
        except ExchangeError as error:
            return _failed(Failure(error.reason, error.detail), at)
        opened = await self._network.connect(target, deadline)
        if isinstance(opened, Failure):
            return _failed(opened, at)
        try:
            connected = monotonic()
            fault, ended = await self.talk(opened, check, deadline, allowed)
            talked = check.expect.body is not None and not self.secure
            latency = (monotonic() if talked else connected) - start if ended else None
        finally:
            opened.close()
        worst = worst_fault((*([fault] if fault else ()), *limit_faults(latency, opened.certificate, check, at)))
        reading = Reading(
            status=worst.status if worst else Status.UP,
            at=at,
            reason=worst.reason if worst else None,
            detail=worst.detail if worst else self.seen(opened),
            latency=latency,
            phases=opened.phases,
            certificate_expires=opened.certificate.not_after if opened.certificate else None,
        )
        return Examination(reading, certificate=opened.certificate)

    async def talk(self, connection: Connection, check: Check, deadline: float, allowed: float) -> Talk:
        """Say and hear what the check wants."""
        if check.send is not None:
            connection.send(check.send.reveal().encode())
        if check.expect.body is None:
            return Talk()
        return await _listen(connection, check.expect.body, deadline, allowed)

    def seen(self, connection: Connection) -> str:
        """Give the detail of a reading that is up."""
        return f"connected to {connection.peer}"


async def _listen(connection: Connection, wanted: str, deadline: float, allowed: float) -> Talk:
    """Read until the text is there, the end, the deadline or the cap."""
    heard = bytearray()
    shown = safe_text(wanted, 60)
    broken: tuple[Reason, str] | None = None
    try:
        async with asyncio.timeout_at(deadline):
            if await _hear(connection, heard, wanted):
                return Talk()
    except TimeoutError:
        broken = Reason.TIMEOUT_RESPONSE, f"no answer within {spelled(allowed)}, expected {shown}"
    except ExchangeError as error:
        broken = error.reason, safe_text(error.detail)
    except BadExpression as error:
        return Talk(Fault(Status.UNKNOWN, Reason.CONFIG, str(error)))
    if not heard:
        silence = broken or (Reason.RESET, f"closed without an answer, expected {shown}")
        return Talk(Fault(Status.DOWN, *silence), ended=False)
    if len(heard) >= LARGEST_TALK:
        return Talk(Fault(Status.DOWN, Reason.TOO_LARGE, f"no {shown} in the first {LARGEST_TALK // 1024} KiB"))
    said = safe_text(heard.decode("utf-8", "replace") + ("…" if broken else ""), 60)
    return Talk(Fault(Status.DOWN, Reason.BODY, f"no {shown} in the answer {said}"), ended=broken is None)


async def _hear(connection: Connection, heard: bytearray, wanted: str) -> bool:
    """Collect what is said in `heard`; tell whether the text came."""
    while len(heard) < LARGEST_TALK:
        piece = await connection.receive()
        heard += piece[: LARGEST_TALK - len(heard)]
        if found(heard.decode("utf-8", "replace"), wanted):
            return True
        if not piece:
            return False
    return False


def _failed(failure: Failure, at: float) -> Examination:
    return Examination(reading_of_failure(failure, at), failure, certificate=failure.certificate)
