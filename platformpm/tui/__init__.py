"""The terminal UI."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from platformpm.model.ports import Clock, Session


def run(session: Session, clock: Clock | None = None) -> int:
    """Show a session on the terminal until the user leaves; give the exit code."""
    from platformpm.tui.app import run as run_app  # the toolkit is heavy, a headless command is not

    return run_app(session, clock)
