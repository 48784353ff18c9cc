"""The standard health service of gRPC, `grpc.health.v1.Health/Check`: its two messages, and what an answer means.

The messages have one field each (grpc/health/v1/health.proto), so that no Protocol Buffers library is needed; framing
and status are those of gRPC's PROTOCOL-HTTP2.md and statuscodes.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from platformpm.formats.judge import Fault, limit_faults, reading_of_failure, worst_fault
from platformpm.model.check import Check
from platformpm.model.exchange import Failure, Response
from platformpm.model.reading import Reading
from platformpm.model.status import Reason, Status, status_for
from platformpm.model.text import safe_text

METHOD = "/grpc.health.v1.Health/Check"

_PREFIX = 5
_SHOWN = 40
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10
_SERVICE = 1 << 3 | _BYTES
_STATUS_FIELD = 1
_SERVING = 1
_STATUSES = {
    0: ("UNKNOWN", Status.UNKNOWN),
    2: ("NOT_SERVING", Status.DOWN),
    3: ("SERVICE_UNKNOWN", Status.DOWN),
}
_CODES = (
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
    "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
)  # fmt: skip
_NAMES = {str(number): name for number, name in enumerate(_CODES)}
_REASONS = {
    "DEADLINE_EXCEEDED": Reason.TIMEOUT_RESPONSE,
    "PERMISSION_DENIED": Reason.UNAUTHORIZED,
    "UNAUTHENTICATED": Reason.UNAUTHORIZED,
    "RESOURCE_EXHAUSTED": Reason.RATE_LIMITED,
}
"""Codes that mean what an HTTP status or a deadline of ours would; every other one is a bad `status`."""
_MEANINGS = {
    "NOT_FOUND": "the health service does not know this service",
    "UNIMPLEMENTED": "there is no health service",
}
_HTTP_REASONS = {
    401: Reason.UNAUTHORIZED,
    403: Reason.UNAUTHORIZED,
    407: Reason.UNAUTHORIZED,
    429: Reason.RATE_LIMITED,
}


def health_request(service: str) -> bytes:
    """Give the message that asks for a service by name, for the server as a whole when empty, framed."""
    name = service.encode()
    message = bytes([_SERVICE]) + _varint(len(name)) + name if name else b""
    return b"\0" + len(message).to_bytes(4, "big") + message


def judge_grpc(exchange: Response | Failure, check: Check, at: float) -> Reading:
    """Judge the answer of the health service to a call at wall time `at` (seconds)."""
    if isinstance(exchange, Failure):
        return reading_of_failure(exchange, at)
    limits = limit_faults(exchange.latency, exchange.certificate, check, at)
    fault = worst_fault((*_faults(exchange), *limits))
    return Reading(
        status=fault.status if fault else Status.UP,
        at=at,
        reason=fault.reason if fault else None,
        detail=fault.detail if fault else "SERVING",
        latency=exchange.latency,
        phases=exchange.phases,
        certificate_expires=exchange.certificate.not_after if exchange.certificate else None,
    )


def _faults(response: Response) -> Iterator[Fault]:
    """Give the first thing that is wrong, from the outside in: HTTP, gRPC, the message."""
    told = dict((*response.headers, *response.trailers))
    kind, code = told.get("content-type", ""), told.get("grpc-status")
    if response.status != 200:
        reason = _HTTP_REASONS.get(response.status, Reason.STATUS)
        yield _fault(reason, f"HTTP {response.status}, expected 200")
    elif not kind.startswith("application/grpc"):
        yield _fault(Reason.PROTOCOL, f"not gRPC: the answer is {kind or 'of no type'}")
    elif not response.complete:
        yield _fault(Reason.TOO_LARGE, response.too_large("the answer"))
    elif code is None:
        yield _fault(Reason.PROTOCOL, "not gRPC: the answer has no grpc-status")
    elif code != "0":
        yield _refusal(code, unquote(told.get("grpc-message", "")))
    else:
        yield from _message_faults(response)


def _refusal(code: str, said: str) -> Fault:
    name = _NAMES.get(code) or f"status {safe_text(code, _SHOWN)}, which gRPC does not know"
    meaning = _MEANINGS.get(name)
    seen = f"{name}, {meaning}" if meaning else name
    return _fault(_REASONS.get(name, Reason.STATUS), f"{seen}: {said}" if said else seen)


def _message_faults(response: Response) -> Iterator[Fault]:
    try:
        status = _serving_status(response.body)
    except ValueError as error:
        yield _fault(Reason.PROTOCOL, f"not a health answer: {error}")
        return
    if status != _SERVING:
        name, meant = _STATUSES.get(status, (f"serving status {status}", Status.UNKNOWN))
        yield Fault(meant, Reason.PAYLOAD, name)


def _serving_status(body: bytes) -> int:
    """Give the number in the one message of a body. Raises `ValueError`."""
    if len(body) < _PREFIX:
        raise ValueError(f"{len(body)} bytes")
    if body[0]:
        raise ValueError("compressed, which was not offered")
    message = body[_PREFIX:]
    if len(message) != int.from_bytes(body[1:_PREFIX], "big"):
        raise ValueError("not one whole message")
    status, at = 0, 0
    while at < len(message):
        key, at = _read_varint(message, at)
        field, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _read_varint(message, at)
            status = value if field == _STATUS_FIELD else status
            continue
        length, at = _read_varint(message, at) if wire == _BYTES else (_WIDTHS.get(wire), at)
        if length is None or at + length > len(message):
            raise ValueError("damaged")
        at += length
    return status


_WIDTHS = {_FIXED64: 8, _FIXED32: 4}


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    """Give a number and where it ends."""
    value = 0
    for place, byte in enumerate(message[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise ValueError("damaged")


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def _fault(reason: Reason, detail: str) -> Fault:
    return Fault(status_for(reason), reason, safe_text(detail))
