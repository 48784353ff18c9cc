"""Asks history without making the screen wait for a disk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.message import Message

from platformpm.errors import HistoryError

if TYPE_CHECKING:
    from textual.message_pump import MessagePump


class Answer(Message):
    """What was found out: `found` is a `HistoryError` where history cannot be read."""

    bubble = False

    def __init__(self, question: Any, found: Any) -> None:
        self.question = question
        self.found = found
        super().__init__()


class Lookup:
    """Answers the questions of one screen, one at a time in a daemon thread; of those that wait only the last."""

    def __init__(self, asker: MessagePump) -> None:
        self._asker = asker
        self._lock = threading.Lock()
        self._waiting: tuple[Any, Callable[[], Any]] | None = None
        self._busy = False

    def ask(self, question: Any, find: Callable[[], Any]) -> None:
        """Find out, and post an `Answer` to the screen. `find` may raise HistoryError."""
        with self._lock:
            self._waiting = question, find
            if self._busy:
                return
            self._busy = True
        threading.Thread(target=self._work, name="platformpm-lookup", daemon=True).start()

    def _work(self) -> None:
        while (asked := self._next()) is not None:
            question, find = asked
            try:
                found = find()
            except HistoryError as error:
                found = error
            except Exception as error:  # noqa: BLE001  # a defect in one question must not silence the next
                found = HistoryError(f"internal error ({type(error).__name__})")
            self._asker.post_message(Answer(question, found))

    def _next(self) -> tuple[Any, Callable[[], Any]] | None:
        with self._lock:
            asked, self._waiting = self._waiting, None
            self._busy = asked is not None
            return asked
