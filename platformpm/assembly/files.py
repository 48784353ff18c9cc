"""Whether the files of an inventory are still what they were."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

Stamp = tuple[object, ...]


def stamp_of(paths: Collection[Path]) -> Stamp:
    """Give what is different after any change: time, size, inode, rights and owner of files, `*.toml` of folders."""
    return tuple(_stamp_of_one(path) for path in paths)


def _stamp_of_one(path: Path) -> object:
    try:
        if path.is_dir():
            return sorted(entry.name for entry in path.iterdir() if entry.suffix == ".toml")
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_mode, status.st_uid
