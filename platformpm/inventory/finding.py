"""Where the inventory is looked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from platformpm.errors import UsageError
from platformpm.model.text import safe_text

VARIABLE = "PLATFORMPM_INVENTORY"
FILE_NAME = "platform.toml"


def find(explicit: Path | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """Give the inventory to use: the explicit one, $PLATFORMPM_INVENTORY, ./platform.toml, the user's own.

    Relative paths count from `cwd`; one inside it is given as it was written. Raises UsageError when there is none.
    """
    if explicit is not None:
        return _existing(explicit, cwd, "--inventory")
    named = environ.get(VARIABLE)
    if named:
        return _existing(Path(named), cwd, f"${VARIABLE}")
    import platformdirs  # most runs have found theirs by now

    own = platformdirs.user_config_path("platformpm", appauthor=False) / FILE_NAME
    for path in (Path(FILE_NAME), own):
        if _is_there(cwd / path):
            return _shortest(path, cwd)
    message = f"no inventory: neither {FILE_NAME} here nor {safe_text(str(own))}"
    raise UsageError(f'{message}; name one with --inventory, or write one with "platformpm init"')


def _existing(path: Path, cwd: Path, origin: str) -> Path:
    try:
        there = (cwd / path).exists()
    except PermissionError:  # reading it says what is wrong
        there = True
    except (OSError, ValueError):
        there = False
    if not there:
        raise UsageError(f"{origin}: no such file or folder: {safe_text(str(path))}")
    return _shortest(path, cwd)


def _shortest(path: Path, cwd: Path) -> Path:
    """Give the path from the working folder; that has no name any more once it was removed."""
    try:
        return path if cwd == Path.cwd() else cwd / path
    except OSError:
        return cwd / path


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
