"""A writer to be killed: `python -m tests.unit.history.killed DATABASE FIRST` prints the last reading acknowledged."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from platformpm.history import rolling
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event, EventKind
from platformpm.model.status import Status
from tests.unit.history.records import NOW, QUICK, HandClock, opened, taken

KEYS = [InstanceKey("checkout", "production", f"eu-{number}") for number in range(50)]


def main() -> None:
    """Write readings older than an hour for ever, so that they are moved all the time in small chunks."""
    rolling.CHUNK = 100
    number = int(sys.argv[2])
    history = opened(
        Path(sys.argv[1]), clock=HandClock(NOW + 86400), pace=dataclasses.replace(QUICK, move=0.0, room=0.0)
    )
    while True:
        for _ in range(97):
            status = Status.DOWN if number % 10 == 0 else Status.UP
            history.put(taken(NOW + number * 0.1, status, key=KEYS[number % len(KEYS)]))
            number += 1
        history.put(Event(NOW + number * 0.1, EventKind.STATUS, "", str(number)))
        if history.flush(60):
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
