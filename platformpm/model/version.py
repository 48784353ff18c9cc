"""Observed against target versions. Ordering two texts is the business of `formats`; it is passed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

Order = Callable[[str, str], "int | None"]


class Drift(StrEnum):
    """Where the observed versions of a service in an environment stand against the target."""

    CURRENT = "current"
    BEHIND = "behind"
    AHEAD = "ahead"
    MIXED = "mixed"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


def bare(version: str) -> str:
    """Give a version without a leading `v`, the only decoration that does not count."""
    return version[1:] if version[:1] in "vV" and version[1:2].isdigit() else version


def agreed(versions: Mapping[str, int]) -> str | None:
    """Give the one version that all reporting instances agree on, else None. `versions` counts instances."""
    return next(iter(versions)) if len({bare(version) for version in versions}) == 1 else None


def drift_of(versions: Mapping[str, int], target: str | None, order: Order) -> Drift:
    """Give the drift of the observed `versions` from `target`.

    `order(a, b)` is negative, 0 or positive, or None where the two cannot be ordered. Several versions are `mixed`;
    nothing observed, or no target, is `unknown`.
    """
    if len({bare(version) for version in versions}) > 1:
        return Drift.MIXED
    observed = agreed(versions)
    return Drift.UNKNOWN if observed is None or target is None else _stand(observed, target, order)


def on_target(versions: Mapping[str, int], target: str | None, order: Order) -> int:
    """Count the instances whose version is current: `2.4.1+c279299` and `v2.4.1` are on the target `2.4.1`."""
    if target is None:
        return 0
    return sum(count for version, count in versions.items() if _stand(version, target, order) is Drift.CURRENT)


def _stand(observed: str, target: str, order: Order) -> Drift:
    if bare(observed) == bare(target):
        return Drift.CURRENT
    compared = order(observed, target)
    if compared is None:
        return Drift.DIFFERENT
    return Drift.BEHIND if compared < 0 else Drift.AHEAD if compared > 0 else Drift.CURRENT
