"""An HTTP answer, and the few ways in which all of the demo platform makes one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from platformpm.demo.script import Condition, Mood


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer before it is put into bytes."""

    status: int = 200
    body: str = ""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


Speaker = Callable[[Condition], Answer]


def as_json(value: object, status: int = 200, content_type: str = "application/json", **headers: str) -> Answer:
    """Give a JSON answer; `X_Name` in the keywords is the header `X-Name`."""
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, json.dumps(value), content_type, names)


def as_text(body: str, status: int = 200, **headers: str) -> Answer:
    """Give a plain text answer; `X_Name` in the keywords is the header `X-Name`."""
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, body, "text/plain; charset=utf-8", names)


def fine(condition: Condition) -> bool:
    """Tell whether nothing is wrong."""
    return condition.mood is Mood.FINE


def code(condition: Condition) -> int:
    """Give the HTTP status of a system whose code follows its health."""
    return 503 if condition.mood is Mood.FAILING else 200
