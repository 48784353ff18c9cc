from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.model.text import REPLACEMENT, display_url, safe_text

FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
FILLERS = (0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0)
TEXT = st.text(st.characters())


def harmless(text: str) -> bool:
    return all(unicodedata.category(char) not in FORBIDDEN for char in text)


def test_no_code_point_at_all_is_a_command() -> None:
    for start in range(0, sys.maxunicode + 1, 64):
        for code in range(start, start + 64):
            shown = safe_text(f"a{chr(code)}b")
            assert harmless(shown), hex(code)
            assert shown.startswith("a"), hex(code)
            assert shown.endswith("b"), hex(code)
            assert "\n" not in shown, hex(code)


@pytest.mark.parametrize(
    "code", [0x1B, 0x07, 0x9B, 0x9D, 0x00, 0x7F, 0x202E, 0x2066, 0x200B, 0xFEFF, 0xD800, 0xE0041, *FILLERS]
)
def test_dangerous_code_points_are_replaced(code: int) -> None:
    assert safe_text(f"a{chr(code)}b") == f"a{REPLACEMENT}b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("HTTP 503, expected 2xx", "HTTP 503, expected 2xx"),
        ("  two\r\n\tlines  ", "two lines"),
        ("no\u00a0break\u2028line", "no break line"),
        ("\x1b]52;c;aGk=\x07", f"{REPLACEMENT}]52;c;aGk={REPLACEMENT}"),
        ("\x1b\x1b\x1b[31mred", f"{REPLACEMENT}[31mred"),
        ("naïve 状態 🚀 مرحبا", "naïve 状態 🚀 مرحبا"),
        ("z" + "\u0301" * 50, "z\u0301\u0301"),
        ("a" + "\u0903" * 60, "a\u0903\u0903"),
        ("\u1112" + "\u1161\u11ab" * 30, "\u1112\u1161\u11ab"),
        ("z" + "\u0301\ufe0f" * 50, "z\u0301\u0301"),
        ("हिन्दी", "हिन्दी"),
        ("a" + "\u3164" * 50, f"a{REPLACEMENT}"),
        ("❤\ufe0f" * 3, "❤❤❤"),
        ("👩\U0001f3fd\u200d💻", "👩💻"),
        ("🇩🇪", "🇩🇪"),
        ("\u0301abc", "abc"),
        (" \u0301abc", "abc"),
        ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),  # markup is the widgets' business: it stays as it is
    ],
)
def test_text_from_outside_is_shown_plainly(text: str, shown: str) -> None:
    assert safe_text(text) == shown


@given(TEXT, st.integers(0, 60))
def test_text_is_one_harmless_line_within_its_limit(text: str, limit: int) -> None:
    shown = safe_text(text, limit)
    assert len(shown) <= limit
    assert harmless(shown)
    assert shown == " ".join(shown.split())


@given(TEXT)
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    shown = safe_text(text)
    assert safe_text(shown) == shown


@given(st.text("abc ", min_size=21))
def test_what_is_cut_says_so(text: str) -> None:
    shown = safe_text(text, 10)
    assert shown.endswith("…") or len(" ".join(text.split())) <= 10


@pytest.mark.parametrize("filler", [" ", "\0", "\u0301", "\u200b", "\n\t"])
def test_a_cut_that_leaves_a_short_text_says_so_too(filler: str) -> None:
    shown = safe_text("x" + filler * 4000 + "tail", 200)
    assert shown.startswith("x")
    assert shown.endswith("…")


def test_blanks_around_a_text_are_not_cut_but_gone() -> None:
    assert safe_text(" " * 5000 + "all of it" + "\n" * 5000) == "all of it"


def test_a_huge_text_costs_no_more_than_its_limit() -> None:
    assert len(safe_text("\x1b" + "é" * 50_000_000, 200)) == 200


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://user:pass@h:8080/a/b?token=s3cret&x#frag", "http://h:8080/a/b?token=…&x"),
        ("https://h/", "https://h/"),
        ("tcp://h:6379", "tcp://h:6379"),
        ("http://[::1]:80/", "http://[::1]:80/"),
        ("http://u:p%40ss@h/", "http://h/"),
        ("http://u:p@ss@h/", "http://h/"),
        ("http://u:p\\@h/", "http://h/"),
        ("http://u:pa/ss@h/x", "h/x"),
        ("u:p@h/x?token=s", "h/x"),
        ("http://u:p@[::1/x", "[::1/x"),
        ("http://h/@me?a=1", "http://h/@me?a=…"),
        ("/login?next=/x", "/login?next=…"),
        ("http://h/\x1b[31m?a=1", f"http://h/{REPLACEMENT}[31m?a=…"),
        ("", ""),
    ],
)
def test_a_url_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert display_url(url) == shown


SECRET = st.text("KLMNOP", min_size=8, max_size=12)
AROUND = st.text("ab/:?#[]\\&=;.", max_size=10)


@given(AROUND, SECRET, st.text("ab.", min_size=1, max_size=5), AROUND)
def test_a_password_in_a_url_is_never_shown(before: str, secret: str, host: str, after: str) -> None:
    assert secret not in display_url(f"http://u:{before}{secret}@{host}")
    assert secret not in display_url(f"http://{host}/x?{'t'}={secret}{after.replace('&', '')}")
