"""Opening an address in a browser, where that is safe and possible."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from platformpm.model.text import display_url

if TYPE_CHECKING:
    from textual.app import App

NO_RUNBOOK = "no runbook declared: runbook = 'https://…' in the inventory"


def open_page(app: App[Any], url: str) -> str:
    """Open a web page in the browser, or copy its address where there is none; give what to tell the user."""
    shown = display_url(url)
    if not is_web_page(url):
        return f"not a web page, not opened: {shown}"
    if has_browser():
        app.open_url(url)
        return f"opening {shown}"
    app.copy_to_clipboard(url)
    return f"no browser here; copied {shown}"


def is_web_page(url: str) -> bool:
    """Tell whether an address is one a browser should be given: http or https, with a host, nothing unprintable."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and url.isprintable() and " " not in url


def has_browser(environ: Mapping[str, str] | None = None, platform: str = sys.platform) -> bool:
    """Tell whether a browser has a window of its own here; one in the terminal would write over the screen."""
    if platform in ("win32", "darwin", "cygwin"):
        return True
    known = os.environ if environ is None else environ
    return any(known.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
