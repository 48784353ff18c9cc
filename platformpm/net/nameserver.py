"""Questions to name servers (RFC 1035): over UDP, and over TCP where the answer does not fit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from platformpm.model.check import Check
from platformpm.model.exchange import Answer
from platformpm.model.status import Reason
from platformpm.net.connect import Connector, Target
from platformpm.net.datagram import Line, in_turn
from platformpm.net.faults import ExchangeError
from platformpm.net.names import asked_name
from platformpm.net.raw import Connection
from platformpm.net.request import endpoint
from platformpm.net.resolver import Address, literal
from platformpm.net.trace import Stage, Trace

if TYPE_CHECKING:
    from dns.message import Message

    from platformpm.net.reply import Reply

PORT = 53
_PAYLOAD = 1232
"""Bytes that a UDP answer may have without being cut on its way (DNS flag day 2020)."""
_SETTLED = frozenset({"NOERROR", "NXDOMAIN"})
"""What counts without asking the next server, as the system's resolver does it."""
_NO_EDNS = frozenset({1, 4, 16})
"""FORMERR, NOTIMP and BADVERS: how servers refuse a question with EDNS (RFC 6891 section 7)."""


def load_dns() -> None:
    """Load what speaks DNS before a loop runs: it takes 50 ms, in which other probes would seem slow."""
    from importlib import import_module

    for name in ("platformpm.net.reply", "dns.resolver"):
        import_module(name)


class Server(NamedTuple):
    """Where a name server listens."""

    address: Address
    port: int = PORT


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a name in its ASCII form and a record type. `server` None means the resolvers of this system."""

    name: str
    record: str
    server: Target | None
    query: Message


def question_of(url: str, check: Check) -> Question:
    """Give the question of a `dns` URL, `dns://server/name` or `dns:///name` (RFC 4501), with an identifier of its own.

    Raises `ExchangeError` (`config`) for one that cannot be asked. The first one loads what is needed to read answers.
    """
    try:
        parts = urlsplit(url)
        asked = parts.path.removeprefix("/")
        name = asked if asked == "." or literal(asked) else asked_name(asked)
    except ValueError:
        raise ExchangeError(Reason.CONFIG, "the address is not a URL of a name to ask for") from None
    if not asked:
        raise ExchangeError(Reason.CONFIG, "the address names nothing to ask for")
    server = endpoint(url, check, secure=False, port=PORT) if parts.netloc else None
    return Question(name, check.record, server, _query(name, check.record))


def _query(name: str, record: str) -> Message:
    from dns.exception import DNSException
    from dns.message import make_query
    from dns.rdata import get_rdata_class
    from dns.reversename import from_address

    try:
        query = make_query(
            from_address(name) if record == "PTR" and literal(name) else name, record, use_edns=0, payload=_PAYLOAD
        )
    except (DNSException, ValueError) as error:
        raise ExchangeError(Reason.CONFIG, f"{record} of {name} cannot be asked: {error}") from None
    get_rdata_class(query.question[0].rdclass, query.question[0].rdtype)  # type: ignore[no-untyped-call]
    return query


def system_servers() -> Sequence[Server]:
    """Give the resolvers of this system, anew each time: a VPN changes them. Raises `ExchangeError`."""
    from dns.exception import DNSException
    from dns.resolver import Resolver

    try:
        found = [literal(str(server)) for server in Resolver().nameservers]
    except (DNSException, OSError, ValueError) as error:
        raise ExchangeError(Reason.CONFIG, f"this system names no resolver: {error}") from None
    return [Server(address) for address in found if address is not None]


class NameServers:
    """Asks name servers. Holds no connection."""

    def __init__(self, connector: Connector, system: Callable[[], Sequence[Server]] = system_servers) -> None:
        """Look up servers that have names through `connector`; `system` gives those that no question names."""
        self._connector = connector
        self._system = system

    async def ask(self, question: Question, trace: Trace, deadline: float) -> Answer:
        """Ask until there is an answer. Raises `ExchangeError`; the caller cancels at `deadline` (loop time).

        Of several servers the next one is asked where one is silent, broken or cannot tell.
        """
        where, servers = question.server, self._system() if question.server is None else ()
        start = monotonic()
        if where is not None:
            servers = [Server(address, where.port) for address in await self._connector.addresses(where, trace)]
        if not servers:
            raise ExchangeError(Reason.CONFIG, "this system names no resolver")

        async def attempt(server: Server) -> Answer:
            said = await self._said(question.query, server, trace, deadline)
            if said.code in _NO_EDNS:
                said = await self._said(_without_edns(question.query), server, trace, deadline)
            return _answer(question, said, trace, monotonic() - start)

        return await in_turn(servers, deadline, attempt, lambda answer: answer.code in _SETTLED)

    async def _said(self, query: Message, server: Server, trace: Trace, deadline: float) -> Reply:
        said = await self._over_udp(query, server, trace)
        return await self._over_tcp(query, server, trace, deadline) if said.is_cut else said

    async def _over_udp(self, query: Message, server: Server, trace: Trace) -> Reply:
        trace.stage = Stage.ANSWER
        line = Line.over_udp(server.address, server.port)
        trace.peer, sent = line.peer, monotonic()
        try:
            said = await line.converse(lambda _: query.to_wire(), partial(_understood, query, trace))
        finally:
            line.close()
        trace.first_byte = monotonic() - sent
        return said

    async def _over_tcp(self, query: Message, server: Server, trace: Trace, deadline: float) -> Reply:
        connection = Connection(asyncio.get_running_loop(), server.address.ip, trace)
        target = Target(server.address.ip, server.port, server.address)
        trace.first = 0.0
        try:
            await self._connector.open(target, connection, trace, deadline)
            trace.stage = Stage.ANSWER
            wire = query.to_wire()
            connection.send(len(wire).to_bytes(2) + wire)
            heard = bytearray()
            while len(heard) < 2 or len(heard) < 2 + int.from_bytes(heard[:2]):
                piece = await connection.receive()
                if not piece:
                    raise ExchangeError(Reason.RESET, f"{trace.peer} closed the connection inside the answer")
                heard += piece
        finally:
            connection.close()
        said = _understood(query, trace, bytes(heard[2 : 2 + int.from_bytes(heard[:2])]))
        if said is None:
            raise ExchangeError(Reason.PROTOCOL, f"what {trace.peer} sent over TCP is not the answer to this question")
        if said.is_cut:
            raise ExchangeError(Reason.PROTOCOL, f"the answer of {trace.peer} is cut even over TCP")
        return said


def _without_edns(query: Message) -> Message:
    from dns.message import make_query

    return make_query(query.question[0].name, query.question[0].rdtype, use_edns=False)


def _understood(query: Message, trace: Trace, data: bytes) -> Reply | None:
    """Give the reply to `query`, None for what is none. Raises `ExchangeError` for one that cannot be read."""
    from platformpm.net.reply import NotReplyError, reply_to

    try:
        return reply_to(query, data, trace.peer)
    except NotReplyError as other:
        kind = str(other)
        trace.strays[kind] = trace.strays.get(kind, 0) + 1
        return None


def _answer(question: Question, said: Reply, trace: Trace, latency: float) -> Answer:
    from dns.rcode import Rcode, to_text

    code = str(to_text(Rcode(said.code)))
    if code.isdigit():
        code = f"the unknown code {code}"
    return Answer(
        trace.peer, question.name, question.record, code, said.records, said.canonical, trace.phases(), latency
    )
