"""The engine's loop: starts what is due, applies what comes back, publishes snapshots."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterable, Mapping, Sequence

from platformpm.engine.asker import PERIOD, Asker, Job, jobs_of
from platformpm.engine.board import LatestBoard, worth_publishing
from platformpm.engine.following import Following
from platformpm.engine.looking import HostKey, look_at
from platformpm.engine.schedule import Schedule
from platformpm.engine.state import State
from platformpm.engine.trust import Pause
from platformpm.model.check import CheckKey, InstanceKey
from platformpm.model.event import Event, EventKind
from platformpm.model.inventory import Host, Inventory
from platformpm.model.memory import Memory
from platformpm.model.ports import Clock, HostReader, Probe
from platformpm.model.record import HostTaken, Taken
from platformpm.model.silence import InForce
from platformpm.model.snapshot import EngineHealth

CONFIRM_AFTER = 2.0
"""Seconds after a first bad reading, or one that a pause has spoilt, at which the check is repeated."""
SECOND_LOOK = 1.0
"""Seconds after the first look at a host: rates need two."""
PAUSE_SHOWN = 30.0
"""Seconds for which a banner tells of a pause, and the engine calls itself not trusted."""
CERTIFICATES_EVERY = 60.0
_BEAT = 0.05
"""Shortest sleep, in seconds: what is due within it starts together."""
_CHUNK = 100
"""Starts, or rows reviewed, between two breaths: the screen's thread wants the interpreter too."""


