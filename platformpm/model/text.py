"""Cleaning of everything that comes from outside, before it can reach a terminal, a file or a message."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

DETAIL_LIMIT = 200
"""Longest `detail` of a reading, in characters."""

_MARKS_IN_A_ROW = 2
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Mc", "Me"})
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters that show nothing."""
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def _chars(*spans: tuple[int, int]) -> frozenset[str]:
    return frozenset(chr(code) for first, last in spans for code in range(first, last + 1))


_CONJOINING = _chars((0x1161, 0x11FF), (0xD7B0, 0xD7C6), (0xD7CB, 0xD7FB))
"""Korean vowels and final consonants that are drawn into the letter before them."""

_ADORNMENTS = _chars((0x34F, 0x34F), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200D, 0x200D), (0xFE00, 0xFE0F)) | _chars(
    (0x1F3FB, 0x1F3FF), (0xE0100, 0xE01EF)
)
"""Joiners, selectors of variants and skin tones: they change the width of what they follow as each terminal likes."""


def safe_text(text: str, limit: int = DETAIL_LIMIT) -> str:
    """Give `text` as one line that no terminal can take for a command, at most `limit` characters long.

    White space becomes single spaces. Controls, escape introducers, bidirectional and zero-width characters,
    surrogates, invisible letters, private and unassigned code points become U+FFFD, a run of them one. Piled-up
    combining marks are thinned, what only adorns an emoji goes. Whatever is cut, be it only what would have become
    nothing, an ellipsis stands at the end: by it a masker knows that a secret may have been cut too.
    """
    text = text.strip()
    cut = len(text) > (read := limit * 8 + 64)
    text = text[:read]
    if not (text.isascii() and text.isprintable()):
        text = _replace(text)
    text = " ".join(text.split())
    if len(text) <= limit and not cut:
        return text
    return text[: limit - 1].rstrip() + "…" if limit > 0 else ""


def _replace(text: str) -> str:
    out: list[str] = []
    marks = 0
    for char in text:
        if char.isspace():
            out.append(" ")
            continue
        if char in _ADORNMENTS:
            continue
        category = unicodedata.category(char)
        if category in _UNPRINTABLE or char in _FILLERS:
            if out[-1:] != [REPLACEMENT]:
                out.append(REPLACEMENT)
            continue
        marks = marks + 1 if takes_no_room(char, category) else 0
        # A mark without a letter of its own would sit on whatever stands before this text.
        if marks <= _MARKS_IN_A_ROW and not (marks and out[-1:] in ([], [" "])):
            out.append(char)
    return "".join(out)


def takes_no_room(char: str, category: str) -> bool:
    """Tell whether a character of this Unicode category is drawn onto the one before it."""
    return category in _MARKS or char in _CONJOINING


def display_url(url: str, limit: int = 300) -> str:
    """Give `url` fit to be shown: without userinfo, fragment and the values of its query."""
    try:
        parts = urlsplit(url)
        authority = parts.netloc.rpartition("@")[2]
        readable = "@" not in url or (authority[-1:] not in ("", ":") and (parts.port or 0) >= 0)
    except ValueError:
        readable = False
    if not readable:  # where userinfo ends is then anybody's guess: at the last @, to be safe
        return safe_text(url.rpartition("@")[2].partition("?")[0].partition("#")[0], limit)
    names = [pair.partition("=") for pair in parts.query.split("&") if pair]
    query = "&".join(name + ("=…" if equals else "") for name, equals, _ in names)
    shown = f"{parts.scheme}://{authority}" if parts.scheme else authority
    return safe_text(shown + parts.path + (f"?{query}" if query else ""), limit)
