"""The mutes of a platform, in a small file of their own beside its history.

They are not in the database: only the one process that records may write that, and a mute is made while it runs, must
hold for a `check` too, and where no history is kept at all. The file is JSON, so that a person can read and mend it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from platformpm.errors import MutesError
from platformpm.history.lock import LockedError, held
from platformpm.model.silence import Once, Silence
from platformpm.model.text import safe_text

SCHEMA = "platformpm.mutes/1"
_LARGEST = 2**20
_MOST = 200
"""Mutes, and words of one: more nobody makes by hand, and each is looked for in all services."""
_AT_ONCE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Opening a pipe would else wait for somebody who writes into it."""
_ID = re.compile(r"[0-9a-z]{1,16}")
_WAIT = 2.0
"""Seconds to wait for another process that changes the file; it needs milliseconds."""


def read(path: Path) -> tuple[tuple[Silence, ...], str | None]:
    """Give the mutes in the file at `path`, those that are over too, and what must be told of it.

    Nobody is muted by what is not understood, or by a file that anybody may have written; the other entries hold.
    """
    try:
        entries = _entries(path)
    except FileNotFoundError:
        return (), None
    except (OSError, ValueError) as error:
        return (), f"nothing is muted by hand: {path.name} cannot be read: {_reason(error)}"
    except MutesError as error:
        return (), f"nothing is muted by hand: {path.name} {error}"
    found = {one.id: one for entry in entries[:_MOST] if (one := _mute(entry)) is not None}
    problem = None
    if unclear := len(entries) - len(found):
        what = "is not understood and holds" if unclear == 1 else "are not understood and hold"
        problem = f"{unclear} of the mutes in {path.name} {what} nothing back"
    return tuple(found.values()), problem


def add(path: Path, selectors: Sequence[str], window: Once, reason: str) -> Silence:
    """Add a mute and give it. A file that is not understood is moved aside. Raises MutesError."""
    with _changing(path, window.since) as mutes:
        taken = {one.id for one in mutes}
        number = next(one for one in iter(lambda: os.urandom(2).hex(), "") if one not in taken)
        mute = Silence(number, tuple(selectors), window, safe_text(reason))
        mutes.append(mute)
    return mute


def remove(path: Path, ids: Collection[str], now: float) -> None:
    """Take mutes away. Raises MutesError."""
    with _changing(path, now) as mutes:
        mutes[:] = [one for one in mutes if one.id not in ids]


@contextmanager
def _changing(path: Path, now: float) -> Iterator[list[Silence]]:
    """Give the mutes to change, and write down what became of them, without those that are over at `now`."""
    from platformpm.history.opening import make_folder  # with SQLite, which who only reads need not pay

    try:
        make_folder(path)
        with held(path.with_name(path.name + ".lock"), _WAIT):
            mutes = _mendable(path)
            yield mutes
            lasting = [one for one in mutes if isinstance(one.schedule, Once) and one.schedule.until > now]
            if len(lasting) > _MOST:
                raise MutesError(f"there are {_MOST} mutes already: take some back with platformpm unmute")
            _write(path, lasting)
    except LockedError:
        raise MutesError(f"another process changes {path.name} and does not end") from None
    except OSError as error:
        raise MutesError(f"{path.name} cannot be written: {_reason(error)}") from None


def _mendable(path: Path) -> list[Silence]:
    mutes, problem = read(path)
    if problem is not None:
        path.replace(path.with_name(f"{path.name}.corrupt"))
    return list(mutes)


def _entries(path: Path) -> list[object]:
    """Give what a file lists. Raises OSError, ValueError, or MutesError for one that is not to be obeyed."""
    text = _text(path)
    import json  # a platform that mutes nobody pays for none of this

    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    entries = document.get("mutes") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(entries, list):
        raise MutesError("is spoilt: it is no file of mutes")
    if document.get("schema") != SCHEMA:
        raise MutesError(f"is not understood: its schema is not {SCHEMA}")
    return entries


def _text(path: Path) -> str:
    number = os.open(path, _AT_ONCE)
    with os.fdopen(number, "rb") as file:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is not a file")
        if os.name == "posix" and found.st_uid not in (os.geteuid(), 0):
            raise MutesError("is not obeyed: it belongs to another user")
        if os.name == "posix" and found.st_mode & stat.S_IWOTH:
            raise MutesError("is not obeyed: everybody may write it, chmod 600 it")
        raw = file.read(_LARGEST + 1)
    if len(raw) > _LARGEST:
        raise ValueError("it is larger than 1 MiB")
    return raw.decode("utf-8")


def _write(path: Path, mutes: Iterable[Silence]) -> None:
    """Put the file there whole, for its owner alone."""
    import json  # only who changes the mutes pays for these
    import tempfile

    text = json.dumps({"schema": SCHEMA, "mutes": [_entry(one) for one in mutes]}, indent=2) + "\n"
    number, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _entry(mute: Silence) -> dict[str, object]:
    assert isinstance(mute.schedule, Once)  # noqa: S101  # no other is kept
    return {
        "id": mute.id,
        "selectors": list(mute.selectors),
        "since": datetime.fromtimestamp(mute.schedule.since, UTC).isoformat(timespec="seconds"),
        "until": datetime.fromtimestamp(mute.schedule.until, UTC).isoformat(timespec="seconds"),
        "reason": mute.reason,
    }


def _mute(entry: object) -> Silence | None:
    """Give the mute that an entry of the file describes, None where it makes no sense."""
    if not isinstance(entry, dict):
        return None
    number, words, reason = entry.get("id"), entry.get("selectors"), entry.get("reason", "")
    since, until = _moment(entry.get("since")), _moment(entry.get("until"))
    if since is None or until is None or not isinstance(number, str) or not _ID.fullmatch(number):
        return None
    if not isinstance(words, list) or not 0 < len(words) <= _MOST or not isinstance(reason, str):
        return None
    cleaned = tuple(safe_text(word) for word in words if isinstance(word, str))
    if len(cleaned) < len(words):
        return None
    return Silence(number, cleaned, Once(since, until), safe_text(reason))


def _moment(value: object) -> float | None:
    """Give the wall time of a text in RFC 3339; without an offset it is UTC."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value[:40])
        return at.replace(tzinfo=at.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return None


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