class Runner:
    """Everything that happens inside the engine's thread."""

    def __init__(
        self, state: State, board: LatestBoard, probes: Mapping[str, Probe], read_host: HostReader, clock: Clock
    ) -> None:
        """Prepare to run the checks of the inventory that `state` holds."""
        self._state = state
        self._board = board
        self._clock = clock
        self._read_host = read_host
        self._asker = Asker(probes, state.inventory, clock)
        self._asker.on_pause = self._paused
        self._schedule: Schedule[CheckKey | HostKey] = Schedule(clock.monotonic())
        self._jobs: dict[CheckKey, Job] = {}
        self._hosts: dict[HostKey, Host] = {}
        self._tasks: dict[CheckKey | HostKey, asyncio.Task[None]] = {}
        self._looked_at: set[HostKey] = set()
        self._answering: set[HostKey] = set()
        self._sequence = 0
        self._published = clock.monotonic()
        self._told = 0
        self._readings = 0
        self._lag = 0.0
        self._lag_seen = False
        self._paused_until = 0.0
        self._pause_text: str | None = None
        self._notice: str | None = None
        self._trouble: str | None = None
        self._following = Following()
        state.log.elsewhere = self._following.tells
        self._asked: set[CheckKey | HostKey] = set()
        self.publish()

    async def run(self) -> None:
        """Run until cancelled; what is in flight is cancelled too."""
        self._asker.wake()
        self._schedule = Schedule(self._clock.monotonic())
        self._plan(self._state.inventory)
        reviewing = asyncio.create_task(self._review_certificates())
        try:
            while True:
                try:
                    await self._beat()
                except Exception as error:  # noqa: BLE001  # a frozen screen that says nothing would be worse
                    self._defect("the engine", error)
                    await asyncio.sleep(PERIOD)
        finally:
            tasks = [reviewing, *self._tasks.values()]
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=2.0)

    def recheck(self, keys: Iterable[InstanceKey] | None, hosts: Iterable[str] = ()) -> None:
        """Start the checks of these instances and hosts now, of everything when `keys` is None; slots stay the same."""
        wanted = None if keys is None else {*keys, *map(HostKey, hosts)}
        now = self._clock.monotonic()
        known: list[CheckKey | HostKey] = [*self._jobs, *self._hosts]
        for key in known:
            if wanted is None or (key if isinstance(key, HostKey) else key.instance) in wanted:
                self._asked.add(key)
                self._schedule.soon(key, now)

    def reload(
        self,
        inventory: Inventory,
        probes: Mapping[str, Probe] | None,
        read_host: HostReader | None = None,
        moved: str = "",
    ) -> None:
        """Put an inventory in force and cancel what went; where only instances `moved`, ask those that came at once."""
        known = self._jobs.keys()
        if not moved:
            self._read_host = read_host or self._read_host
            self._asker.adopt(probes if probes is not None else self._asker.probes, inventory)
            self._notice = None
        self._state.reload(inventory, self._clock.wall(), moved)
        self._plan(inventory)
        self.recheck([key.instance for key in self._jobs.keys() - known if moved])
        self.publish()

    def notice(self, text: str | None) -> None:
        """Show a banner about a reload that failed, or take it away."""
        if text is not None and text != self._notice:
            self._state.tell(EventKind.RELOAD_FAILED, text, self._clock.wall())
        self._notice = text
        self._state.changed = True

    def trouble(self, text: str | None) -> None:
        """Show a banner about history that is not kept, or take it away, and tell of both once."""
        if text != self._trouble:
            self._state.tell(EventKind.HISTORY, text or "history is kept again", self._clock.wall())
        self._trouble = text

    def remember(self, memory: Memory) -> None:
        """Take over what is known from before, and show it at once."""
        self._answering |= {HostKey(name) for name, known in memory.hosts.items() if known.reading.failure is None}
        self._state.remember(memory, self._clock.wall())
        self.publish()

    def follow(self, *, on: bool) -> None:
        """Ask no more, as another process does, or ask again; what a person wants re-checked is asked anyway."""
        if on:
            self._following.begin(self._clock.monotonic())
        else:
            self._following.end()
        self._state.changed = True

    def take(self, taken: Sequence[Taken | HostTaken], events: Sequence[Event] = ()) -> None:
        """Apply readings that another process took, and show what it told."""
        now, heard = self._clock.wall(), self._clock.monotonic()
        for one in taken:
            if isinstance(one, HostTaken):
                self._following.hear(HostKey(one.name), heard)
                self._state.take_host(one, now)
                continue
            self._readings += 1
            self._following.hear(one.key, heard)
            self._state.take(*one, now)
        if events:
            self._state.log.recall(events)
            self._state.changed = True

    def silence(self, holding: Sequence[InForce], problem: str | None) -> None:
        """Hold back the alerts of whom these silences select."""
        self._state.silence(holding, problem, self._clock.wall())

    def publish(self) -> None:
        """Make a snapshot and put it on the board."""
        now = self._clock.monotonic()
        self._sequence += 1
        self._published, self._told = now, self._state.log.told
        resting = now >= self._paused_until
        health = EngineHealth(
            in_flight=self._asker.limits.in_flight,
            readings=self._readings,
            lag=self._lag,
            trusted=resting,
            attached=self._following.attached(now),
            made=now,
        )
        notice = self._notice or (None if resting else self._pause_text) or self._trouble
        self._board.put(self._state.snapshot(self._sequence, self._clock.wall(), health, notice))
        self._lag_seen = False

    async def _beat(self) -> None:
        self._asker.look()
        now = self._clock.monotonic()
        for number, (key, due) in enumerate(self._schedule.due(now), 1):
            if self._is_ours(key, now):
                self._start(key, due)
            if number % _CHUNK == 0:
                await asyncio.sleep(0.001)
        now = self._clock.monotonic()
        told = self._state.log.told != self._told
        if worth_publishing(now - self._published, told=told, changed=self._state.changed):
            self.publish()
        due_next = self._schedule.next_due()
        wait = PERIOD if due_next is None else min(due_next - now, PERIOD)
        await asyncio.sleep(max(wait, _BEAT))

    def _is_ours(self, key: CheckKey | HostKey, now: float) -> bool:
        """Tell whether to do what is due, or whether it is done elsewhere and nobody asked for it here."""
        asked = key in self._asked
        self._asked.discard(key)
        if isinstance(key, HostKey):
            return asked or not self._following.done_elsewhere(key, self._hosts[key].interval, now)
        return asked or not self._following.done_elsewhere(key.instance, self._jobs[key].check.interval, now)

    def _start(self, key: CheckKey | HostKey, due: float) -> None:
        """Start what is due, unless it is still under way from the time before."""
        if key in self._tasks:
            return
        work = self._look_at(key, self._hosts[key]) if isinstance(key, HostKey) else self._ask(self._jobs[key], due)
        task = self._tasks[key] = asyncio.create_task(work)
        task.add_done_callback(lambda done: self._ended(key, done))

    def _ended(self, key: CheckKey | HostKey, task: asyncio.Task[None]) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._defect(str(key), error)

    def _defect(self, where: str, error: BaseException) -> None:
        """Say on the banner that we ourselves are at fault; the text of the error may hold a secret."""
        self._notice = f"internal error in {where}: {type(error).__name__}"
        self._state.changed = True

    async def _ask(self, job: Job, due: float) -> None:
        reading = await self._asker.ask(job, lambda: self._note_lag(due))
        self._readings += 1
        if self._state.apply(job.key, reading, self._clock.wall()):
            self._schedule.soon(job.key, self._clock.monotonic() + CONFIRM_AFTER)

    def _note_lag(self, due: float) -> None:
        late = max(self._clock.monotonic() - due, 0.0)
        self._lag = max(self._lag, late) if self._lag_seen else late
        self._lag_seen = True

    async def _look_at(self, key: HostKey, host: Host) -> None:
        """Look at a host; where one that answered does not, the look is repeated before it counts."""
        generation = self._asker.generation
        reading = await look_at(host, self._read_host, self._clock, self._asker.limits)
        self._asker.look()
        if self._asker.generation != generation:
            return
        now = self._clock.monotonic()
        if reading.failure is not None and key in self._answering:
            self._answering.discard(key)
            self._schedule.soon(key, now + CONFIRM_AFTER)
            return
        self._state.apply_host(host.name, reading, self._clock.wall())
        if reading.failure is None:
            self._answering.add(key)
            if key not in self._looked_at:
                self._looked_at.add(key)
                self._schedule.soon(key, now + SECOND_LOOK)

    def _paused(self, pause: Pause) -> None:
        now, text = self._clock.monotonic(), f"monitor paused: {pause.text}"
        followed = self._following.resume(now)  # the monitor is then another process, which tells its own pauses
        if not followed:
            self._paused_until, self._pause_text = now + PAUSE_SHOWN, text
        self._state.paused(pause.seconds, text, self._clock.wall(), told=not followed)

    def _plan(self, inventory: Inventory) -> None:
        """Bring the schedule to what `inventory` says; what did not change keeps its phase."""
        now = self._clock.monotonic()
        jobs = {job.key: job for job in jobs_of(inventory)}
        hosts = {HostKey(host.name): host for host in inventory.hosts}
        for check in [key for key, job in self._jobs.items() if jobs.get(key) != job]:
            self._forget(check)
        for name in [key for key, host in self._hosts.items() if hosts.get(key) != host]:
            self._forget(name)
        for check, job in jobs.items():
            if check not in self._schedule:
                self._schedule.put(check, job.check.interval, now)
        for name, host in hosts.items():
            if name not in self._schedule:
                self._schedule.put(name, host.interval, now)
                if host.url is None:
                    self._schedule.soon(name, now)
        self._jobs, self._hosts = jobs, hosts
        gc.freeze()  # an inventory of thousands lives as long as we do: walking it holds every thread for 50 ms

    def _forget(self, key: CheckKey | HostKey) -> None:
        self._schedule.remove(key)
        self._asker.limits.forget(key)
        if isinstance(key, HostKey):
            self._looked_at.discard(key)
            self._answering.discard(key)
        if (task := self._tasks.pop(key, None)) is not None:
            task.cancel()

    async def _review_certificates(self) -> None:
        while True:
            await asyncio.sleep(CERTIFICATES_EVERY)
            for start in range(0, len(self._jobs), _CHUNK):
                self._state.review_certificates(self._clock.wall(), start, _CHUNK)
                await asyncio.sleep(0.001)
