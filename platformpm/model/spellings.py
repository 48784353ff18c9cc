"""The forms in which an answer may echo a secret that it was sent."""

from __future__ import annotations

import json
import re
from itertools import product
from urllib.parse import quote, quote_plus

from platformpm.model.text import safe_text


def spellings(text: str) -> set[str]:
    """Give every form in which an answer may echo `text`: plain, percent-encoded, and as JSON and HTML escape it.

    Each also as it looks when it is cleaned: what is masked late has blanks that were made one.
    """
    if text.isascii() and text.isalnum():
        return {text}
    plain = {text, *_in_urls(text), *_in_json(text), *_in_html(text)}
    return plain | {safe_text(form, len(form) + 1) for form in plain}


def _in_urls(text: str) -> set[str]:
    encoded = {quote(text, "", errors="replace"), quote(text, errors="replace"), quote_plus(text, errors="replace")}
    return encoded | {re.sub("%..", lambda match: match[0].lower(), form) for form in encoded}


def _in_json(text: str) -> set[str]:
    """Escape as most do, as PHP (slashes too), as Go (`<>&` by number) and as .NET (quotes and `+` by number too)."""
    plain = {json.dumps(text, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    slashed = {form.replace("/", r"\/") for form in plain}
    numbered = {_numbered(form, "<>&", upper=False) for form in plain}
    inner = json.dumps(text)[1:-1].replace(r"\"", '"')
    return plain | slashed | numbered | {_numbered(inner, "\"'<>&+`", upper=True)}


def _numbered(text: str, chars: str, *, upper: bool) -> str:
    form = r"\u{:04X}" if upper else r"\u{:04x}"
    return "".join(form.format(ord(char)) if char in chars else char for char in text)


def _in_html(text: str) -> set[str]:
    """Escape with every name and number that writers use for the two quotes."""
    base = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    quotes = product(('"', "&quot;", "&#34;", "&#x22;"), ("'", "&#39;", "&#x27;", "&#039;", "&apos;"))
    return {base.replace('"', double).replace("'", single) for double, single in quotes}
