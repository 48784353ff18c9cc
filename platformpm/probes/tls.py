"""Probes of TLS itself: handshake, certificate, lowest version."""

from __future__ import annotations

import asyncio

from platformpm.formats.judge import Fault
from platformpm.model.check import Check
from platformpm.model.status import Status
from platformpm.model.text import safe_text
from platformpm.net import Connection, ExchangeError
from platformpm.probes.tcp import Talk, TcpKind

_SHORTEST_WAIT = 0.25
"""Seconds for a busy server to look at our certificate: 0.05 took a refusal for a welcome; it is no part of latency."""
_LONGEST_WAIT = 0.5


class TlsKind(TcpKind):
    """Shakes hands, and says nothing more."""

    secure = True

    async def talk(self, connection: Connection, check: Check, deadline: float, allowed: float) -> Talk:
        """Wait whether the server takes its word back.

        In TLS 1.3 the client has finished before the server has seen the client's certificate: a refusal comes one
        round trip later (RFC 8446 section 4.4.2.4).
        """
        del check, allowed
        if connection.certificate is None or connection.certificate.protocol != "TLSv1.3":
            return Talk()
        trip = connection.phases.tls or 0.0
        patience = min(max(2 * trip, _SHORTEST_WAIT), _LONGEST_WAIT)
        try:
            async with asyncio.timeout_at(min(asyncio.get_running_loop().time() + patience, deadline)):
                await connection.receive()
        except TimeoutError:
            return Talk()
        except ExchangeError as error:
            return Talk(Fault(Status.DOWN, error.reason, safe_text(error.detail)), ended=False)
        return Talk()

    def seen(self, connection: Connection) -> str:
        """Give the detail of a reading that is up."""
        protocol = connection.certificate.protocol if connection.certificate else "TLS"
        return f"{protocol} with {connection.peer}"
