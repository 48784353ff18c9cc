"""Where the history of a platform lives."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from platformpm.model.inventory import IN_MEMORY, HistorySettings

FILE_NAME = "history.db"
_MUTES = "mutes.json"
_LONGEST = 60
"""Characters of a slug: short enough for every file system, with room for what is appended."""


def history_path(platform_name: str, settings: HistorySettings, environ: Mapping[str, str]) -> Path | None:
    """Give the file of the history of a platform; None where it shall live in memory only."""
    if settings.path:
        return None if settings.path == IN_MEMORY else Path(settings.path)
    return state_folder(environ) / slug(platform_name) / FILE_NAME


def mutes_path(platform_name: str, settings: HistorySettings, environ: Mapping[str, str]) -> Path:
    """Give the file of the mutes of a platform: beside its history, which may have a place of its own."""
    history = history_path(platform_name, settings, environ)
    if history is None:
        return state_folder(environ) / slug(platform_name) / _MUTES
    return history.with_name(f"{history.name}.{_MUTES}" if settings.path else _MUTES)


def state_folder(environ: Mapping[str, str]) -> Path:
    """Give the folder for what this user's platforms remember."""
    named = environ.get("XDG_STATE_HOME", "")
    if Path(named).is_absolute():  # the XDG specification: a relative one counts as not set
        return Path(named) / "platformpm"
    import platformdirs

    return platformdirs.user_state_path("platformpm", appauthor=False)


def slug(name: str) -> str:
    """Give a name of a folder for the name of a platform: where letters were lost, a hash tells names apart."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if words and words == re.sub(r"[ _-]+", "-", name.lower()) and len(words) <= _LONGEST:
        return words
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{words[: _LONGEST - 9].strip('-')}-{digest}".strip("-")
