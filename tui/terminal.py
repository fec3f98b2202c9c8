"""The app as its terminal sees it: theme and colours, how often it paints, the bell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.color import ColorSystem
from textual import events
from textual.filter import LineFilter
from textual.widget import AwaitMount

from engine import terminal
from engine.settings import Settings
from tui import theme
from tui.inorder import InOrder
from tui.lab import Lab
from tui.options import Options
from tui.pace import Pace

SYSTEMS = {
    terminal.NONE: ColorSystem.STANDARD, terminal.FEW: ColorSystem.STANDARD, terminal.MANY: ColorSystem.EIGHT_BIT,
    terminal.ALL: ColorSystem.TRUECOLOR,
}  # fmt: skip


class TerminalApp(InOrder):
    """An app that does what its terminal can do, as far as the environment tells; it never asks it."""

    def __init__(self, lab: Lab, settings: Settings, last_theme: str = "") -> None:
        super().__init__()
        self.lab, self.settings, self.chosen_theme = lab, settings, last_theme
        lab.options = options = with_settings(lab.options, settings)
        self.animation_level = "none"  # every frame of an animation is bytes over ssh
        self.pace = Pace(options.low_bandwidth)
        self._goes_to = ""
        self.set_class(options.low_bandwidth, "-frugal")
        self.set_class(options.plain, "-plain")
        self._dress(last_theme)

    # --- colours -------------------------------------------------------------------------------------------------

    def _dress(self, last_theme: str) -> None:
        for known in (*theme.THEMES, theme.NONE):
            self.register_theme(known)
        # As if it had been the theme from the start, in place of parsing all styles a second time.
        self.set_reactive(TerminalApp.theme, theme.suiting(self.lab.options.theme, last_theme))
        self.stylesheet.set_variables(self.get_css_variables())
        depth = terminal.colours()
        if self.lab.options.low_bandwidth and depth == terminal.ALL:
            depth = terminal.MANY  # a colour by its number is half as long
        self.no_color = depth == terminal.NONE
        self.console._color_system = SYSTEMS[depth]  # Rich takes tmux, which calls itself screen, for one of 16
        self._out = self._filters_for(depth)

    def _filters_for(self, depth: str) -> Sequence[LineFilter]:
        colourless, plain = depth == terminal.NONE, self.lab.options.plain
        if not (colourless or plain):
            return ()
        from tui import colours  # for those who need it

        return [*([colours.WithoutColour()] if colourless else []), *([colours.Spoken()] if plain else [])]

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Where there is no colour, Textual's own filters, which make greys, have nothing to do."""
        return self._out if self.no_color else [*super().get_line_filters(), *self._out]

    def other_theme(self) -> str:
        """On to the next theme; the words for it."""
        before, self.theme = self.theme, theme.after(self.theme)
        if self.theme == before:
            return "NO_COLOR is set: there are no colours"
        self.chosen_theme = self.theme
        return f"theme: {theme.WORDS[self.theme]}"

    # --- pace ----------------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent) and not isinstance(event, events.MouseMove):
            self.pace.touched(event.time)
        await super().on_event(event)

    def switch_mode(self, mode: str) -> AwaitMount:
        self._goes_to = mode
        return super().switch_mode(mode)

    def delay_update(self, delay: float = 0.05) -> None:
        """Textual paints nothing meanwhile when it goes to a screen; one that has been made needs no hiding."""
        if self._goes_to not in self._screen_stacks:
            super().delay_update(delay)

    # --- the bell ------------------------------------------------------------------------------------------------

    def ring(self, words: str, by_notice: bool) -> None:
        """Ring as the settings say: by a notice of the desktop, where it would arrive, else by the bell."""
        if by_notice:
            self.to_terminal(terminal.notice(words))
        elif self.settings.bell != "off":
            self.bell()

    def to_terminal(self, sequence: str) -> None:
        """Between two repaints, as these are written from this thread too."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)


def with_settings(options: Options, settings: Settings) -> Options:
    """What the command line says, and where it says nothing what the settings say."""
    return replace(
        options,
        theme=options.theme or ("" if settings.theme == "auto" else settings.theme),
        low_bandwidth=options.low_bandwidth or settings.low_bandwidth,
        plain=options.plain or settings.plain,
    )
