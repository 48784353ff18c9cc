"""The heads of frames, however the bytes are cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from platformpm.model.status import Reason
from platformpm.net.http2_frames import Frames
from tests.faults.http2_faults import CONTINUATION, DATA, HEADERS, PING, RESET, SETTINGS, frame

_ENOUGH = (Reason.PROTOCOL, "more than 200 frames beside the answer")


def _flaw(data: bytes, piece: int = 4096) -> tuple[Reason, str] | None:
    frames = Frames()
    for at in range(0, len(data), piece):
        frames.feed(data[at : at + piece])
    return frames.flaw()


@given(st.integers(1, 40), st.sampled_from([PING, RESET, SETTINGS, 0xEE]), st.binary(max_size=30))
def test_frames_are_counted_wherever_they_are_cut(piece: int, kind: int, payload: bytes) -> None:
    one = frame(kind, payload, stream=3)
    assert _flaw(one * 200, piece) is None
    assert _flaw((one * 201)[: -len(payload) or None], piece) == _ENOUGH


@given(st.integers(1, 40), st.sampled_from([DATA, HEADERS, CONTINUATION]))
def test_what_an_answer_is_made_of_is_not_counted(piece: int, kind: int) -> None:
    assert _flaw(frame(kind, frame(PING) * 3) * 300, piece) is None


def test_few_but_large_frames_beside_the_answer_are_too_much() -> None:
    many = frame(SETTINGS, bytes(16_384), stream=0)
    assert _flaw(many * 4) is None
    assert _flaw(many * 4 + frame(PING, b"x")) == (Reason.PROTOCOL, "more than 64 KiB of frames beside the answer")


def test_a_frame_that_is_too_long_is_seen_by_its_head() -> None:
    assert _flaw(frame(DATA, bytes(16_384))) is None
    told = _flaw(frame(DATA, bytes(16_385))[:9])
    assert told == (Reason.PROTOCOL, "not HTTP/2: a frame of 16385 bytes, at most 16384 were allowed")
