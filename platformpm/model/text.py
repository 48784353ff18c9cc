"""Cleaning of everything that comes from outside, before it can reach a terminal, a file or a message."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

DETAIL_LIMIT = 200
"""Longest `detail` of a reading, in characters."""

_MARKS_IN_A_ROW = 2
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me"})
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def safe_text(text: str, limit: int = DETAIL_LIMIT) -> str:
    """Give `text` as one line that no terminal can take for a command, at most `limit` characters long.

    White space becomes single spaces. Controls, escape introducers, bidirectional and zero-width characters,
    surrogates, private and unassigned code points become U+FFFD, a run of them one. Piled-up combining marks are
    thinned. Whatever is cut, be it only what would have become nothing, an ellipsis stands at the end: by it a masker
    knows that a secret may have been cut too.
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
        category = unicodedata.category(char)
        if category in _UNPRINTABLE:
            if out[-1:] != [REPLACEMENT]:
                out.append(REPLACEMENT)
            continue
        marks = marks + 1 if category in _MARKS else 0
        # A mark without a letter of its own would sit on whatever stands before this text.
        if marks <= _MARKS_IN_A_ROW and not (marks and out[-1:] in ([], [" "])):
            out.append(char)
    return "".join(out)


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
