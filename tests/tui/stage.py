"""What the tests of the terminal face share: an app on a board, and the text of its screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from textual import events
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size
from textual.keys import _character_to_key

from platformpm.model.snapshot import PlatformSnapshot
from platformpm.tui.app import PlatformApp
from platformpm.tui.screens.base import PlatformScreen
from tests.tui.synthetic import FakeBoard, FakeClock, FakeSession

if TYPE_CHECKING:
    from textual.pilot import Pilot

_GENERATIONS = 6
"""How many times messages may lead to further ones before everything is quiet."""


class Stage:
    """A running app with everything around it in the hands of the test."""

    def __init__(self, snapshot: PlatformSnapshot | None) -> None:
        self.clock = FakeClock()
        self.board = FakeBoard(snapshot)
        self.session = FakeSession(self.board)
        self.app = PlatformApp(self.session, self.clock)
        self.said: list[str] = []
        self.pilot: Pilot[int]

    async def press(self, *keys: str) -> None:
        for key in keys:
            name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
            self.app.post_message(events.Key(name, " " if key == "space" else key if len(key) == 1 else None))
            await self.settle()

    async def type(self, text: str) -> None:
        await self.press(*(("space" if char == " " else char) for char in text))

    async def resize(self, width: int, height: int) -> None:
        size = Size(width, height)
        driver = self.app._driver
        assert isinstance(driver, HeadlessDriver)
        driver._size = size
        self.app.post_message(events.Resize(size, size))
        while self.app.screen.size != size:
            assert self.app._exception is None, self.app._exception
            await self.pilot.pause(0.01)
        await self.settle()

    async def settle(self) -> None:
        """Let every widget work off its messages, and those that come of them; never waits for the clock."""
        for _ in range(_GENERATIONS):
            await self.pilot._wait_for_screen()
            await asyncio.sleep(0)
            for screen in self.app.screen_stack:  # what lies under a help is seen through it
                screen._on_timer_update()

    async def show(self, snapshot: PlatformSnapshot) -> None:
        self.board.snapshot = snapshot
        self.app.beat()
        await self.settle()

    def listen(self) -> None:
        """Keep what is said in passing: on the screen it stands for two seconds of a busy machine only."""
        say = self.app.say

        def heard(text: str, seconds: float = 2) -> None:
            self.said.append(text)
            say(text, seconds)

        self.app.say = heard  # type: ignore[method-assign]

    @property
    def front(self) -> PlatformScreen:
        assert self.app.front is not None
        return self.app.front

    @property
    def text(self) -> str:
        """Give what a person sees, line by line, without trailing blanks."""
        return "\n".join(line.rstrip() for line in self.lines)

    @property
    def lines(self) -> list[str]:
        return [strip.text for strip in self.app.screen._compositor.render_strips()]


@asynccontextmanager
async def on_stage(snapshot: PlatformSnapshot | None, size: tuple[int, int] = (160, 48)) -> AsyncIterator[Stage]:
    """Run the app without a terminal."""
    stage = Stage(snapshot)
    async with stage.app.run_test(size=size) as pilot:
        stage.pilot = pilot
        stage.listen()
        await stage.settle()
        stage.app.beat()
        await stage.settle()
        yield stage
