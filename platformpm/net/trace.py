"""What is known of an exchange while it runs, so that a deadline that strikes at any point can say how far it came."""

from __future__ import annotations

from enum import Enum, auto

from platformpm.model.exchange import Certificate
from platformpm.model.reading import Phases
from platformpm.model.status import Reason


class Stage(Enum):
    """Where an exchange stands."""

    DNS = auto()
    CONNECT = auto()
    TUNNEL = auto()
    PROXY_HEAD = auto()
    TLS = auto()
    RESPONSE = auto()
    ANSWER = auto()
    MESSAGE = auto()
    BODY = auto()


class Trace:
    """Times (seconds) and facts of one exchange with one server. Written by the transport, read by who asked.

    `via` is the proxy as long as there is no connection to it; `cut` is in how much a body did not end before reading
    stopped, such as `2048 frames`. `strays` counts, by what it is, what was heard of a name server that is no answer.
    """

    __slots__ = (
        "certificate",
        "connect",
        "cut",
        "dns",
        "first",
        "first_byte",
        "interim",
        "peer",
        "sent",
        "stage",
        "strays",
        "tls",
        "transfer",
        "verdict",
        "via",
    )

    def __init__(self) -> None:
        """Start before DNS."""
        self.stage = Stage.DNS
        self.peer = ""
        self.via = ""
        self.dns: float | None = None
        self.connect: float | None = None
        self.tls: float | None = None
        self.first_byte: float | None = None
        self.transfer: float | None = None
        self.sent = 0.0
        self.first = 0.0
        self.interim = 0
        self.strays: dict[str, int] = {}
        self.cut = ""
        self.certificate: Certificate | None = None
        self.verdict: tuple[Reason, str] | None = None

    def phases(self) -> Phases:
        """Give the phases that have ended."""
        return Phases(self.dns, self.connect, self.tls, self.first_byte, self.transfer)
