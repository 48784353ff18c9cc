"""What the command palette finds: every action, and every service."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from platformpm.report.words import GLYPHS
from platformpm.tui.actions import ACTIONS
from platformpm.tui.present import AtPresentSize
from platformpm.tui.widgets.brush import harmless

if TYPE_CHECKING:
    from platformpm.tui.app import PlatformApp

_MOST = 50
"""Services offered at once: more nobody reads."""


class ActionProvider(Provider):
    """Offers the actions of the registry."""

    async def discover(self) -> Hits:
        """Offer every action before anything is typed."""
        for action in ACTIONS:
            if action.palette:
                run = partial(self.app.run_action, action.run)
                yield DiscoveryHit(Content(action.label.capitalize()), run, text=action.label, help=action.tooltip)

    async def search(self, query: str) -> Hits:
        """Offer the actions whose label or sentence fits."""
        matcher = self.matcher(query)
        for action in ACTIONS:
            score = max(matcher.match(action.label), matcher.match(action.tooltip) * 0.8)
            if action.palette and score > 0:
                run = partial(self.app.run_action, action.run)
                yield Hit(score, Content(action.label.capitalize()), run, text=action.label, help=action.tooltip)


class ServiceProvider(Provider):
    """Offers to open a service in an environment."""

    async def search(self, query: str) -> Hits:
        """Offer the services whose name, title or environment fits."""
        app, matcher, found = cast("PlatformApp", self.app), self.matcher(query), 0
        for state in app.feed.shown.services if app.feed.shown else ():
            name = harmless(f"{state.service.name}@{state.environment.name}")
            score = max(matcher.match(name), matcher.match(harmless(state.service.title)))
            if score > 0:
                shown = Content(f"{GLYPHS[state.status]} {name}")
                yield Hit(score, shown, partial(app.open_service, state.key), text=name)
                found += 1
                if found >= _MOST:
                    return


class Palette(AtPresentSize, CommandPalette):
    """A palette that closes once: of two quick clicks beside it the second has nothing left to close."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close, if it is in front."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()


def open_palette(app: PlatformApp) -> None:
    """Open the palette, unless it is open."""
    if not isinstance(app.screen, Palette):
        app.push_screen(Palette([ActionProvider, ServiceProvider], placeholder="Find an action or a service…"))
