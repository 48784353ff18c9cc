"""The life of the writer: it opens the database, writes batches, and goes on after whatever the disk does."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from platformpm.errors import HistoryError
from platformpm.history.aging import Stretch
from platformpm.history.chores import Chores, Pace
from platformpm.history.connecting import FAULTS, ForeignError, NotAFileError
from platformpm.history.inbox import Inbox
from platformpm.history.ledger import Ledger
from platformpm.history.lock import LockedError, WriterLock, claim, give_way, lock_path
from platformpm.history.opening import DamagedError, finish, is_spoilt, look, make_folder, open_to_write, reason_of
from platformpm.history.salvage import salvage, set_aside
from platformpm.history.schema import migrate
from platformpm.model.inventory import HistorySettings
from platformpm.model.ports import Clock
from platformpm.model.text import safe_text

_log = logging.getLogger(__name__)

Tell = Callable[[str | None], None]
_GIVES_WAY = 2
"""Times that one who watches finds a history in use before it says so: a screen gives way to it in `Pace.beat`."""
_ANEW_MOST = 3
"""Times that one run starts anew: a disk that spoils everything is not asked for ever."""


class UnseenError(HistoryError):
    """The file cannot be looked at, and another process may well write it."""


class Recorder:
    """Writes what comes into the inbox, in the thread that calls `run`. `lock` is held while anything is written."""

    def __init__(self, path: Path | None, settings: HistorySettings, clock: Clock, pace: Pace) -> None:
        """Prepare for the database at `path`, or for the one that `memory` is then set to.

        `tell`, `opened`, `standing` and `claims` may be set before `run`; it calls the first three. `recording` says
        whether what comes is being written, `stuck` that the disk does not take it.
        """
        self.inbox = Inbox()
        self.lock = threading.RLock()
        self.pace = pace
        self.settings = settings
        self.tell: Tell = _nobody
        self.opened: Callable[[], None] | None = None
        self.standing: Callable[[bool], None] | None = None
        self.claims = False
        self.recording = self.stuck = False
        self.memory: sqlite3.Connection | None = None
        self._anew = 0
        self._path = path
        self._clock = clock
        self._said: str | None = None
        self._notice: str | None = None
        self._closing = False
        self._held: WriterLock | None = None
        self._claim: WriterLock | None = None
        self._writes: bool | None = None
        self._refused = 0
        self._stretch = Stretch(clock)
        self._pause = 0.0
        self._well = True

    def close(self) -> None:
        """Write what waits, then end."""
        self._closing = True
        self.inbox.wake.set()

    def run(self) -> None:
        """Write until closed. Never raises: what cannot go on is told, and history is off."""
        try:
            self._run()
        except Exception as error:  # noqa: BLE001  # probing must go on whatever happens here
            self._say(f"history is off: {type(error).__name__}: {safe_text(str(error))}")
        finally:
            self.inbox.shut()
            self._release()
            if self._claim is not None:
                self._claim.release()

    def _run(self) -> None:
        self._pause = self.pace.retry
        while True:
            try:
                return self._live()
            except LockedError as error:
                self._let_look()
                self._stand(error)
                self._stretch.begin()
                pause, self._pause = self.pace.locked, self.pace.retry
            except ForeignError as error:
                self._say(self._trouble(error))
                return None
            except (OSError, *FAULTS, HistoryError) as error:
                if is_spoilt(error) and self._start_anew(error):
                    continue
                self.stuck, self._well = True, False
                self._say(self._trouble(error))
                pause, self._pause = self._pause, min(2 * self._pause, self.pace.retry_most)
            if self._closing:
                return None
            self._wait(pause)

    def _live(self) -> None:
        """Write until closed. Raises whatever stands in the way."""
        connection = self.memory or self._open()
        try:
            self._let_look()
            self._stand(None)
            ledger = Ledger(connection, self._stretch.started)
            chores = Chores(connection, lambda: self.settings, self._clock, self.pace)
            place, looked = self._place(), self._clock.monotonic()
            beat = self._write(ledger, 0.0)
            self.recording, self.stuck = True, False
            if self._well:
                self._say(self._notice)
            while not self._closing:
                with self.lock:
                    more = chores.step()
                if not (more or self._well):
                    self._recover()
                self._wait(self.pace.breath if more else self.pace.batch)
                if self._clock.monotonic() - looked > self.pace.beat:
                    looked = self._clock.monotonic()
                    self._stay(place)
                beat = self._write(ledger, beat)
            self._write(ledger, beat)
            finish(connection)
        finally:
            self.recording = False
            if connection is not self.memory:
                connection.close()

    def _recover(self) -> None:
        """Say that all is well: not only is written what comes, but what is written can be moved and forgotten."""
        self._pause, self._well = self.pace.retry, True
        self._say(self._notice)

    def _stand(self, locked: LockedError | None) -> None:
        """Record from now on, or leave it to who does; whoever did not want to know of that is told so."""
        self.inbox.mute(on=locked is not None)
        before, self._writes = self._writes, locked is None
        self._refused = 0 if locked is None else self._refused + 1
        if self.standing is not None and self._writes is not before:
            self.standing(self._writes)
        if self.standing is not None and locked is not None:
            self._say(self._notice)
        elif locked is not None and (self._claim is None or self._refused > _GIVES_WAY):
            self._say(str(locked))

    def _let_look(self) -> None:
        """Let who asked for it look once at what was there before this run; what cannot be read is as if not there."""
        opened, self.opened = self.opened, None
        if opened is not None:
            try:
                opened()
            except HistoryError as error:
                _log.warning("what was known before cannot be read: %s", error)

    def _write(self, ledger: Ledger, beat: float) -> float:
        """Write what waits, or else a sign of life where the last was too long ago; give the time of the last."""
        while True:
            batch = self.inbox.batch()
            now, unfit = self._clock.monotonic(), 0
            if batch or now - beat > self.pace.beat:
                with self.lock:
                    wall, ledger.started = self._stretch.now(), self._stretch.started
                    unfit = ledger.write(batch, wall)
                beat = now
                if (gap := self.inbox.lost()) is not None:
                    self.inbox.put(gap)
            self.inbox.done(unfit=unfit)
            if not self.inbox.waiting:
                return beat

    def _open(self) -> sqlite3.Connection:
        path = self._file()
        make_folder(path)
        damage = self._look(path)
        self._go_first(path)
        if self._held is None:
            self._held = WriterLock(lock_path(path))
        if damage is not None:
            raise DamagedError(damage)
        return open_to_write(path)

    def _look(self, path: Path) -> str | None:
        """Look at the file; what keeps one that follows from seeing it keeps nobody from writing it."""
        try:
            return look(path)
        except (OSError, NotAFileError) as error:
            if self._writes is False:
                raise UnseenError(reason_of(error)) from error
            raise

    def _go_first(self, path: Path) -> None:
        """Claim to write, or give way to who does. A claim whose file was removed holds nobody back: it is made again.

        Raises LockedError where another process has claimed it, and OSError.
        """
        if not self.claims:
            give_way(path)
        elif self._claim is None or not self._claim.stands():
            before, self._claim = self._claim, claim(path)
            if before is not None:
                before.release()

    def _stay(self, place: tuple[int, int] | None) -> None:
        """Raise HistoryError where somebody removed or replaced the file: what is there now has a lock of its own.

        Raises LockedError where a process that watches without a screen has come: it goes first.
        """
        if self._place() != place:
            self._release()
            raise HistoryError("the file was removed")
        try:
            if self._path is not None:
                self._go_first(self._path)
        except LockedError:
            self._release()
            raise
        except OSError as error:
            _log.debug("the claim to write cannot be made again: %s", error)

    def _release(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.release()

    def _start_anew(self, error: Exception) -> bool:
        """Move a damaged database aside and take over what can be read; tell whether that could be done."""
        if self._held is None or (self._notice is not None and self._anew >= _ANEW_MOST):
            return False
        try:
            aside = set_aside(self._file(), self._clock.wall())
            self._anew += 1
            what = f"history was damaged ({reason_of(error)}): moved aside as {aside.name}"
            self._notice = f"{what}, nothing could be saved, started anew"
            connection = open_to_write(self._file())
            try:
                saved = salvage(connection, aside, self._clock.wall())
                migrate(connection)
            finally:
                connection.close()
        except (OSError, *FAULTS, HistoryError) as trouble:
            self._say(self._trouble(trouble))
            return False
        if saved:
            self._notice = f"{what}, {saved} values saved, started anew"
        self._pause, self._well = self.pace.retry, True
        return True

    def _file(self) -> Path:
        if self._path is None:
            raise HistoryError("history lives in memory")
        return self._path

    def _place(self) -> tuple[int, int] | None:
        """Tell one file from another at the same path."""
        if self._path is None:
            return None
        try:
            found = os.stat(self._path)  # noqa: PTH116
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _wait(self, seconds: float) -> None:
        if self.inbox.wake.wait(seconds):
            self.inbox.wake.clear()

    def _trouble(self, error: Exception) -> str:
        what = "cannot be read" if isinstance(error, UnseenError) else "is not recorded"
        return f"history {what}: {reason_of(error)}: {safe_text(str(self._path))}"

    def _say(self, text: str | None) -> None:
        if text != self._said:
            self._said = text
            with suppress(Exception):  # the banner is not worth the history
                self.tell(text)


def _nobody(_text: str | None) -> None:
    """Tell nobody."""
