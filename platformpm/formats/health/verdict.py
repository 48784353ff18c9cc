"""What a health dialect is, what it is shown and how its finding becomes a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Flag, auto
from functools import cached_property
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlsplit

from platformpm.formats.payload import Payload
from platformpm.model.reading import FAILING_COUNTED
from platformpm.model.status import Reason, Status
from platformpm.model.text import safe_text

MOST_FAILING = 20
"""Failing components named in one verdict; of more a reader is told how many."""

_NAME_LIMIT = 80
_SHORT_BODY = 512
_RATE_LIMITED = 429


@dataclass(frozen=True, slots=True)
class HealthVerdict:
    """What a health answer says, the HTTP status code already weighed in.

    `detail` says what was seen, `failing` names at most 20 sub-components (`a.b` when nested), `more` counts the
    others, `version` is the application's own where the format carries it, `because` says by what the dialect was
    recognised. All cleaned.
    """

    dialect: str
    status: Status
    reason: Reason | None
    detail: str
    failing: tuple[str, ...]
    more: int
    version: str | None
    because: str


class Component(NamedTuple):
    """A sub-component that is not well: its name and what it says of itself. Not cleaned yet."""

    name: str
    says: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a body or its headers say, before the HTTP status code is weighed.

    `accepted` are status codes outside 2xx that the format uses for a node that is well. `reason` is what a bad
    finding is booked as when the code itself is good.
    """

    status: Status
    says: str
    because: str
    failing: Iterable[Component] = ()
    version: str | None = None
    accepted: frozenset[int] = frozenset()
    reason: Reason = Reason.PAYLOAD


class Shape(Flag):
    """First look at a body, so that only dialects that could fit are asked. A bare JSON value counts as text."""

    TABLE = auto()
    LIST = auto()
    TEXT = auto()
    EMPTY = auto()


class Answer:
    """A payload as the dialects look at it.

    `chosen` is True when the inventory names the dialect: then hints by path, port or header are not needed.
    """

    def __init__(self, payload: Payload, *, chosen: bool = False) -> None:
        """Wrap `payload`."""
        self.payload = payload
        self.chosen = chosen
        self.status = payload.status
        self.header = payload.header
        self.table: Mapping[str, object] = payload.table

    @property
    def good(self) -> bool:
        """Say whether the status code is 2xx."""
        return 200 <= self.status <= 299

    @cached_property
    def shape(self) -> Shape:
        """Give the shape of the body."""
        if isinstance(self.payload.json, dict):
            return Shape.TABLE
        if isinstance(self.payload.json, list):
            return Shape.LIST
        return Shape.TEXT if self.payload.response.body.strip() else Shape.EMPTY

    @cached_property
    def word(self) -> str:
        """Give a short text (or JSON string) body without the white space around it; empty when the body is long."""
        if len(self.payload.response.body) > _SHORT_BODY:
            return ""
        value = self.payload.json
        return value.strip() if isinstance(value, str) else self.payload.text.strip()

    @cached_property
    def path(self) -> str:
        """Give the path of the URL without a slash at its end."""
        return self.payload.path.rstrip("/")

    @cached_property
    def query(self) -> str:
        """Give the query of the URL."""
        try:
            return urlsplit(self.payload.response.url).query
        except ValueError:
            return ""

    @cached_property
    def port(self) -> int | None:
        """Give the port of the URL when it is written there."""
        try:
            return urlsplit(self.payload.response.url).port
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Dialect:
    """A health format: its name in the inventory, its title, the public source it was written from, its reader.

    `shapes` are the bodies it can be recognised in, `keys` the top-level JSON keys of which it needs at least one
    (none: any object will do).
    """

    name: str
    title: str
    source: str
    read: Callable[[Answer], Finding | None]
    shapes: Shape = Shape.TABLE
    keys: tuple[str, ...] = ()

    def judge(self, answer: Answer) -> HealthVerdict | None:
        """Give the verdict on `answer`, None when it is not in this format."""
        finding = self.read(answer) if answer.shape & self.shapes else None
        return None if finding is None else weigh(self.name, answer, finding)

    def may_fit(self, table: Mapping[str, object]) -> bool:
        """Say whether the keys of a JSON object allow this format: cheap, asked before `read`."""
        for key in self.keys:
            if key in table:
                return True
        return not self.keys


def weigh(dialect: str, answer: Answer, finding: Finding) -> HealthVerdict | None:
    """Weigh the HTTP status code with what the body says.

    A code outside 2xx that the format does not use for well nodes makes it down, whatever the body says; the body
    then explains. 429 without such a meaning is a rate limit and not judged here.
    """
    failing = _cleaned(finding.failing)
    if answer.good or answer.status in finding.accepted:
        status = finding.status
        reason = None if status is Status.UP else finding.reason
    elif answer.status == _RATE_LIMITED:
        return None
    else:
        status, reason = Status.DOWN, Reason.STATUS
    detail = safe_text(_detail(answer, finding, failing, reason))
    names = tuple(component.name for component in failing[:MOST_FAILING])
    more = len(failing) - len(names)
    return HealthVerdict(dialect, status, reason, detail, names, more, finding.version, safe_text(finding.because))


def _cleaned(components: Iterable[Component]) -> list[Component]:
    found: dict[str, Component] = {}
    for name, says in islice(components, FAILING_COUNTED):
        clean = safe_text(name, _NAME_LIMIT) or "unnamed"
        if clean not in found:
            found[clean] = Component(clean, says)
    return list(found.values())


def _detail(answer: Answer, finding: Finding, failing: list[Component], reason: Reason | None) -> str:
    well = finding.status is Status.UP
    if well and reason is Reason.STATUS:
        return f"HTTP {answer.status}, though the body says {finding.says}"
    said = finding.says
    if failing and not well:
        said = "; ".join(f"{name} {safe_text(says, 120)}".strip() for name, says in failing[:MOST_FAILING])
        if len(failing) > MOST_FAILING:
            least = "at least " if len(failing) >= FAILING_COUNTED else ""
            said = f"{least}{len(failing)} components fail: {said}"
    return f"HTTP {answer.status}; {said}" if reason is Reason.STATUS else said
