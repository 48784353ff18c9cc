"""What a change of state is to history."""

from __future__ import annotations

from collections.abc import Iterator

from platformpm.model.check import InstanceKey
from platformpm.model.ports import Sink
from platformpm.model.reading import Reading
from platformpm.model.record import CertificateSeen, Record, StatusChange, whole
from platformpm.model.state import InstanceState, ServiceState
from platformpm.model.status import RANK, Status


class _Nowhere:
    """A sink that keeps nothing."""

    def put(self, record: Record, /) -> None:
        """Forget it."""


NOWHERE: Sink = _Nowhere()


def changes(
    was: InstanceState, after: InstanceState, before: ServiceState, new: ServiceState
) -> Iterator[StatusChange | CertificateSeen]:
    """Give what a reading changed in the instance, which was `was` before, and in its row, which was `before`."""
    since = after.settled.since
    if since is not None and since != was.settled.since:
        yield _change(after.key, since, after.status, after.last_bad)
    if new.since is not None and (new.status is not before.status or before.since is None):
        yield service_change(new, new.since)
    expires = after.certificate_expires
    if expires is not None and expires != was.certificate_expires:
        yield CertificateSeen(after.key, expires)


def service_change(row: ServiceState, at: float) -> StatusChange:
    """Give the status of a service as a whole from wall time `at` on, with what was seen of an instance in it."""
    worst = max(row.instances, key=lambda one: RANK[one.status])
    return _change(whole(*row.key), at, row.status, worst.last_bad)


def _change(key: InstanceKey, at: float, status: Status, bad: Reading | None) -> StatusChange:
    if bad is None or status is Status.UP:
        return StatusChange(key, at, status)
    return StatusChange(key, at, status, bad.reason, bad.detail)
