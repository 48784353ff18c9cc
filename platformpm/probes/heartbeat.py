"""Heartbeats: what a job last reported over HTTP, or when it last touched its file."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from platformpm.model.check import Check, Instance, InstanceKey
from platformpm.model.heartbeat import AHEAD, Heard, Heartbeat, address_of, judge, span
from platformpm.model.inventory import Inventory
from platformpm.model.ports import Clock
from platformpm.model.reading import Reading
from platformpm.model.status import Reason, Status
from platformpm.model.text import safe_text
from platformpm.net import spelled
from platformpm.net.threads import DaemonThreads
from platformpm.probes.examination import Examination

_THREADS = 4
"""Looks at files at once: a network folder that hangs must not hold the others."""
_AGAIN = 1.0
"""Seconds in which the same is not news."""
_Look = asyncio.Future["float | OSError"]


class Heartbeats:
    """The last heartbeat of each job. Any thread may use it: every change is one assignment."""

    def __init__(self, clock: Clock) -> None:
        """Know of none, and listen to nobody."""
        self._clock = clock
        self._heard: dict[InstanceKey, Heard] = {}
        self._listening: float | None = None

    @property
    def listened(self) -> float | None:
        """Give for how many seconds heartbeats have been heard here, None where they are not."""
        return None if self._listening is None else self._clock.monotonic() - self._listening

    def listen(self) -> None:
        """Heartbeats are heard here from now on."""
        self._listening = self._clock.monotonic()

    def hear(self, key: InstanceKey, beat: Heartbeat) -> bool:
        """Take a heartbeat that comes now; tell whether it is news: a job may report in a loop."""
        now, mine = self._clock.monotonic(), self._heard.get(key)
        said = (beat.status, beat.message)
        if mine is not None and mine.silence(now) < _AGAIN and said == (mine.beat.status, mine.beat.message):
            return False
        self._heard[key] = Heard(beat, now)
        return True

    def recall(self, known: Mapping[InstanceKey, Heartbeat]) -> None:
        """Take up what history knows; what was heard here is newer."""
        for key, beat in known.items():
            mine = self._heard.get(key)
            if mine is None or (self._listening is None and mine.beat != beat):
                self._heard[key] = Heard(beat, self._clock.monotonic(), max(self._clock.wall() - beat.at, 0.0))

    def touched(self, key: InstanceKey, at: float) -> Heard:
        """Give the heartbeat that a file touched at wall time `at` stands for.

        One that is seen to change was touched between two looks, whatever time it has.
        """
        mine = self._heard.get(key)
        if mine is None or mine.beat.at != at:
            age = self._clock.wall() - at
            mine = Heard(Heartbeat(at), self._clock.monotonic(), age if mine is None else max(age, 0.0))
            self._heard[key] = mine
        return mine

    def last(self, key: InstanceKey) -> Heard | None:
        """Give the last heartbeat of a job."""
        return self._heard.get(key)

    def times(self, keys: Iterable[InstanceKey]) -> dict[InstanceKey, float]:
        """Give the wall time of the last heartbeat of each of these that had one."""
        return {key: self._heard[key].beat.at for key in keys if key in self._heard}

    def adopt(self, inventory: Inventory) -> None:
        """Let services that were renamed keep their heartbeats."""
        for service in inventory.services:
            for instance in service.instances if service.renamed_from else ():
                old = self._heard.get(instance.key._replace(service=service.renamed_from or ""))
                if old is not None:
                    self._heard.setdefault(instance.key, old)


class HeartbeatKind:
    """Asks nobody: it looks when a job was last heard of, and judges the silence since."""

    def __init__(self, heartbeats: Heartbeats, clock: Clock) -> None:
        """Look into `heartbeats`, and at files."""
        self._heartbeats = heartbeats
        self._clock = clock
        self._threads = DaemonThreads(_THREADS)
        self._looks: dict[str, _Look] = {}

    async def __call__(self, instance: Instance, check: Check, deadline: float, at: float) -> Examination:
        """Look once."""
        path = unquote(urlsplit(instance.url).path)
        if check.heartbeat is None:
            return Examination(Reading(Status.UNKNOWN, at, Reason.CONFIG, "a heartbeat needs `every`"))
        heard = await self._file(instance.key, path, deadline, at) if path else self._heartbeats.last(instance.key)
        if isinstance(heard, Reading):
            return Examination(heard)
        if heard is None:
            how = f"POST {address_of(instance.key)} to `platformpm watch --listen`"
            text = f"no heartbeat yet, awaited: {f'touch {path}' if path else how}"
            return Examination(Reading(Status.UNKNOWN, at, Reason.SILENT, safe_text(text)))
        silence = heard.silence(self._clock.monotonic())
        listened = None if path else self._heartbeats.listened
        return Examination(judge(heard, check.heartbeat, silence, listened, at))

    async def _file(self, key: InstanceKey, path: str, deadline: float, at: float) -> Heard | Reading | None:
        """Give what a file stands for; a file that is gone stands for what it did."""
        allowed = deadline - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(deadline):
                found = await asyncio.shield(self._look(path))
        except TimeoutError:
            text = f"the file system did not say within {spelled(allowed)} when {path} was touched"
            return Reading(Status.UNKNOWN, at, Reason.TIMEOUT_RESPONSE, safe_text(text))
        if isinstance(found, FileNotFoundError | NotADirectoryError):
            return self._heartbeats.last(key)
        if isinstance(found, OSError):
            reason = Reason.NOT_PERMITTED if isinstance(found, PermissionError) else Reason.CONFIG
            return Reading(Status.UNKNOWN, at, reason, safe_text(f"{found.strerror or type(found).__name__}: {path}"))
        heard = self._heartbeats.touched(key, found)
        if heard.age < -AHEAD:
            text = f"{path} is dated {span(-heard.age)} ahead, so nobody knows since when the job is silent"
            return Reading(Status.UNKNOWN, at, Reason.SILENT, safe_text(text))
        return heard

    def _look(self, path: str) -> _Look:
        """Look when a file was last touched, once at a time."""
        known = self._looks.get(path)
        if known is not None:
            return known
        loop = asyncio.get_running_loop()
        look: _Look = loop.create_future()

        def seen(result: float | OSError) -> None:
            self._looks.pop(path, None)
            if not look.done():
                look.set_result(result)

        def work() -> None:
            result = _time_of(path)
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(seen, result)

        self._threads.submit(work)
        self._looks[path] = look
        return look


def _time_of(path: str) -> float | OSError:
    try:
        return os.stat(path).st_mtime  # noqa: PTH116  # a bare call, on paths that may be thousands
    except OSError as error:
        return error
    except ValueError:  # a zero byte in the path
        return FileNotFoundError()
