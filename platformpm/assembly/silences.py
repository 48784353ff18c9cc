"""Who is silenced on a platform: its mutes, which any process may change, and the maintenance that it declares."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from platformpm.assembly.files import Stamp, stamp_of
from platformpm.errors import MutesError, UsageError
from platformpm.history import mutes
from platformpm.history.place import mutes_path
from platformpm.model.inventory import Inventory
from platformpm.model.silence import InForce, Once, Silence, in_force

_UNKNOWN: Stamp = ("not looked yet",)


class Silences:
    """The silences of a platform, with what they select worked out once. Any thread may use it.

    `problem` says which of the mutes could not be read and why, None where all could.
    """

    def __init__(self, path: Path, inventory: Inventory) -> None:
        """Look at the mutes in the file at `path` and the maintenance of `inventory`. Nothing is read yet."""
        self.problem: str | None = None
        self._path = path
        self._inventory = inventory
        self._stamp = _UNKNOWN
        self._mutes: tuple[Silence, ...] = ()
        self._subjects: dict[tuple[str, ...], frozenset[str]] = {}
        self._lock = threading.Lock()

    @classmethod
    def of(cls, inventory: Inventory, environ: Mapping[str, str]) -> Silences:
        """Look at the mutes that a platform has on this machine."""
        return cls(mutes_path(inventory.platform.name, inventory.history, environ), inventory)

    def adopt(self, inventory: Inventory) -> None:
        """Look at another inventory from now on."""
        with self._lock:
            self._inventory = inventory
            self._subjects.clear()

    def known(self) -> tuple[Silence, ...]:
        """Give all silences, those too that are over or still to come; the file is read again if it changed."""
        with self._lock:
            return self._known()

    def in_force(self, now: float) -> list[InForce]:
        """Give those that hold at wall time `now`, with what they select."""
        with self._lock:
            return in_force(((one, self._selected(one.selectors)) for one in self._known()), now)

    def selected(self, words: Sequence[str]) -> frozenset[str]:
        """Give the subjects of alerts that words select. Raises UsageError for those that select nothing."""
        from platformpm.inventory import selectors  # who mutes nothing does not pay for it

        selectors.select(self._inventory, selectors.parse(words))
        with self._lock:
            return self._selected(tuple(words))

    def mute(self, words: Sequence[str], window: Once, reason: str) -> Silence:
        """Hold alerts back and give the new mute. Raises UsageError where nothing is selected, or MutesError."""
        self.selected(words)
        return mutes.add(self._path, words, window, self._inventory.mask(reason))

    def unmute(self, words: Sequence[str], now: float) -> list[Silence]:
        """Take back the mutes with these ids, and all that the other words together cover; give what was taken back.

        Raises UsageError where these cover none, or MutesError.
        """
        known = [one for one in self.known() if not one.declared and (one.schedule.at(now) or one.schedule.after(now))]
        if self.problem is not None and not known:
            raise MutesError(self.problem)
        ids = {one.id for one in known}
        others = tuple(word for word in words if word not in ids)
        covered = {one.id for one in known if self._covers(others, one)} if others else set()
        if others and not covered:
            raise UsageError(self._why_not(others, now))
        gone = [one for one in known if one.id in words or one.id in covered]
        mutes.remove(self._path, [one.id for one in gone], now)
        return gone

    def _covers(self, words: tuple[str, ...], mute: Silence) -> bool:
        """Tell whether words select all that a mute holds back."""
        with self._lock:
            held, wanted = self._selected(mute.selectors), self._selected(words)
        return held <= wanted if held else mute.selectors == words

    def _why_not(self, words: tuple[str, ...], now: float) -> str:
        """Say why words take nothing back. Raises UsageError where they select nothing."""
        wanted, said = self.selected(words), " ".join(words)
        for silence, _, subjects in self.in_force(now):
            if not wanted.isdisjoint(subjects):
                more = " ".join(silence.selectors)
                if silence.declared:
                    return f"{said} is in [[maintenance]] of the inventory ({more}): it ends there"
                return f"{said} is muted by {silence.id}, which holds for more ({more}): platformpm unmute {silence.id}"
        return f"{said} is not muted"

    def _known(self) -> tuple[Silence, ...]:
        stamp = stamp_of((self._path,))
        if stamp != self._stamp:
            self._stamp = stamp
            self._mutes, self.problem = mutes.read(self._path)
        return (*self._mutes, *self._inventory.maintenance)

    def _selected(self, words: tuple[str, ...]) -> frozenset[str]:
        found = self._subjects.get(words)
        if found is None:
            from platformpm.inventory.maintenance import subjects_of  # as above

            found = self._subjects[words] = subjects_of(self._inventory, words)
        return found
