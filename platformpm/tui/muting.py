"""What the key for muting does: it asks how long and why, or takes back what is muted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

from platformpm.errors import PlatformpmError
from platformpm.inventory.durations import format_duration
from platformpm.model.alert import Alert
from platformpm.model.silence import Muted
from platformpm.model.state import HostState, ServiceState
from platformpm.tui.rechecking import subject_of
from platformpm.tui.screens.mute import Answer, MuteScreen

if TYPE_CHECKING:
    from platformpm.tui.app import PlatformApp

_SHORT, _LONG = 2.0, 8.0
"""Seconds for which it is said that all went well, and for which it is said why not."""


def mute_or_unmute(app: PlatformApp) -> None:
    """Ask how long to mute what is selected, and do it; what is muted already is unmuted at once."""
    found = _subject_of(app.front.selected_row() if app.front else None)
    if found is None:
        app.say("select a service, an alert or a host to mute it")
        return
    subject, muted = found
    if muted is not None:
        _do(app, lambda: app.session.unmute((subject,)), f"{subject} is no longer muted")
    elif app.screen is app.front:
        app.push_screen(MuteScreen(subject), lambda answer: _mute(app, subject, answer))


def _mute(app: PlatformApp, subject: str, answer: Answer | None) -> None:
    if answer is not None:
        until = app.feed.wall + answer.seconds
        done = f"{subject} is muted for {format_duration(answer.seconds)}"
        _do(app, lambda: app.session.mute((subject,), until, answer.reason), done)


def _do(app: PlatformApp, work: Callable[[], None], done: str) -> None:
    """Do what waits for the disk, where nobody waits for it, and say what came of it."""

    def worked() -> None:
        told: tuple[str, float] = (done, _SHORT)
        try:
            work()
        except PlatformpmError as error:
            told = (str(error), _LONG)
        with suppress(RuntimeError):  # the app has ended meanwhile
            app.call_from_thread(app.say, *told)

    Thread(target=worked, name="platformpm-mute", daemon=True).start()


def _subject_of(row: object) -> tuple[str, Muted | None] | None:
    """Give the subject of the alerts of a row, which is a selector too, and whether it is muted."""
    return (subject_of(row), row.muted) if isinstance(row, ServiceState | HostState | Alert) else None
