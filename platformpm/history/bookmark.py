"""When the user last looked at what happened: the time of an empty file beside the database."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


class FileBookmark:
    """A `Bookmark` that outlives the process, or the memory of one where there is no file. Never raises."""

    def __init__(self, database: Path | None) -> None:
        """Keep the mark beside this database."""
        self._path = None if database is None else database.with_name(database.name + ".looked")
        self._at: float | None = None

    def read(self) -> float | None:
        """Give the wall time of the last look in seconds, None when there was none."""
        if self._path is not None:
            with suppress(OSError):
                self._at = os.stat(self._path, follow_symlinks=False).st_mtime  # noqa: PTH116
        return self._at

    def put(self, at: float) -> None:
        """Note a look at wall time `at`; where the disk does not take it, it is forgotten with this process."""
        self._at = at
        if self._path is None:
            return
        flags = os.O_CREAT | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with suppress(OSError):
            os.close(os.open(self._path, flags, 0o600))
            os.utime(self._path, (at, at))
