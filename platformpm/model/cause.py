"""How many instances of a service are not up for the reason that is told of it."""

from __future__ import annotations

from platformpm.model.state import InstanceState, ServiceState
from platformpm.model.status import RANK, Reason, Status

_CODE = len("HTTP 503")


def counted(state: ServiceState) -> str:
    """Say how many instances have the reason of the worst one: ` (1 of 3 instances, 1 more not up)`.

    It stands behind that reason: empty where there is one instance only, or all are up.
    """
    bad = [one for one in state.instances if one.status is not Status.UP]
    if not bad or len(state.instances) == 1:
        return ""
    cause = _cause(max(bad, key=lambda one: RANK[one.status]))
    alike = sum(_cause(one) == cause for one in bad)
    more = f", {len(bad) - alike} more not up" if alike < len(bad) else ""
    return f" ({alike} of {len(state.instances)} instances{more})"


def _cause(one: InstanceState) -> tuple[Reason | None, str] | None:
    """Give what tells a fault from another: the reason, and of a status which one."""
    reading = one.last_bad or one.reading
    if reading is None:
        return None
    return reading.reason, reading.detail[:_CODE] if reading.reason is Reason.STATUS else ""
