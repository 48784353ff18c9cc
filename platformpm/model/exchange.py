"""What came back over the network: the input of every format. Built by `net`, judged by `formats`."""

from __future__ import annotations

from dataclasses import dataclass

from platformpm.model.reading import NO_PHASES, Phases
from platformpm.model.status import Reason


@dataclass(frozen=True, slots=True)
class Certificate:
    """Facts of the certificate a server showed. Times are wall time in seconds; all texts are cleaned.

    `not_after` is None where it cannot be read; `names_more` names stand in it beside `names`.
    """

    not_after: float | None
    not_before: float | None = None
    subject: str = ""
    issuer: str = ""
    names: tuple[str, ...] = ()
    names_more: int = 0
    protocol: str = ""
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    """A complete HTTP response, decoded and capped.

    `headers` are (lower-case name, value) in order of arrival. `body` is decoded and at most the cap long;
    `complete` is False when reading stopped: at the cap, or in how much `cut` says, such as `2048 frames`. `unreadable`
    says why the body could not be decoded (it is then empty). `hops` are the URLs requested before `url`. `trailers`
    are headers that came behind the body, over HTTP/2 only.
    """

    url: str
    status: int
    phrase: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    complete: bool = True
    cut: str = ""
    unreadable: str | None = None
    http_version: str = "1.1"
    hops: tuple[str, ...] = ()
    phases: Phases = NO_PHASES
    latency: float = 0.0
    certificate: Certificate | None = None
    trailers: tuple[tuple[str, str], ...] = ()

    def header(self, name: str) -> str | None:
        """Give the first value of header `name` (lower case), or None."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def too_large(self, what: str = "the body") -> str:
        """Say of an answer that is not complete that `what` is larger than what was read, or why no more was."""
        if self.cut:
            return f"{what} did not end within {self.cut}"
        size = len(self.body)
        return f"{what} is larger than {f'{size // 1024} KiB' if size >= 1024 else f'{size} B'}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a name server said of `name`, which it may call an alias of `canonical`.

    `code` is its RCODE by name, such as NOERROR. `records` are those of the type `record` in order of their text, as
    zone files write them but without final dots, a TXT as its plain text; nothing of them is cleaned yet. `server` is
    `ip:port`.
    """

    server: str
    name: str
    record: str
    code: str
    records: tuple[str, ...] = ()
    canonical: str = ""
    phases: Phases = NO_PHASES
    latency: float = 0.0


@dataclass(frozen=True, slots=True)
class Echo:
    """An echo request that was answered: by which address, and which of how many it was."""

    peer: str
    number: int = 1
    sent: int = 1
    phases: Phases = NO_PHASES
    latency: float = 0.0


@dataclass(frozen=True, slots=True)
class Failure:
    """An exchange that did not come to a usable end: why, what was seen, and how far it came."""

    reason: Reason
    detail: str
    phases: Phases = NO_PHASES
    latency: float | None = None
    certificate: Certificate | None = None
    url: str = ""
    hops: tuple[str, ...] = ()
