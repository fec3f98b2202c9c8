"""A screen between two lines: where one is and what is new above, the keys that act here and now below."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from tui import actions
from tui.actions import BY_ID, Facts
from tui.format import cells
from tui.lab import Lab
from tui.screens.background import Background
from tui.screens.dialog import SMALLEST
from tui.screens.moving import Moving
from tui.widgets.bars import Bar, Key, KeyBar
from tui.widgets.entry import Line
from tui.widgets.tones import Cell
from tui.widgets.words import Words

if TYPE_CHECKING:
    from tui.app import FootplateApp

T = TypeVar("T")
TYPING = [Key("", "↑ ↓", "move"), Key("", "enter", "keep"), Key("", "esc", "clear")]


class FramedScreen(Moving, Background, inherit_bindings=False):
    """A screen that asks before it changes something, and says why it cannot act."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (116, "-wide")]  # noqa: RUF012 (Textual reads it so)
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-high")]  # noqa: RUF012
    NAME: ClassVar[str] = ""
    blind: ClassVar[bool] = False  # whether nothing may be said here of runs, videos and people

    @property
    def footplate(self) -> FootplateApp:
        return cast("FootplateApp", self.app)

    @property
    def lab(self) -> Lab:
        return self.footplate.lab

    def ask(self, do: Callable[[], T]) -> T:
        return self.lab.sources.ask(do)

    # --- the frame -----------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield Bar(id="top")
        with Vertical(id="body"):
            yield from self.body()
        yield Words(id="too-small")
        yield KeyBar(id="keys")

    def body(self) -> ComposeResult:
        """What stands between the two lines."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.footplate.stands(self)
        self.show_frame()

    def on_screen_resume(self) -> None:
        self.runs_changed()
        self.show_frame()

    def on_resize(self) -> None:
        width, height = self.size
        self.set_class(self.too_small, "-too-small")
        words = (
            f"{width}×{height} is too small to draw: at least {SMALLEST[0]}×{SMALLEST[1]}, please\n"
            + self.lab.worded("{quit} leaves")
        )
        self.query_one("#too-small", Words).show(words)
        self.show_frame()  # whose words are shorter where there is less room

    def on_descendant_focus(self) -> None:
        self.show_frame()

    @property
    def too_small(self) -> bool:
        return self.size.width < SMALLEST[0] or self.size.height < SMALLEST[1]

    def keeps_turns(self) -> bool:
        """Whether even the key that leaves waits for its turn."""
        return False

    @property
    def has_frame(self) -> bool:
        """Whether its two lines are there: it may still be put together, or be taken down already."""
        return self.is_mounted and bool(self.query("#top"))

    def show_frame(self) -> None:
        """Bring the lines at the top and at the bottom up to date; nothing is painted where nothing differs."""
        news = self.news()
        self.query_one("#top", Bar).show(self._places(cells(news.text)), news)
        self.query_one(KeyBar).show_keys(TYPING if isinstance(self.focused, Line) else self._keys())

    def _places(self, taken: int) -> list[Bar.Part]:
        """All places by number and name; where there is no room for the news beside them, by number alone."""
        closed = "read-only " if self.lab.options.read_only else ""
        title = Bar.Part(f" {self.lab.sources.title()} {closed}", "warn" if closed else "strong")
        named = {name: f" {n % 10} {BY_ID[name].label} " for n, name in enumerate(actions.SCREENS, start=1)}
        for most in (3, 2):
            if sum(map(cells, (title.text, *named.values()))) + taken >= self.size.width:
                named = {name: words if name == self.NAME else words[:most] for name, words in named.items()}
        return [title, *(Bar.Part(words, "", name, name == self.NAME) for name, words in named.items())]

    def _keys(self) -> list[Key]:
        """The keys that can act here and now, the most wanted first."""
        facts = self.facts()
        here = actions.of(self.NAME, self.lab.sources.place)
        able = [action for action in here if action.footer and not action.reason(facts)]
        able.sort(key=lambda action: action.footer)
        return [Key(action.id, actions.shown(self.lab.keys(action)[0]), action.label) for action in able
                if self.lab.keys(action)]  # fmt: skip

    def finished(self) -> None:
        self.show_frame()

    def news(self) -> Cell:
        """What stands at the right of the first line."""
        if self.lab.trouble:
            return Cell(f"{self.lab.trouble} ", "bad")
        unseen, key = len(self.footplate.tellings.unseen), self.lab.worded("{events}")
        counts = self.lab.counts
        return Cell(f"{' · '.join(filter(None, (f'{unseen:,} new ({key})' if unseen else '', counts)))} ", "dim")

    # --- the state of the lab ------------------------------------------------------------------------------------

    def runs_changed(self) -> None:
        """The catalog has other runs than before."""

    def facts(self) -> Facts:
        """What the actions may depend on here."""
        return Facts(read_only=self.lab.gate.closed)

    def kept(self) -> dict[str, Any]:
        """What of its state outlives the screen, as JSON values: filter, sort, marks, columns."""
        return {}

    def restore(self, kept: dict[str, Any]) -> None:
        """Take up what `kept` said earlier, in this version or in an older one: what does not fit is passed over."""

    # --- acting --------------------------------------------------------------------------------------------------

    def action_act(self, name: str) -> None:
        """Do what a key stands for, or say why not; what is costly asks first."""
        action = BY_ID[name]
        if self.too_small and name != "quit":
            return  # nobody can see what would be acted on
        if reason := action.reason(self.facts()):
            self.notify(self.lab.worded(reason), title=f"not now: {action.label}", severity="warning", markup=False)
        elif action.asks:
            self._ask(action)
        else:
            self._do(action.id)

    def _ask(self, action: actions.Action) -> None:
        from tui.screens.confirm import Confirm

        again = self.lab.keys(action) if action.danger == "change" else ()
        question = Confirm(self.question(action.id), action.danger, again, self.to_type(action.id))
        self.app.push_screen(question, lambda yes: self._do(action.id) if yes else None)

    def _do(self, name: str) -> None:
        do = getattr(self, f"do_{name}", None) or getattr(self.app, f"do_{name}")
        do()
        self.show_frame()

    def question(self, name: str) -> str:
        """What is asked before an action that changes something; it names the thing, and the money."""
        return f"{BY_ID[name].help}?"

    def to_type(self, name: str) -> str:
        """What has to be typed before something goes for good: its name."""
        return ""

    @on(Bar.Pressed)
    def _pressed(self, message: Bar.Pressed) -> None:
        if message.name in BY_ID:
            self.action_act(message.name)
