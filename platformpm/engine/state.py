"""The only owner of mutable state: applies readings through pure transitions, and gives snapshots of the whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from platformpm.engine.alerting import Alerts
from platformpm.engine.log import Log, read_again, subject_of
from platformpm.engine.recording import NOWHERE, changes, service_change
from platformpm.engine.remembering import host_of, resume, with_past
from platformpm.engine.rows import (
    followed,
    layout,
    row_of,
    unconfirmed,
    undecided,
    with_health,
    with_host,
    with_instance,
    with_read,
    with_version,
)
from platformpm.engine.silencing import Silenced, counts_of, marked
from platformpm.engine.versions import Versions
from platformpm.model.alert import Alert, alerts_of_host, alerts_of_service
from platformpm.model.check import CheckKey, Instance, InstanceKey, Purpose
from platformpm.model.event import EventKind
from platformpm.model.host import HostReading
from platformpm.model.inventory import Inventory
from platformpm.model.memory import Memory
from platformpm.model.ports import Sink
from platformpm.model.reading import Reading
from platformpm.model.record import Gap, HostTaken, Renamed, Taken, VersionChange
from platformpm.model.silence import InForce
from platformpm.model.snapshot import EngineHealth, PlatformSnapshot
from platformpm.model.state import HostState, InstanceState, ServiceState
from platformpm.model.status import Status
from platformpm.model.uptime import Uptime

RowKey = tuple[str, str]


class State:
    """Rows of services and hosts, alerts and events. One thread owns it. `now` and `at` are wall seconds."""

    def __init__(self, inventory: Inventory, now: float, sink: Sink = NOWHERE) -> None:
        """Start with nothing known about anything in `inventory`; `sink` is told all that happens from now on."""
        self.changed = True
        self.log = Log(sink)
        self._alerts = Alerts()
        self._rows: list[ServiceState] = []
        self._hosts: dict[str, HostState] = {}
        self._places: dict[InstanceKey, tuple[int, int]] = {}
        self._unread: set[InstanceKey] = set()
        self._versions = Versions()
        self._silenced = Silenced(now)
        self._adopt(inventory, now)

    @property
    def inventory(self) -> Inventory:
        """Give the inventory that is in force."""
        return self._inventory

    def apply(self, key: CheckKey, reading: Reading, now: float) -> bool:
        """Apply a reading of a check; tell whether to repeat the check soon: to confirm it, or as a pause spoilt it.

        A reading of an instance that is no longer declared is dropped.
        """
        place = self._places.get(key.instance)
        if place is None:
            return False
        row, position = place
        before = self._rows[row].instances[position]
        seen = self._versions.seen(key.instance)
        if key.purpose is Purpose.HEALTH:
            after = with_health(before, reading, seen)
            again = unconfirmed(after)
            self._unread.discard(key.instance)
            self.log.put(Taken(key.instance, reading, after.version))
        elif before.instance.version is None:
            return False
        else:
            after = with_version(before, reading, seen)
            again = after.version is None and before.version is not None
        self._replace(row, position, after, reading, now)
        return again or not reading.trusted

    def take(self, key: InstanceKey, reading: Reading, version: str | None, now: float) -> None:
        """Apply a health reading that another process took, and the version it knew then; an old one is dropped."""
        place = self._places.get(key)
        known = None if place is None else self._rows[place[0]].instances[place[1]]
        if known is None or (known.reading is not None and reading.at <= known.reading.at):
            return
        source = known.version_source if version == known.version else None
        seen = replace(reading, version=version, version_source=source)
        if known.instance.version is not None and version is not None and version != known.version:
            self.apply(CheckKey(key, Purpose.VERSION), seen, now)
        self.apply(CheckKey(key, Purpose.HEALTH), seen, now)

    def apply_host(self, name: str, reading: HostReading, now: float) -> None:
        """Apply a reading of a host."""
        before = self._hosts.get(name)
        if before is not None:
            self._replace_host(before, with_host(before, reading), reading, now)

    def take_host(self, taken: HostTaken, now: float) -> None:
        """Apply a reading of a host that another process took, with what that made of it; an old one is dropped."""
        known = self._hosts.get(taken.name)
        if known is not None and (known.reading is None or taken.reading.at > known.reading.at):
            self._replace_host(known, followed(known, taken), taken.reading, now)

    def review_certificates(self, now: float, start: int, count: int) -> None:
        """Look again at the alerts of `count` rows from `start` on: certificates run out without any reading."""
        for row in islice(self._rows, start, start + count):
            if any(state.certificate_expires is not None for state in row.instances):
                self._hold(subject_of(row.key), alerts_of_service(row, now), now)

    def paused(self, seconds: float, text: str, now: float, *, told: bool = True) -> None:
        """Tell that the monitor itself stood still until now; a limit not held long enough yet starts anew."""
        if told:
            self.log.put(Gap(now - seconds, now, text))
            self.tell(EventKind.MONITOR_PAUSED, text, now)
        for name, host in self._hosts.items():
            if host.status is Status.UP and host.over:
                self._hosts[name] = replace(host, over={})

    def tell(self, kind: EventKind, text: str, now: float) -> None:
        """Tell an event of the monitor itself."""
        self.log.tell(now, kind, "", text, None)
        self.changed = True

    def recall(self, memory: Memory) -> None:
        """Put the readings from before this run in front of those of it; nothing is decided anew."""
        self._rows = [with_past(row, memory) for row in self._rows]
        self.changed = True

    def uptimes(self, known: Mapping[RowKey, tuple[Uptime, ...]]) -> None:
        """Take over the uptimes of services; rows whose uptimes are the same stay as they are."""
        for number, row in enumerate(self._rows):
            wanted = known.get(row.key, ())
            if wanted != row.uptimes:
                self._rows[number] = replace(row, uptimes=wanted)
                self.changed = True

    def silence(self, holding: Sequence[InForce], problem: str | None, now: float) -> None:
        """Hold back the alerts of whom these silences select, from all others no longer: what stands is told then.

        `problem` is why mutes could not be read.
        """
        before = self._silenced.muted
        for event in self._silenced.adopt(holding, problem, now, self._inventory.platform.timezone):
            self.log.put_event(event)
        muted = self._silenced.muted
        self._alerts.mute(muted)
        self._rows = [marked(row, muted.get(subject_of(row.key))) for row in self._rows]
        self._hosts = {name: marked(host, muted.get(f"host:{name}")) for name, host in self._hosts.items()}
        for subject in before.keys() - muted.keys():
            self.log.opened(subject, self._alerts.of(subject), now)
        self.changed = True

    def reload(self, inventory: Inventory, now: float, text: str = "") -> None:
        """Put a new inventory in force: what stays keeps its state, under its old name too; what went vanishes."""
        self.log.tell(now, EventKind.RELOADED, "", text or read_again(self._inventory, inventory), None)
        self._adopt(inventory, now)
        self._close_strangers(now)
        for row in self._rows:
            self._hold(subject_of(row.key), alerts_of_service(row, now), now)

    def remember(self, memory: Memory, now: float) -> None:
        """Take up what was known before this run, be it after its first readings; what did not change is not told.

        What these readings already decided against it is told now, unless it was.
        """
        told = {(event.kind, event.subject, event.status) for event in self.log.since(memory.at or 0.0)}
        self.log.recall(memory.events)
        self._alerts.remember(memory.alerts)
        for number, before in enumerate(self._rows):
            resumed = resume(before, memory, self._unread, now)
            if resumed is None:
                continue
            then, row = resumed
            self._rows[number] = marked(row, before.muted)
            self._versions.note_drift(row)
            if row.status is not then.status:
                if (EventKind.STATUS, subject_of(row.key), row.status) not in told:
                    self.log.status(then, row, now)
                self._hold(subject_of(row.key), alerts_of_service(row, now), now)
        for key, old, new in self._versions.remember(memory, self._places.keys()):
            if (EventKind.VERSION, str(key), None) not in told:
                self.log.version(key, old, new, now)
        for name, host in self._hosts.items():
            self._hosts[name] = host_of(host, self._alerts.of_host(name), memory.hosts.get(name))
        self._close_strangers(now)
        self.changed = True

    def snapshot(self, sequence: int, at: float, health: EngineHealth, notice: str | None) -> PlatformSnapshot:
        """Give a picture of everything; rows that did not change are the same objects as in the one before."""
        self.changed = False
        return PlatformSnapshot(
            sequence=sequence,
            at=at,
            inventory=self._inventory,
            services=tuple(self._rows),
            hosts=tuple(self._hosts.values()),
            alerts=self._alerts.ordered(),
            events=self.log.events,
            counts=counts_of(self._rows),
            health=with_read(health, len(self._places), self._rows, self._unread),
            notice=notice,
        )

    def _replace(self, row: int, position: int, after: InstanceState, reading: Reading, now: float) -> None:
        """Put an instance into its row, and let the row, the counts, the events and the alerts follow."""
        self.changed = True
        before = self._rows[row]
        was = before.instances[position]
        instances = (*before.instances[:position], after, *before.instances[position + 1 :])
        if not reading.trusted:
            self._rows[row] = replace(before, instances=instances)
            return
        new = self._versions.bridged(row_of(before.service, before.environment, instances, before, reading.at), before)
        self._rows[row] = new
        for change in changes(was, after, before, new):
            self.log.put(change)
        if after.version is not None and after.version != was.version:
            self._note_version(after, now)
        if new.status is not before.status:
            self.log.status(before, new, now)
        # A reading that still waits for its confirmation cannot have changed what holds.
        if not after.settled.pending or new.status is not before.status:
            self._hold(subject_of(new.key), alerts_of_service(new, now), now)

    def _replace_host(self, before: HostState, after: HostState, reading: HostReading, now: float) -> None:
        self._hosts[after.host.name] = after
        self.log.put(HostTaken(after.host.name, reading, after.status, after.since, after.over))
        self.changed = True
        if after.status is not before.status and (before.since is not None or after.status is not Status.UP):
            self.log.host(after, now)
        why_closed = "over" if reading.failure is None else "not known any more"
        self._hold(f"host:{after.host.name}", alerts_of_host(after, now), now, why_closed)

    def _note_version(self, after: InstanceState, now: float) -> None:
        noted = self._versions.note(after, now)
        if noted is not None:
            seen, before = noted
            self.log.put(VersionChange(after.key, seen.since, seen.value, after.version_source))
            if before is not None:
                self.log.version(after.key, before.value, seen.value, now)

    def _hold(self, subject: str, holding: Iterable[Alert], now: float, why_closed: str = "over") -> None:
        opened, closed = self._alerts.hold(subject, holding, now)
        if subject not in self._silenced.muted:
            self.log.opened(subject, opened, now)
        self.log.alerts(subject, opened, closed, now, why_closed)
        self.changed = self.changed or bool(opened or closed)

    def _close_strangers(self, now: float) -> None:
        subjects = {subject_of(row.key) for row in self._rows} | {f"host:{name}" for name in self._hosts}
        for subject in self._alerts.subjects():
            if subject not in subjects:
                self._hold(subject, (), now, "no longer in the inventory")

    def _adopt(self, inventory: Inventory, now: float) -> None:
        self._inventory = inventory
        known = {state.key: state for row in self._rows for state in row.instances}
        rows = {row.key: row for row in self._rows}
        muted = self._silenced.muted
        self._rows = []
        self._places = {}
        for service, environment, declared in layout(inventory):
            old = service.renamed_from or service.name
            if old != service.name:
                self.log.put(Renamed(old, service.name))
            before = rows.get((service.name, environment.name)) or rows.get((old, environment.name))
            instances = tuple(self._carried(known, instance, old) for instance in declared)
            self._places |= {instance.key: (len(self._rows), place) for place, instance in enumerate(declared)}
            row = row_of(service, environment, instances, before, now)
            self._rows.append(marked(row, muted.get(subject_of(row.key))))
            if before is not None and before.status is not row.status:
                self.log.put(service_change(row, now))
        hosts = ((host, self._hosts.get(host.name) or HostState(host)) for host in inventory.hosts)
        self._hosts = {
            host.name: marked(replace(known, host=host), muted.get(f"host:{host.name}")) for host, known in hosts
        }
        self._versions.keep(self._places.keys(), {row.key for row in self._rows})
        waiting = {state.key for row in self._rows for state in row.instances if state.reading is None}
        self._unread = waiting | (self._unread & self._places.keys())
        self.changed = True

    def _carried(self, known: dict[InstanceKey, InstanceState], instance: Instance, old_service: str) -> InstanceState:
        """Give the state that `instance` had, under its own key or that of the name it was renamed from."""
        key = instance.key
        state = known.get(key)
        if state is None and old_service != key.service:
            old = key._replace(service=old_service)
            state = known.get(old)
            self._versions.rename(old, key)
        return undecided((instance,))[0] if state is None else with_instance(state, instance)
