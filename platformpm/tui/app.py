"""The terminal face: a thin app over a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on

from platformpm.errors import ExitCode
from platformpm.model.ports import Clock, Session
from platformpm.tui import themes
from platformpm.tui.actions import AHEAD, IDLE, Where, bindings
from platformpm.tui.clock import SystemClock
from platformpm.tui.compat import TightLippedApp
from platformpm.tui.feed import BEAT, Feed
from platformpm.tui.modes import MODES, open_row
from platformpm.tui.screens.base import PlatformScreen
from platformpm.tui.screens.filtered import FilteredScreen
from platformpm.tui.signals import Signals
from platformpm.tui.widgets.brush import harmless
from platformpm.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from platformpm.tui.screens.detail import DetailScreen
    from platformpm.tui.screens.help import HelpScreen


class PlatformApp(TightLippedApp[int]):
    """Shows a session and passes on what the user asks for."""

    CSS_PATH = "styles/app.tcss"
    TITLE = "platformpm"
    BINDINGS: ClassVar[list[Any]] = bindings(Where.EVERYWHERE)
    MODES: ClassVar[dict[str, Any]] = MODES
    DEFAULT_MODE = next(iter(MODES))
    ENABLE_SELECT_AUTO_SCROLL = False

    def __init__(self, session: Session, clock: Clock | None = None) -> None:
        super().__init__()
        self.session = session
        self.feed = Feed(session.board, clock or SystemClock())
        self.signals = Signals(self)
        self._detail: DetailScreen | None = None
        self._help: HelpScreen | None = None
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give the colours that styles name, for themes that do not know them."""
        return themes.DEFAULTS

    def on_load(self) -> None:
        """Hear signals from before the terminal is taken."""
        self.signals.listen()

    def on_mount(self) -> None:
        """Begin to look at the board."""
        self._second = 0
        self.beat()
        self.set_interval(BEAT, self.beat)

    def beat(self) -> None:
        """Show what is new; let a second pass when one has."""
        snapshot, second = self.feed.pull(), int(self.feed.wall)
        screen = self.front
        if screen is None or not screen.is_whole:
            return
        if snapshot is not None:
            with self.batch_update():
                screen.show(snapshot)
        elif second != self._second:
            screen.tick()
        if second != self._second:
            self.signals.look()
        self._second = second

    @property
    def front(self) -> PlatformScreen | None:
        """Give the screen in front, under help or palette."""
        return next((one for one in reversed(self.screen_stack) if isinstance(one, PlatformScreen)), None)

    def open_service(self, key: tuple[str, str]) -> None:
        """Open the detail of a service in an environment. This is the one place where that screen is made."""
        if self._detail is None:
            from platformpm.tui.screens.detail import DetailScreen  # made when first opened, kept: mounting is dear

            self._detail = DetailScreen(key)
            self.install_screen(self._detail, self._detail.name or "")
        self._detail.begin(key)
        if self.screen is not self._detail:
            self.push_screen(self._detail)

    @on(Lines.Opened)
    async def open_row(self, message: Lines.Opened) -> None:
        """Open what a row stands for."""
        message.stop()
        await open_row(self, message.row)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys of actions that run ahead to a text that is being typed."""
        del parameters
        return not (action in AHEAD and self.focused and self.focused.check_consume_key("slash", "/"))

    async def action_go(self, name: str) -> None:
        """Go to a screen, closing what is open over it."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if self.current_mode != name:
            await self.switch_mode(name)

    async def action_back(self) -> None:
        """Close what is open; in a list clear the filter."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif isinstance(self.screen, FilteredScreen):
            self.screen.back()

    async def action_filter(self) -> None:
        """Type a filter, in the list of services if the present screen has none."""
        (await self._list()).open_filter()

    async def action_faults(self) -> None:
        """Show only faults, or all again, where there is a list of them."""
        if self.front and "faults" in IDLE.get(self.front.name or "", ()):
            self.say("services, versions and events can be shown with only faults")
        else:
            (await self._list()).toggle_faults()

    def action_recheck(self) -> None:
        """Check the selected service or host again now."""
        from platformpm.tui.rechecking import recheck  # needed at the first r

        recheck(self)

    def action_mute(self) -> None:
        """Hold back the alerts of what is selected, or let them go again."""
        from platformpm.tui.muting import mute_or_unmute  # needed at the first m

        mute_or_unmute(self)

    def action_recheck_all(self) -> None:
        """Check everything again now."""
        self.session.recheck(None)
        self.say("re-checking everything")

    def action_reload(self) -> None:
        """Read the inventory again."""
        self.session.reload()
        self.say("reading the inventory again")

    def action_freeze(self) -> None:
        """Hold the picture still, or let it go on."""
        self.feed.freeze(on=not self.feed.frozen)
        self.beat()
        if self.front is not None:
            self.front.tick()

    def action_theme(self) -> None:
        """Take the next theme."""
        self.theme = themes.after(self.theme)
        self.say(f"{themes.title(self.theme)} theme")

    def action_command_palette(self) -> None:
        """Find an action or a service by typing."""
        from platformpm.tui.palette import open_palette  # needed at the first ctrl+p

        open_palette(self)

    def action_help(self) -> None:
        """Show every key, unless they are shown."""
        from platformpm.tui.screens.help import HelpScreen  # made when first asked for, kept: mounting is dear

        if self._help is None:
            self._help = HelpScreen()
            self.install_screen(self._help, "help")
        if self._help not in self.screen_stack:
            self.push_screen(self._help)

    async def action_quit(self) -> None:
        """Leave."""
        self.exit(0)

    def say(self, text: str, seconds: float = 2) -> None:
        """Tell something in passing."""
        self.notify(harmless(text), timeout=seconds, markup=False)

    async def _list(self) -> FilteredScreen[Any]:
        if not isinstance(self.screen, FilteredScreen):
            await self.action_go("services")
        return cast("FilteredScreen[Any]", self.screen)


def run(session: Session, clock: Clock | None = None) -> int:
    """Show a session until the user leaves; give the exit code. The terminal is left as it was, signals included."""
    app = PlatformApp(session, clock)
    app.theme = themes.first(app.console.color_system)
    result = app.run()
    return ExitCode.UNKNOWN if result is None or app.return_code else result
