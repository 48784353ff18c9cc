"""A file that is there whole or not at all, for its owner alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from platformpm.errors import PlatformpmError, UsageError


def check_target(path: Path, *, force: bool) -> None:
    """Make sure that a file may be written at `path`, before long work is done for it. Raises UsageError."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise UsageError(f"{path} cannot be written: there is no folder {path.parent}")
    if os.path.lexists(path):
        if not force:
            raise UsageError(f"{path} is there already and stays as it is; --force replaces it")
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is no file and stays as it is")


@contextmanager
def saved(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """Give a file that becomes the one at `path` when all is written; one that is there is replaced with `force` only.

    Until then it stands beside it under another name, and goes away if anything is raised. It has mode 0600. Raises
    UsageError for a place that is taken, PlatformpmError where the disk does not take it.
    """
    check_target(path, force=force)
    try:
        number, name = tempfile.mkstemp(prefix=".platformpm-", suffix=".part", dir=path.parent)
    except OSError as error:
        raise _refused(path, error) from None
    try:
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _put(Path(name), path, force=force)
    except OSError as error:
        raise _refused(path, error) from None
    finally:
        with suppress(OSError):
            Path(name).unlink()


def _put(name: Path, path: Path, *, force: bool) -> None:
    if not force:
        try:
            path.hardlink_to(name)  # unlike a rename it never replaces what came meanwhile
        except FileExistsError:
            raise UsageError(f"{path} is there already and stays as it is; --force replaces it") from None
        except OSError:
            check_target(path, force=False)  # a file system without links
        else:
            return
    name.replace(path)


def _refused(path: Path, error: OSError) -> PlatformpmError:
    return PlatformpmError(f"{path} cannot be written: {error.strerror or error}")
