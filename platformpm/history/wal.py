"""The write-ahead log beside a database (sqlite.org/fileformat2.html#walformat): what SQLite leaves out without a word.

Of a log whose head is spoilt it reads nothing, and beside a database without a byte it removes the log.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path

_MAGIC = 0x377F0682
"""With its lowest bit set, checksums are of big-endian words."""
_HEAD = 32


def wal_of(path: Path) -> Path:
    """Give the path of the log of a database."""
    return path.with_name(path.name + "-wal")


def has_content(path: Path) -> bool:
    """Tell whether there is more in the log of a database than its head."""
    with suppress(OSError):
        return wal_of(path).stat().st_size > _HEAD
    return False


def is_headless(path: Path) -> bool:
    """Tell whether the log of a database has content that nobody will read. Raises OSError."""
    if not has_content(path):
        return False
    with wal_of(path).open("rb") as file:
        head = file.read(_HEAD)
    magic = int.from_bytes(head[:4], "big")
    words = struct.unpack(">6I" if magic & 1 else "<6I", head[:24])
    one = other = 0
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + other) & 0xFFFFFFFF
        other = (other + second + one) & 0xFFFFFFFF
    return magic & ~1 != _MAGIC or struct.unpack(">2I", head[24:]) != (one, other)
