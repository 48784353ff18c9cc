"""The composition root: the only place where inventory, probes, hosts and engine meet."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from platformpm.engine.engine import Engine, new_loop
from platformpm.engine.once import once
from platformpm.errors import InventoryError, PlatformpmError, SystemLimitError
from platformpm.model.check import InstanceKey
from platformpm.model.inventory import Inventory
from platformpm.model.ports import Board, Clock, HostReader, Probe
from platformpm.model.snapshot import PlatformSnapshot

if TYPE_CHECKING:
    from platformpm.inventory import Loaded

WATCH_EVERY = 1.0
"""Seconds between two looks at the inventory's files."""
_SETTLE = 0.2
"""Seconds for which changed files must stay as they are: editors write in several steps."""
_WORTH_UVLOOP = 30
"""Instances from which the faster loop pays for its own import in a single pass."""

_COLLECT_EVERY = 20_000
"""Objects made between two collections during a pass; 700 is Python's own."""

_YOUNG_AFTER = 5_000
"""New containers between two looks for garbage while a screen is open: often and short, 2 ms, so that no key waits."""
_OLD_AFTER = 50
"""Collections of the middle generation before one of the oldest, which holds every thread for 0.1 s at 5,000 services
and finds nothing; 10 is Python's own."""

_SPARE_FILES = 32
"""Open files that are not of checks in flight."""
_FEWEST_FILES = 24
"""Open files below which not even the event loop and one look-up of a name are sure to get theirs."""

Load = Callable[[], "Loaded"]
_Stamp = tuple[object, ...]


class SystemClock:
    """The machine's own two clocks."""

    def wall(self) -> float:
        """Give seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Give seconds that never go back."""
        return time.monotonic()


def build_probes(inventory: Inventory, clock: Clock) -> Mapping[str, Probe]:
    """Give the probes by URL scheme, over a network of their own: files of certificates are read anew with each."""
    from platformpm.net import Network  # with the HTTP client: 75 ms that `--help` need not pay
    from platformpm.probes import registry  # the same

    return registry(Network(), inventory.mask, clock)


def build_reader(clock: Clock) -> HostReader:
    """Give the reader of this machine."""
    from platformpm.hosts.local import LocalReader  # with psutil, which `--help` need not pay

    return LocalReader(clock)


def affordable(inventory: Inventory) -> Inventory:
    """Make room for the open files of all checks in flight; where the system gives less, fewer are in flight at once.

    A check counts twice: looking up its name opens files too. Raises `SystemLimitError` where not even one has room.
    """
    try:
        import resource  # Windows has no such limit
    except ImportError:
        return inventory
    wanted = 2 * inventory.engine.concurrency + _SPARE_FILES
    given, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if given == resource.RLIM_INFINITY or given >= wanted:
        return inventory
    raised = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, most))
    except (OSError, ValueError):
        raised = given
    if raised < _FEWEST_FILES:
        text = f"only {raised} files may be open at once, and at least {_FEWEST_FILES} are needed"
        raise SystemLimitError(f"{text}: raise the limit (ulimit -n)")
    places = max(1, (raised - _SPARE_FILES) // 2)
    return replace(inventory, engine=replace(inventory.engine, concurrency=min(places, inventory.engine.concurrency)))


def check(
    inventory: Inventory,
    attempts: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> PlatformSnapshot:
    """Check everything once, in this thread, and give the picture.

    `attempts` None is each check's own `down_after`; `progress` is told (done, total). Ctrl-C ends it at once, with
    `KeyboardInterrupt`.
    """
    clock = SystemClock()
    inventory = affordable(inventory)
    probes = build_probes(inventory, clock)
    many = sum(1 for _ in inventory.instances()) >= _WORTH_UVLOOP
    with _rare_collection(), asyncio.Runner(loop_factory=new_loop if many else None) as runner:
        return runner.run(once(inventory, probes, build_reader(clock), clock, attempts=attempts, progress=progress))


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Let the cyclic collector run seldom, and not over what is there already: it took a sixth of a pass."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


class Running:
    """A platform that is being watched, as the faces use it; a context manager. Follows the files of its inventory.

    A good change is applied without losing state; a bad one changes nothing and shows its first problem as a notice
    until the files are good again.
    """

    def __init__(self, loaded: Loaded, load: Load, clock: Clock | None = None) -> None:
        """Prepare to watch the platform of `loaded`; `load` reads it again."""
        self._clock = clock or SystemClock()
        self._load = load
        self._watched = loaded.watched
        self._stamp = stamp_of(loaded.watched)
        self._thresholds = gc.get_threshold()
        self._asked = threading.Event()
        self._ended = threading.Event()
        inventory = affordable(loaded.inventory)
        probes = build_probes(inventory, self._clock)
        self._engine = Engine(inventory, probes, build_reader(self._clock), self._clock)
        self._watcher = threading.Thread(target=self._watch, name="platformpm-files", daemon=True)

    @classmethod
    def of(cls, path: Path, environ: Mapping[str, str], loaded: Loaded | None = None) -> Self:
        """Prepare to watch the platform whose inventory is at `path`. Raises `InventoryError` when it is bad."""
        from platformpm.inventory import load  # with pydantic, which `--help` need not pay

        def again() -> Loaded:
            return load(path, environ, again=True)

        return cls(loaded or load(path, environ), again)

    @property
    def board(self) -> Board:
        """Give the board that holds the latest snapshot; there is one from the beginning."""
        return self._engine.board

    def recheck(self, keys: Collection[InstanceKey] | None = None) -> None:
        """Run the checks of these instances now, of all when None."""
        self._engine.recheck(keys)

    def reload(self) -> None:
        """Read the inventory again, whether its files changed or not."""
        self._asked.set()

    def start(self) -> None:
        """Start probing and following the files."""
        self._thresholds = gc.get_threshold()
        gc.set_threshold(_YOUNG_AFTER, self._thresholds[1], _OLD_AFTER)
        self._engine.start()
        self._watcher.start()

    def stop(self) -> None:
        """Stop within 5 s."""
        self._ended.set()
        self._asked.set()
        self._engine.stop()
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
                continue
            self._stamp = self._settled(stamp)
            self._read_again()

    def _settled(self, stamp: _Stamp) -> _Stamp:
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
            probes = build_probes(loaded.inventory, self._clock)
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
            self._engine.reload(affordable(loaded.inventory), probes)
            if loaded.watched != self._watched:
                self._watched = loaded.watched
                self._stamp = stamp_of(self._watched)


def stamp_of(paths: Collection[Path]) -> _Stamp:
    """Give what is different after any change: time, size and inode of files, names of the `*.toml` in folders."""
    return tuple(_stamp_of_one(path) for path in paths)


def _stamp_of_one(path: Path) -> object:
    try:
        if path.is_dir():
            return sorted(entry.name for entry in path.iterdir() if entry.suffix == ".toml")
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
