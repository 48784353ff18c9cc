from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.model.secret import MASK, NO_MASK, SHORTEST_MASKED, Masker, Secret
from platformpm.model.spellings import spellings
from platformpm.model.text import safe_text

KEY = "Zq7vLk2mXw9pRt4sBn6yHd3fGj8cAe5uKo1i"
SECRETS = st.lists(st.text("abcAB.*+?|()[]\\$^ ", max_size=12), max_size=5)


def test_a_secret_is_shown_only_when_it_is_asked_for() -> None:
    secret = Secret("hunter22")

    @dataclass
    class Holder:
        secret: Secret

    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r:>20}", repr(Holder(secret)), repr([secret])):
        assert "hunter22" not in shown
        assert MASK in shown
    assert secret.reveal() == "hunter22"
    assert not hasattr(secret, "__dict__")


def test_secrets_are_compared_by_what_they_hide() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert Secret("a")
    assert not Secret("")


@pytest.mark.parametrize(
    ("secrets", "text", "masked"),
    [
        ([], "abcdef", "abcdef"),
        (["hunter22"], "x hunter22 y hunter22", f"x {MASK} y {MASK}"),
        (["short"], "short words", "short words"),
        (["sixsix"], "sixsix", MASK),
        (["secret", "secret-longer"], "secret-longer secret", f"{MASK} {MASK}"),
        (["a.b*c+d"], "a.b*c+d aXbbc+d", f"{MASK} aXbbc+d"),
        (["-----BEGIN\nline-one\nok\n"], "line-one ok", f"{MASK} ok"),
        (["HUNTER22"], "hunter22", "hunter22"),
    ],
)
def test_known_secrets_are_masked_in_any_text(secrets: list[str], text: str, masked: str) -> None:
    assert Masker(secrets)(text) == masked


@given(SECRETS, st.lists(st.text("abcAB.*+?|()[]\\$^ ", max_size=5), max_size=5))
def test_no_secret_survives(secrets: list[str], around: list[str]) -> None:
    text = "".join(a + s for a, s in zip([*around, *[""] * 9], [*secrets, *secrets], strict=False))
    masked = Masker(secrets)(text)
    assert all(secret not in masked for secret in secrets if len(secret) >= SHORTEST_MASKED)


def test_no_mask_changes_nothing() -> None:
    assert NO_MASK("anything") == "anything"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("got hunter-two-twen…", f"got {MASK}…"),
        ("got hun… and more", f"got {MASK}… and more"),
        ("got hun... and more", f"got {MASK}... and more"),
        ("got hu…", "got hu…"),
        ("hunter-two-twenty…", f"{MASK}…"),
        ("the hunt is on…", "the hunt is on…"),
    ],
)
def test_the_beginning_of_a_secret_where_a_text_was_cut_is_masked(text: str, masked: str) -> None:
    assert Masker(["hunter-two-twenty", "other-secret"])(text) == masked


@given(
    st.text("x \0\u0301\u200b\n", max_size=6),
    st.sampled_from([" ", "\0", "\u0301", "\t", "\u200b", "\u2028", "é"]),
    st.sampled_from([20, 60, 80, 120, 200]),
    st.integers(-40, 40),
)
def test_no_part_of_a_secret_is_left_where_a_text_was_cut(before: str, filler: str, limit: int, shift: int) -> None:
    text = before + filler * max(limit * 8 + 64 + shift - len(before) - len(KEY) // 2, 0) + KEY
    shown = Masker([KEY])(safe_text(text, limit))
    assert all(KEY[start : start + 4] not in shown for start in range(len(KEY) - 3))


def test_a_secret_with_blanks_or_controls_in_it_is_masked_after_cleaning_too() -> None:
    for secret in ("two  blanks  inside", "a\ttab inside", "\x1bescape-and-more"):
        shown = Masker(spellings(secret))(safe_text(f"got {secret} there"))
        assert shown.removesuffix(" there") in (f"got {MASK}", f"got \N{REPLACEMENT CHARACTER}{MASK}")
