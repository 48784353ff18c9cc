"""The terminal UI."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from platformpm.model.ports import Clock, Session

_FRAMES = "240"
"""Frames a second at most, read by the toolkit as it is imported. A frame is made only when something changed, so
this costs nothing, but a key waits 4 ms for its frame and not 17: its p95 while thousands are probed is half."""


def run(session: Session, clock: Clock | None = None) -> int:
    """Show a session on the terminal until the user leaves; give the exit code."""
    os.environ.setdefault("TEXTUAL_FPS", _FRAMES)
    from platformpm.tui.app import run as run_app  # the toolkit is heavy, a headless command is not

    return run_app(session, clock)
