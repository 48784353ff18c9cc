"""Picks a face: the command line, which opens the terminal face where that is asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from platformpm.cli.context import Keep
    from platformpm.inventory import Loaded

_INTERRUPTED = 130


def main() -> int:
    """Run platformpm on the command line of this process and give its exit code."""
    try:
        from platformpm.cli.main import main as run  # Ctrl+C while this is imported is quiet too

        return run(sys.argv[1:], open_tui)
    except KeyboardInterrupt:
        return _INTERRUPTED


def open_tui(path: Path, loaded: Loaded, keep: Keep, error: Callable[[str], None]) -> int:
    """Watch the platform whose inventory is at `path` and show it on the terminal until the user leaves."""
    from platformpm import tui  # the terminal toolkit, which no headless command may pay for
    from platformpm.assembly import Running
    from platformpm.report import words

    session = Running.of(path, os.environ, loaded, keep=keep)
    try:
        with session:
            return tui.run(session)
    finally:
        if unsaved := words.unsaved(session.history()):
            error(unsaved)


if __name__ == "__main__":
    raise SystemExit(main())
