"""Spring Boot Actuator, 1.x to 4.x."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding
from platformpm.formats.health.words import cause_in, rated, saying, table_of
from platformpm.model.status import Status

_DEEPEST = 8
_MEDIA_TYPE = "application/vnd.spring-boot.actuator."
_OWN = {"UP": Status.UP, "DOWN": Status.DOWN, "OUT_OF_SERVICE": Status.DOWN, "UNKNOWN": Status.UNKNOWN}
_OF_OTHERS = frozenset(
    (
        *("OK", "PASS", "PASSED", "HEALTHY", "GREEN", "SUCCESS", "WARN", "YELLOW"),
        *("ERROR", "FAIL", "FAILED", "FAILURE", "UNHEALTHY", "RED"),
    )
)
"""Upper-case words of other people's making: their shape alone makes no actuator of them."""

_BAD: frozenset[Status | None] = frozenset({Status.DEGRADED, Status.DOWN})
_NOT_UP: frozenset[Status | None] = frozenset({Status.DEGRADED, Status.DOWN, None})
"""An application that is not up names components with custom statuses too: one of them is the cause."""


def _read(answer: Answer) -> Finding | None:
    """Read the aggregate status; OUT_OF_SERVICE ("should not be used") is down.

    A custom status that no usual word explains is taken for one only from a certain actuator. It is degraded then:
    Spring answers it with 200 (it serves), yet it is not UP.
    """
    word = answer.table.get("status")
    if not isinstance(word, str) or not _is_status(word):
        return None
    status = _rate(word)
    because = _origin(answer) or (None if status is None or word in _OF_OTHERS else _shape(answer.table, word))
    if because is None:
        return None
    status = status or Status.DEGRADED
    says = saying(f"status {word}", cause_in({"description": answer.table.get("description")}))
    wanted = _BAD if status is Status.UP else _NOT_UP
    return Finding(status, says, because, _failing(answer.table, "", wanted, _DEEPEST))


def _is_status(word: str) -> bool:
    """Statuses are upper-case words by convention: other systems write them in lower case or capitalised."""
    return (
        0 < len(word) <= 40 and word.isascii() and word.replace("_", "").replace("-", "").isalpha() and word.isupper()
    )


def _rate(word: object) -> Status | None:
    return _OWN.get(word) or rated(word) if isinstance(word, str) else None


def _origin(answer: Answer) -> str | None:
    if answer.payload.content_type.startswith(_MEDIA_TYPE):
        return f"media type {answer.payload.content_type}"
    if "/actuator/health" in answer.path:
        return "path /actuator/health"
    return "named in the inventory" if answer.chosen else None


def _shape(table: Mapping[str, object], word: str) -> str | None:
    for key, kind in (("components", dict), ("details", dict), ("groups", list)):
        if isinstance(table.get(key), kind) and "info" not in table:
            return f"keys status and {key}"
    if word == "OUT_OF_SERVICE":
        return "status OUT_OF_SERVICE"
    beside = "checks" not in table and any(_is_status(str(node["status"])) for _, node in _children(table))
    return "components with a status beside the status" if beside else None


def _children(node: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Walk the components of a node: under `components` (2.2 on), `details` (2.0, 2.1) or beside the status (1.x)."""
    inner = table_of(node.get("components") or node.get("details")) or node
    for name, child in inner.items():
        if isinstance(child, dict) and isinstance(child.get("status"), str):
            yield name, child


def _failing(
    node: Mapping[str, object], prefix: str, wanted: frozenset[Status | None], depth: int
) -> Iterator[Component]:
    for name, child in _children(node):
        if _rate(child["status"]) not in wanted:
            continue
        inner = list(_failing(child, f"{prefix}{name}.", wanted, depth - 1)) if depth else []
        yield from inner or [Component(prefix + name, saying(child["status"], cause_in(child.get("details"), child)))]


SPRING = Dialect(
    "spring-boot",
    "Spring Boot Actuator",
    "https://docs.spring.io/spring-boot/api/rest/actuator/health.html",
    _read,
    keys=("status",),
)
