"""Replies of name servers (RFC 1035 section 4), read no further than the question goes.

dnspython reads whole messages and compares each record with those before it in a form whose cost is the square of the
labels of its names: 64 KB of pointers to one long name hold a loop for 20 s. Here records are stepped over by their
lengths, those that answer the question are read by dnspython's types, and the work at them is counted.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from dns.exception import FormError
from dns.name import Name
from dns.rdata import get_rdata_class
from dns.rdataclass import IN
from dns.rdatatype import AAAA, CNAME, OPT, TXT, A
from dns.wire import Parser

from platformpm.model.status import Reason
from platformpm.net.faults import ExchangeError

if TYPE_CHECKING:
    from dns.message import Message

_HEADER = Struct("!HBBHHHH")
_FIXED = Struct("!HHIH")
"""Type, class, time to live and length: what stands between the name of a record and its octets."""
_IS_ANSWER, _OPERATION, _IS_CUT, _CODE = 0x80, 0x78, 0x02, 0x0F
_BARE = frozenset({1, 2, 4, 5})
"""FORMERR, SERVFAIL, NOTIMP and REFUSED, which come without the question from servers that did not read it."""
_POINTER, _LONGEST_LABEL, _LONGEST_NAME = 0xC0, 63, 255
_MOST_ALIASES = 16
_MOST_WORK = 16_000
"""What the names and records of a reply may cost: each label and each octet outside names 1, about a microsecond."""
_RECORD_WORK = 16
"""Of a record that is not an address or a TXT, whose texts cost next to nothing."""
_FAMILIES = {A: socket.AF_INET, AAAA: socket.AF_INET6}
_FINAL_DOTS = re.compile(r"(?<=[^ .])\.(?= |$)")

_Labels = tuple[bytes, ...]


class NotReplyError(Exception):
    """What was heard is no reply to the question; says what it is, so that it can be counted."""


class Reply(NamedTuple):
    """What a name server says: its response code, with the bits of EDNS, and whether the rest does not fit.

    `records` and `canonical` are as in `Answer`.
    """

    code: int
    is_cut: bool = False
    records: tuple[str, ...] = ()
    canonical: str = ""


def reply_to(query: Message, wire: bytes, peer: str) -> Reply:
    """Read what `peer` sent after `query`, which has one question.

    Raises `NotReplyError`, and `ExchangeError` for a reply that is broken or too much work.
    """
    if len(wire) < _HEADER.size or wire[:2] != query.id.to_bytes(2) or wire[2] & _OPERATION:
        raise NotReplyError("to others")
    if not wire[2] & _IS_ANSWER:
        raise NotReplyError("echoed")
    try:
        return _Reader(query, wire, peer).reply()
    except (NotReplyError, ExchangeError):
        raise
    except Exception:  # noqa: BLE001  # whatever the parser stumbles over, it is the answer that is broken
        raise ExchangeError(Reason.PROTOCOL, f"what {peer} answered is not a well-formed DNS message") from None


class _Reader(Parser):
    """A message that is read. `_found` tells where the records of a name and a type stand, and how long they are."""

    def __init__(self, query: Message, wire: bytes, peer: str) -> None:
        super().__init__(wire)
        self._name = _folded(query.question[0].name.labels)
        self._type = query.question[0].rdtype
        self._peer = peer
        self._work = 0
        self._owners: dict[bytes, _Labels] = {}
        self._found: dict[tuple[_Labels, int], list[tuple[int, int]]] = {}

    def reply(self) -> Reply:
        _, high, low, questions, answers, authorities, others = self.get_struct(_HEADER.format)
        code = low & _CODE
        if not questions:
            if code in _BARE:
                return Reply(code)
            raise NotReplyError("without a question")
        name, self.current = self._labels(self.current)
        if (_folded(name), *self.get_struct("!HH")) != (self._name, self._type, IN):
            raise NotReplyError("to others")
        if questions > 1:
            raise ExchangeError(Reason.PROTOCOL, f"{self._peer} answered {questions} questions, and was asked one")
        if high & _IS_CUT:
            return Reply(code, is_cut=True)
        self._index(answers)
        for _ in self._each(authorities):
            pass
        for _, kind, ttl, _ in self._each(others):
            code |= (ttl >> 24) << 4 if kind == OPT else 0  # RFC 6891 section 6.1.3
        if self.remaining():
            raise FormError
        return Reply(code) if code else self._told()

    def _index(self, count: int) -> None:
        """Note the next records that may belong to the answer."""
        for at, kind, _, size in self._each(count):
            if kind in {self._type, CNAME}:
                owner = self.wire[at : self.current - _FIXED.size]
                name = self._owners.get(owner)
                if name is None:
                    name = self._owners[owner] = _folded(self._labels(at)[0])
                self._found.setdefault((name, kind), []).append((self.current, size))

    def _told(self) -> Reply:
        """Follow the aliases of the name, and give what its records say."""
        name, canonical, passed = self._name, "", {self._name}
        while (name, self._type) not in self._found and (name, CNAME) in self._found:
            at, size = self._found[name, CNAME][0]
            target, end = self._labels(at)
            if end != at + size:
                raise FormError
            name, canonical = _folded(target), _bare(Name(target).to_text())
            if name in passed:
                raise ExchangeError(Reason.PROTOCOL, f"the aliases in the answer of {self._peer} go in a circle")
            if len(passed) > _MOST_ALIASES:
                text = f"the aliases in the answer of {self._peer} are more than {_MOST_ALIASES}"
                raise ExchangeError(Reason.PROTOCOL, text)
            passed.add(name)
        places = {self.wire[at : at + size]: (at, size) for at, size in self._found.get((name, self._type), ())}
        return Reply(0, records=tuple(sorted({self._text(*place) for place in places.values()})), canonical=canonical)

    def _text(self, at: int, size: int) -> str:
        """Give a record as a person writes it; a TXT record is one text, in however many strings it is sent."""
        octets = self.wire[at : at + size]
        if self._type in _FAMILIES:
            return socket.inet_ntop(_FAMILIES[self._type], octets)
        if self._type == TXT:
            return b"".join(_strings(octets)).decode("utf-8", "replace")
        self._count(_RECORD_WORK + size)
        self.seek(at)
        kind = get_rdata_class(IN, self._type)  # type: ignore[no-untyped-call]
        with self.restrict_to(size):
            return _bare(kind.from_wire_parser(IN, self._type, self).to_text())

    def get_name(self, origin: Name | None = None, decompress: bool = True) -> Name:  # noqa: ARG002, FBT001, FBT002
        """Read a name for a record: its labels were counted, so its octets are not."""
        start = self.current
        labels, self.current = self._labels(start)
        self._count(start - self.current)
        return Name(labels)

    def _labels(self, at: int) -> tuple[_Labels, int]:
        """Read the name at `at`, and give where it ends. Pointers lead back, each further than the one before."""
        wire, first, octets, steps, end = self.wire, at, 1, 0, 0
        labels = []
        while size := wire[at]:
            if size >= _POINTER:
                end = end or at + 2
                at = (size - _POINTER) << 8 | wire[at + 1]
                if at >= first:
                    raise FormError
                first = at
            else:
                labels.append(wire[at + 1 : at + 1 + size])
                at += size + 1
                octets += size + 1
            steps += 1
            if (_LONGEST_LABEL < size < _POINTER) or octets > _LONGEST_NAME:
                raise FormError
        self._count(steps)
        return (*labels, b""), end or at + 1

    def _each(self, count: int) -> Iterator[tuple[int, int, int, int]]:
        """Step through records, standing at the octets of each: where its owner stands, type, time to live, length."""
        for _ in range(count):
            start = at = self.current
            while size := self.wire[at]:
                if size >= _POINTER:
                    at += 1
                    break
                at += size + 1
            kind, kin, ttl, size = _FIXED.unpack_from(self.wire, at + 1)
            self.current = at + 1 + _FIXED.size
            behind = self.current + size
            if kin == IN or kind == OPT:  # the class of OPT is a size
                yield start, kind, ttl, size
            self.seek(behind)

    def _count(self, work: int) -> None:
        self._work += work
        if self._work > _MOST_WORK:
            text = f"the names and records in the answer of {self._peer} are too many or too long to be read"
            raise ExchangeError(Reason.TOO_LARGE, text)


def _folded(labels: _Labels) -> _Labels:
    return tuple(label.lower() for label in labels)


def _strings(octets: bytes) -> Iterator[bytes]:
    """Take apart strings that stand behind their lengths."""
    at = 0
    while at < len(octets):
        start, at = at + 1, at + 1 + octets[at]
        if at > len(octets):
            raise FormError
        yield octets[start:at]


def _bare(text: str) -> str:
    return _FINAL_DOTS.sub("", text)
