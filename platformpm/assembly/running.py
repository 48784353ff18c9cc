"""A platform that is being watched: its engine, its files and its history."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from platformpm.assembly.addresses import AT_ONCE, EVERY, Addresses
from platformpm.assembly.bookkeeping import Bookkeeping
from platformpm.assembly.files import Stamp, stamp_of
from platformpm.assembly.muting import Muting
from platformpm.assembly.parts import SystemClock, affordable, build_heartbeats, build_probes, build_reader
from platformpm.assembly.past import history_of
from platformpm.assembly.silences import Silences
from platformpm.engine.engine import Engine
from platformpm.engine.recording import NOWHERE
from platformpm.errors import InventoryError, PlatformpmError
from platformpm.model.check import InstanceKey
from platformpm.model.heartbeat import Heartbeat
from platformpm.model.inventory import Inventory
from platformpm.model.ports import Board, Bookmark, Clock, HistoryReader
from platformpm.model.record import Beaten
from platformpm.model.snapshot import HistoryHealth
from platformpm.model.status import Status
from platformpm.model.text import safe_text

if TYPE_CHECKING:
    from platformpm.history import History
    from platformpm.inventory import Loaded

WATCH_EVERY = 1.0
"""Seconds between two looks at the inventory's files."""
_SETTLE = 0.2
"""Seconds for which changed files must stay as they are: editors write in several steps."""
_YOUNG_AFTER = 5_000
"""New containers between two looks for garbage while a screen is open: often and short, 2 ms, so that no key waits."""
_OLD_AFTER = 50
"""Collections of the middle generation before one of the oldest, which holds every thread for 0.1 s at 5,000 services
and finds nothing; 10 is Python's own."""

Load = Callable[[], "Loaded"]


