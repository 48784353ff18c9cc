"""The health messages of gRPC against Protocol Buffers itself, and whatever a server may send in their place."""

from __future__ import annotations

from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2
from hypothesis import given
from hypothesis import strategies as st

from platformpm.formats.grpc import judge_grpc
from platformpm.model.check import Check
from platformpm.model.exchange import Response
from platformpm.model.reading import Reading
from platformpm.model.status import Reason, Status
from platformpm.model.text import safe_text

_OK = (("grpc-status", "0"),)
_MEANT = {0: Status.UNKNOWN, 1: Status.UP, 2: Status.DOWN, 3: Status.DOWN}


def judged(body: bytes, trailers: tuple[tuple[str, str], ...] = _OK, kind: str = "application/grpc") -> Reading:
    response = Response("grpc://h:1/", 200, headers=(("content-type", kind),), body=body, trailers=trailers)
    return judge_grpc(response, Check(), 0.0)


def framed(message: bytes) -> bytes:
    return b"\0" + len(message).to_bytes(4, "big") + message


@given(st.binary(max_size=40))
def test_a_message_means_what_protocol_buffers_say_or_is_refused(message: bytes) -> None:
    reading = judged(framed(message))
    try:
        known = health_pb2.HealthCheckResponse.FromString(message)
    except DecodeError:
        return
    if reading.reason is not Reason.PROTOCOL:  # groups and the longest numbers are refused, which nobody sends
        assert reading.status is _MEANT.get(known.status, Status.UNKNOWN)


@given(st.integers(0, 3), st.binary(max_size=20))
def test_what_servers_write_is_understood(status: int, more: bytes) -> None:
    message = health_pb2.HealthCheckResponse(status=status).SerializeToString()
    unknown_field = b"\x7a" + bytes([len(more)]) + more
    for written in (message, unknown_field + message, message + unknown_field):
        assert judged(framed(written)).status is _MEANT[status]


@given(st.binary(max_size=60), st.text(max_size=30), st.text(max_size=60), st.text(max_size=30))
def test_anything_at_all_is_a_clean_reading(body: bytes, code: str, said: str, kind: str) -> None:
    for reading in (
        judged(body, (("grpc-status", code), ("grpc-message", said))),
        judged(body, kind=kind),
        judged(body),
    ):
        assert safe_text(reading.detail) == reading.detail
        assert (reading.reason is None) is (reading.status is Status.UP)


def test_a_message_is_decoded_and_its_escapes_are_cleaned() -> None:
    reading = judged(b"", (("grpc-status", "14"), ("grpc-message", "gr%C3%BC%C3%9Fe %1B]52;c;x%07 %FF")))
    assert reading.detail.startswith("UNAVAILABLE: grüße ")
    assert "\x1b" not in reading.detail
