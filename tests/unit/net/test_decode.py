"""Content codings: whatever the pieces, the same body; whatever the bomb, never more than the cap."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.model.status import Reason
from platformpm.net.decode import LARGEST_BODY, Compressed, Decoder, Plain, decoder_for
from platformpm.net.faults import ExchangeError


def _raw(body: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(body) + engine.flush()


_PACKERS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress, "deflate raw": _raw}


def _pieces(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def _decode(decoder: Decoder | str, data: bytes, cuts: Iterable[int] = ()) -> bytes:
    assert not isinstance(decoder, str)
    for piece in _pieces(data, cuts):
        decoder.feed(piece)
        if decoder.full:
            break
    return decoder.finish()


@given(st.binary(max_size=3000), st.sampled_from(sorted(_PACKERS)), st.lists(st.integers(1, 10_000), max_size=5))
def test_a_body_comes_out_as_it_went_in_however_it_is_cut(body: bytes, packer: str, cuts: list[int]) -> None:
    packed = _PACKERS[packer](body)
    assert (
        _decode(decoder_for(packer.split(maxsplit=1)[0]), packed, [cut for cut in cuts if cut % (len(packed) + 1) > 1])
        == body
    )


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=4), st.integers(1, 1000))
def test_members_of_one_gzip_body_are_one_body(bodies: list[bytes], cut: int) -> None:
    assert _decode(Plain(), b"".join(bodies), [cut]) == b"".join(bodies)
    packed = b"".join(gzip.compress(body) for body in bodies)
    assert _decode(decoder_for("x-gzip"), packed) == b"".join(bodies)


def test_a_bomb_stops_at_the_cap() -> None:
    decoder = Compressed("gzip")
    decoder.feed(gzip.compress(bytes(50 * LARGEST_BODY)))
    assert decoder.full
    assert len(decoder.finish()) == LARGEST_BODY


def test_a_body_of_exactly_the_cap_is_whole() -> None:
    for body in (bytes(LARGEST_BODY), bytes(LARGEST_BODY + 1)):
        plain, packed = Plain(), Compressed("gzip")
        plain.feed(body)
        packed.feed(gzip.compress(body))
        assert plain.full is packed.full is (len(body) > LARGEST_BODY)
        assert plain.finish() == packed.finish() == body[:LARGEST_BODY]


def test_compressed_bytes_that_unpack_to_nothing_are_capped_too() -> None:
    decoder = Compressed("gzip", cap=1000)
    empty = gzip.compress(b"")
    for _ in range(2000 // len(empty) + 1):
        decoder.feed(empty)
    assert decoder.full


@pytest.mark.parametrize("packer", sorted(_PACKERS))
def test_a_body_that_is_cut_short_is_a_protocol_error(packer: str) -> None:
    with pytest.raises(ExchangeError, match="cut short") as caught:
        _decode(decoder_for(packer.split(maxsplit=1)[0]), _PACKERS[packer](b"all work and no play" * 20)[:-3])
    assert caught.value.reason is Reason.PROTOCOL


def test_damage_is_a_protocol_error() -> None:
    packed = bytearray(gzip.compress(b"all work and no play" * 20))
    packed[12] ^= 0xFF
    with pytest.raises(ExchangeError, match="damaged"):
        _decode(decoder_for("gzip"), bytes(packed))


def test_nothing_is_a_fine_encoding_of_nothing() -> None:
    assert _decode(decoder_for("gzip"), b"") == b""


@pytest.mark.parametrize(("header", "says"), [("br", "br"), ("gzip, gzip", "2 times"), ("zstd,identity", "zstd")])
def test_what_was_not_offered_is_not_decoded(header: str, says: str) -> None:
    why = decoder_for(header)
    assert isinstance(why, str)
    assert says in why


@pytest.mark.parametrize("header", ["", "identity", " , Identity"])
def test_identity_is_no_coding(header: str) -> None:
    assert isinstance(decoder_for(header), Plain)
