"""The engine as the outside sees it: a thread of its own that keeps a board up to date."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection, Mapping, Sequence

from platformpm.engine.board import LatestBoard
from platformpm.engine.recording import NOWHERE
from platformpm.engine.runner import Runner
from platformpm.engine.state import State
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event, EventKind
from platformpm.model.inventory import Inventory
from platformpm.model.memory import Memory
from platformpm.model.ports import Clock, HostReader, Probe, Sink
from platformpm.model.record import HostTaken, Taken
from platformpm.model.silence import InForce
from platformpm.model.uptime import Uptime

STOP_WITHIN = 5.0
"""Seconds that `stop` waits at the most; the thread is a daemon, so nothing that hangs holds the exit."""


class Engine:
    """Runs the checks of an inventory until stopped. Every method may be called from any thread; none waits but `stop`.

    The board has a first snapshot, of an inventory of which nothing is known yet, as soon as the engine exists.
    """

    def __init__(
        self,
        inventory: Inventory,
        probes: Mapping[str, Probe],
        read_host: HostReader,
        clock: Clock,
        sink: Sink = NOWHERE,
    ) -> None:
        """Prepare; nothing runs before `start`. `probes` are by URL scheme; `sink` is told all that happens."""
        self.board = LatestBoard()
        self._state = State(inventory, clock.wall(), sink)
        self._runner = Runner(self._state, self.board, probes, read_host, clock)
        self._thread = threading.Thread(target=self._work, name="platformpm-engine", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._lock = threading.Lock()
        self._waiting: list[Callable[[], None]] = []
        self._stopped = False

    def start(self) -> None:
        """Start the thread. An engine runs once."""
        self._thread.start()

    def stop(self) -> None:
        """Cancel what is in flight and wait, 5 s at the most, until the thread has ended."""
        with self._lock:
            self._stopped = True
            self._waiting.clear()
        self._call(self._cancel)
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(STOP_WITHIN)

    def recheck(self, keys: Collection[InstanceKey] | None = None, hosts: Collection[str] = ()) -> None:
        """Check these instances and look at these hosts, by name, now; at everything when `keys` is None."""
        wanted = None if keys is None else frozenset(keys)
        self._call(lambda: self._runner.recheck(wanted, hosts))

    def reload(
        self, inventory: Inventory, probes: Mapping[str, Probe] | None = None, read_host: HostReader | None = None
    ) -> None:
        """Put a new inventory in force, with what depends on it made anew; state that still applies stays."""
        self._call(lambda: self._runner.reload(inventory, probes, read_host))

    def move(self, inventory: Inventory, text: str) -> None:
        """Put an inventory in force in which only instances came or went, as `text` tells; the others keep all."""
        self._call(lambda: self._runner.reload(inventory, None, moved=text))

    def tell(self, at: float, kind: EventKind, text: str) -> None:
        """Record an event of the platform as a whole at wall time `at`."""
        self._call(lambda: self._state.tell(kind, text, at))

    def notice(self, text: str | None) -> None:
        """Show a banner that a reload failed, and record it as an event; None takes the banner away."""
        self._call(lambda: self._runner.notice(text))

    def trouble(self, text: str | None) -> None:
        """Show a banner that history is not kept, and record it as an event; None: it is kept again."""
        self._call(lambda: self._runner.trouble(text))

    def remember(self, memory: Memory) -> None:
        """Take over what is known from before; what was read in this run already counts on top of it."""
        self._call(lambda: self._runner.remember(memory))

    def recall(self, memory: Memory) -> None:
        """Show the readings from before this run too; what they say was taken over before."""
        self._call(lambda: self._state.recall(memory))

    def follow(self, *, on: bool) -> None:
        """Ask no more, as another process does and its readings are given to `take`; or ask again."""
        self._call(lambda: self._runner.follow(on=on))

    def take(self, taken: Sequence[Taken | HostTaken], events: Sequence[Event] = ()) -> None:
        """Apply readings that another process took, oldest first, and show the events that it told."""
        self._call(lambda: self._runner.take(taken, events))

    def uptimes(self, known: Mapping[tuple[str, str], tuple[Uptime, ...]]) -> None:
        """Show these uptimes, by (service, environment)."""
        self._call(lambda: self._state.uptimes(known))

    def silence(self, holding: Sequence[InForce], problem: str | None) -> None:
        """Hold back the alerts of whom these silences select; `problem` is why mutes could not be read."""
        self._call(lambda: self._runner.silence(holding, problem))

    def _call(self, work: Callable[[], None]) -> None:
        """Run `work` in the engine's thread, or as soon as there is one; never after the end."""
        with self._lock:
            if self._loop is None:
                if not self._stopped:
                    self._waiting.append(work)
                return
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(work)

    def _cancel(self) -> None:
        if self._main is not None:
            self._main.cancel()

    def _work(self) -> None:
        loop = new_loop()
        try:
            loop.run_until_complete(self._life(loop))
        except asyncio.CancelledError:
            pass
        finally:
            with self._lock:
                loop.close()

    async def _life(self, loop: asyncio.AbstractEventLoop) -> None:
        self._main = main = asyncio.create_task(self._runner.run())
        await asyncio.sleep(0)
        with self._lock:
            self._loop = loop
            waiting, self._waiting = self._waiting, []
            if self._stopped:
                main.cancel()
        for work in waiting:
            work()
        await main


def new_loop() -> asyncio.AbstractEventLoop:
    """Give a new event loop: uvloop's where it is installed, it halves the cost of a probe."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop
