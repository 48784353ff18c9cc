"""Small real name servers on loopback: a script answers each question, over UDP and TCP on one port."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from dns.flags import TC
from dns.message import Message, from_wire, make_response
from dns.rcode import Rcode
from dns.rrset import from_text

Question = Message
Script = Callable[[Question, bool], Iterable[bytes]]
"""(question, whether over TCP) to the datagrams, or the bytes of a TCP connection, that are sent back."""
_PATIENCE = 20.0


class NameServer:
    """A listening name server. `asked` are the questions in order, with how they came."""

    def __init__(self, script: Script, host: str = "127.0.0.1") -> None:
        self._script = script
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener, self._datagrams = _pair(host, family)
        self.host = f"[{host}]" if ":" in host else host
        self.port = int(self._listener.getsockname()[1])
        self.asked: list[tuple[Message, str]] = []
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=work) for work in (self._udp, self._tcp)]
        for thread in self._threads:
            thread.start()

    def url(self, name: str = "www.example.test") -> str:
        return f"dns://{self.host}:{self.port}/{name}"

    def leave_tcp(self) -> None:
        """Listen to UDP alone from now on."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def close(self) -> None:
        self._closing.set()
        self.leave_tcp()
        with contextlib.suppress(OSError):
            self._datagrams.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_PATIENCE)
        self._datagrams.close()

    def _udp(self) -> None:
        while not self._closing.is_set():
            try:
                data, whom = self._datagrams.recvfrom(65535)
            except OSError:
                return
            if self._closing.is_set():
                return
            for piece in self._answered(data, "udp"):
                with contextlib.suppress(OSError):
                    self._datagrams.sendto(piece, whom)

    def _tcp(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            line.settimeout(_PATIENCE)
            with contextlib.closing(line), line.makefile("rb") as incoming, contextlib.suppress(OSError):
                length = int.from_bytes(incoming.read(2))
                for piece in self._answered(incoming.read(length), "tcp"):
                    line.sendall(piece)

    def _answered(self, data: bytes, how: str) -> Iterator[bytes]:
        question = from_wire(data)
        self.asked.append((question, how))
        for piece in self._script(question, how == "tcp"):
            if self._closing.is_set():
                return
            yield piece


def _pair(host: str, family: socket.AddressFamily) -> tuple[socket.socket, socket.socket]:
    """Give a TCP and a UDP socket with the same port."""
    while True:
        listener = socket.create_server((host, 0), family=family)
        datagrams = socket.socket(family, socket.SOCK_DGRAM)
        try:
            datagrams.bind((host, listener.getsockname()[1]))
        except OSError:
            listener.close()
            datagrams.close()
        else:
            return listener, datagrams


@contextmanager
def naming(script: Script, host: str = "127.0.0.1") -> Iterator[NameServer]:
    """Answer questions by `script` until the end of the block."""
    server = NameServer(script, host)
    try:
        yield server
    finally:
        server.close()


def answer(question: Message, *records: str, code: Rcode = Rcode.NOERROR) -> Message:
    """Give an answer with these records, each `name type value`; `@` is the name that was asked for."""
    said = make_response(question)
    said.set_rcode(code)
    for record in records:
        name, kind, value = record.split(" ", 2)
        name = question.question[0].name.to_text() if name == "@" else name
        said.answer.append(from_text(name, 300, "IN", kind, value))
    return said


def says(*records: str, code: Rcode = Rcode.NOERROR) -> Script:
    """Answer every question with these records, over TCP where they do not fit."""

    def script(question: Message, tcp: bool) -> Iterable[bytes]:
        said = answer(question, *records, code=code)
        wire = said.to_wire(max_size=65535)
        if tcp:
            return [framed(wire)]
        return [wire] if len(wire) <= 1232 else [cut(question)]

    return script


def cut(question: Message) -> bytes:
    """Give an answer that did not fit."""
    said = answer(question)
    said.flags |= TC
    return said.to_wire()


def framed(wire: bytes) -> bytes:
    """Give a message as it goes over TCP (RFC 1035 section 4.2.2)."""
    return len(wire).to_bytes(2) + wire