class Running:
    """A platform that is being watched, as the faces use it; a context manager. Follows the files of its inventory.

    A good change is applied without losing state; a bad one changes nothing and shows its first problem as a notice
    until the files are good again.
    """

    def __init__(
        self,
        loaded: Loaded,
        load: Load,
        history: History | None = None,
        silences: Silences | None = None,
        *,
        leads: bool = False,
        addresses: Addresses | None = None,
    ) -> None:
        """Prepare to watch the platform of `loaded`; `load` reads it again. Without `history` nothing is kept.

        Without `silences` nobody is ever muted. Of several processes that watch a platform, those that do not lead
        follow the one that does.
        """
        self._clock: Clock = SystemClock()
        self._load = load
        self._watched = loaded.watched
        self._stamp = stamp_of(loaded.watched)
        self._thresholds = gc.get_threshold()
        self._asked = threading.Event()
        self._ended = threading.Event()
        self._addresses = addresses or Addresses()
        self._looked_up = 0.0
        inventory = self._spread(affordable(loaded.inventory))
        self._heard = build_heartbeats(self._clock)
        probes = build_probes(inventory, self._clock, self._heard)
        self._reader = build_reader(inventory, self._clock)
        self._engine = Engine(inventory, probes, self._reader, self._clock, NOWHERE if history is None else history)
        self._history = history
        self._books: Bookkeeping | None = None
        if history is not None:
            self._books = Bookkeeping(history, self._engine, inventory, self._clock, self._heard, leads=leads)
        self._muting = silences and Muting(silences, self._engine.silence, self._clock)
        self._watcher = threading.Thread(target=self._watch, name="platformpm-files", daemon=True)

    @classmethod
    def of(
        cls,
        path: Path,
        environ: Mapping[str, str],
        loaded: Loaded | None = None,
        *,
        leads: bool = False,
        keep: Callable[[Loaded], None] = lambda _: None,
    ) -> Self:
        """Prepare to watch the platform whose inventory is at `path`. Raises `InventoryError` when it is bad.

        `keep` is told of each inventory that is read later, before it is used: it may have other secrets.
        """
        from platformpm.inventory import load  # with pydantic, which `--help` need not pay

        def again() -> Loaded:
            found = load(path, environ, again=True)
            keep(found)
            return found

        loaded = loaded or load(path, environ)
        history = history_of(loaded.inventory, environ, SystemClock())
        return cls(loaded, again, history, Silences.of(loaded.inventory, environ), leads=leads)

    @property
    def board(self) -> Board:
        """Give the board that holds the latest snapshot; there is one from the beginning."""
        return self._engine.board

    @property
    def past(self) -> HistoryReader | None:
        """Give a reader of what was recorded; None where nothing is."""
        return None if self._history is None else self._history.reader()

    @property
    def bookmark(self) -> Bookmark | None:
        """Give the mark of the last look at what was recorded; None where nothing is."""
        return None if self._history is None else self._history.bookmark

    @property
    def looked(self) -> bool:
        """Tell whether what was before is known, or that it cannot be."""
        return self._books is None or self._books.looked.is_set()

    def history(self) -> HistoryHealth:
        """Tell how the history is doing."""
        return HistoryHealth() if self._books is None else self._books.health()

    def heartbeats(self) -> Mapping[InstanceKey, float]:
        """Give when each job last reported, in wall seconds."""
        latest = self.board.latest()
        return {} if latest is None else self._heard.times(one.key for one in latest.inventory.instances())

    def painted(self) -> None:
        """Note that the first picture stands."""
        if self._books:
            self._books.painted.set()

    def listen(self) -> None:
        """Say that heartbeats can reach `hear` from now on."""
        self._heard.listen()

    def hear(self, key: InstanceKey, status: Status, message: str) -> Future[bool] | None:
        """Take a heartbeat of a job; its service shows it at once. Gives whether it is recorded; None if nowhere."""
        beat = Heartbeat(self._clock.wall(), status, message)
        if self._heard.hear(key, beat):
            self._engine.recheck([key])
        return None if self._history is None else self._history.keep(Beaten(key, beat))

    def recheck(self, keys: Collection[InstanceKey] | None = None, hosts: Collection[str] = ()) -> None:
        """Check these instances and look at these hosts now, at all when `keys` is None."""
        self._engine.recheck(keys, hosts)

    def reload(self) -> None:
        """Read the inventory again, whether its files changed or not."""
        self._asked.set()

    def mute(self, selectors: Sequence[str], until: float, reason: str) -> None:
        """Hold the alerts of what is selected back. Waits for the disk; raises `UsageError` or `MutesError`."""
        if self._muting:
            self._muting.mute(selectors, until, reason)

    def unmute(self, selectors: Sequence[str]) -> None:
        """Take back the mutes of what is selected. Waits for the disk; raises `UsageError` or `MutesError`."""
        if self._muting:
            self._muting.unmute(selectors)

    def start(self) -> None:
        """Start probing and following the files."""
        self._thresholds = gc.get_threshold()
        gc.set_threshold(_YOUNG_AFTER, self._thresholds[1], _OLD_AFTER)
        if self._books:
            self._books.start()
        if self._muting:
            self._muting.start()
        self._engine.start()
        self._watcher.start()

    def stop(self) -> None:
        """Stop within 5 s."""
        self._ended.set()
        self._asked.set()
        if self._muting:
            self._muting.stop()
        self._engine.stop()
        self._addresses.close()
        if self._books:
            self._books.stop()
        gc.set_threshold(*self._thresholds)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _watch(self) -> None:
        """Follow the files until the end."""
        while not self._ended.is_set():
            asked = self._asked.wait(WATCH_EVERY)
            if self._ended.is_set():
                return
            self._asked.clear()
            stamp = stamp_of(self._watched)
            if not asked and stamp == self._stamp:
                self._follow_names()
                continue
            self._stamp = self._settled(stamp)
            self._read_again()

    def _follow_names(self) -> None:
        """Look names up again when it is time, and put in force where they are now."""
        now = self._clock.monotonic()
        if now - self._looked_up >= EVERY:
            self._looked_up = now
            self._addresses.look_up(self._inventory)
        if news := self._addresses.news():
            self._engine.move(self._addresses.spread(self._inventory), safe_text("; ".join(news)))
        for kind, text in self._addresses.notices():
            self._engine.tell(self._clock.wall(), kind, safe_text(text))

    def _spread(self, inventory: Inventory) -> Inventory:
        """Give a new inventory with an instance for each address, where that is wanted."""
        self._inventory, self._looked_up = inventory, self._clock.monotonic()
        self._addresses.look_up(inventory, AT_ONCE)
        self._addresses.news()
        return self._addresses.spread(inventory)

    def _settled(self, stamp: Stamp) -> Stamp:
        """Wait until the files stay as they are, and give their stamp."""
        while not self._ended.wait(_SETTLE):
            newer = stamp_of(self._watched)
            if newer == stamp:
                break
            stamp = newer
        return stamp

    def _read_again(self) -> None:
        """Put what the files say now in force, or say why not."""
        try:
            loaded = self._load()
            probes = build_probes(loaded.inventory, self._clock, self._heard)
            inventory = self._spread(affordable(loaded.inventory))
            reader = build_reader(inventory, self._clock, self._reader)
        except InventoryError as error:
            errors = [problem for problem in error.problems if not problem.warning]
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            first = next((replace(problem, file=Path(problem.file).name) for problem in errors), error)
            self._engine.notice(f"inventory not reloaded: {first}{more}")
        except PlatformpmError as error:
            self._engine.notice(f"inventory not reloaded: {error}")
        except Exception as error:  # noqa: BLE001  # a defect in reading must not end the following of the files
            self._engine.notice(f"inventory not reloaded: internal error ({type(error).__name__})")
        else:
            if self._books:
                self._books.configure(inventory)
            if self._muting:
                self._muting.adopt(inventory)
            self._heard.adopt(inventory)
            self._reader = reader
            self._engine.reload(inventory, probes, reader)
            if loaded.watched != self._watched:
                self._watched = loaded.watched
                self._stamp = stamp_of(self._watched)
