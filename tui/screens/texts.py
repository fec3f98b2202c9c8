"""What can be done with a text on a screen: search it, wrap it, follow it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from textual import on
from textual.widgets import Input

from tui import search
from tui.screens.base import FootplateScreen
from tui.widgets.entry import Typed
from tui.widgets.lines import LineView
from tui.widgets.painter import LineSource, TextLines


class TextActs(FootplateScreen, inherit_bindings=False):
    """A screen on which a text may be in view, with a line `#search` to type in."""

    searched: search.Search | None = None

    def text(self) -> LineView | None:
        """The text in view, if there is one."""
        raise NotImplementedError

    def text_changed(self) -> None:
        """Another part of the text is in view, or it is shown otherwise."""

    def finder(self, source: LineSource, wanted: search.Search) -> Callable[[], Sequence[int]]:
        """What finds the numbers of lines, in a thread."""
        return partial(source.search, wanted.text) if isinstance(source, TextLines) else lambda: ()

    @on(LineView.Moved)
    def _text_moved(self) -> None:
        self.text_changed()

    def do_wrap(self) -> None:
        text = self.text()
        if text is not None:
            text.set_wrap(not text.wrap)
            self.text_changed()

    def do_follow(self) -> None:
        text = self.text()
        if text is not None:
            text.set_follow(not text.follow)

    # --- searching -----------------------------------------------------------------------------------------------

    def do_search(self) -> None:
        line = self.query_one("#search", Typed)
        line.add_class("-shown")
        line.focus()

    @on(Input.Changed, "#search")
    def _search_typed(self, message: Input.Changed) -> None:
        self.search_for(message.value)

    @on(Typed.Closed, "#search")
    def _search_closed(self, message: Typed.Closed) -> None:
        message.line.remove_class("-shown")
        text = self.text()
        if text is not None:
            self.set_focus(text)
        if not message.kept:
            self.forget_search()

    def forget_search(self) -> None:
        """Look for nothing any more."""
        self.query_one("#search", Typed).value = ""
        self.search_for("")

    def search_for(self, asked: str) -> None:
        """Find something in the text in view, and go to the first place from here on."""
        text, self.searched = self.text(), search.compiled(asked)
        if text is None:
            return
        if self.searched is None:
            text.found(None, ())
            self.text_changed()
        else:
            self._find(text, self.searched, 1)

    def _find(self, text: LineView, wanted: search.Search, step: int) -> None:
        then = partial(self._found, text, wanted, step)
        self.work("searching", self.finder(text.source, wanted), then)

    def _found(self, text: LineView, wanted: search.Search, step: int, matches: Sequence[int]) -> None:
        text.found(wanted.text, matches)
        text.next_match(step)
        self.text_changed()

    def do_next_match(self) -> None:
        self._to_match(1)

    def do_previous_match(self) -> None:
        self._to_match(-1)

    def _to_match(self, step: int) -> None:
        """The text may have grown since it was searched, so it is searched again."""
        text = self.text()
        if text is not None and self.searched is not None:
            self._find(text, self.searched, step)
