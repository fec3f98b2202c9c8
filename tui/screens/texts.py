"""What can be done with a text on a screen: search it, wrap it, follow it."""

from __future__ import annotations

import time
from bisect import bisect_left
from functools import partial

from textual import on
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from tui import search, sieve
from tui.screens.base import FootplateScreen
from tui.services.filtered import FilteredLog
from tui.services.logfile import LogFile
from tui.services.sifters import SIFTERS
from tui.widgets.entry import Typed
from tui.widgets.lines import LineView

OFTEN_S = 0.1
TYPING_S = 0.02  # keys that a paste or a slow line brings together are closer to one another


class TextActs(FootplateScreen, inherit_bindings=False):
    """A screen on which a text may be in view, with a line `#search` to type in."""

    searched: search.Search | None = None
    _finder: FilteredLog | None = None
    _wanted: tuple[int, int] | None = None  # the match that one is on the way to: from which line, in which direction
    _looking: Timer | None = None
    _typing: Timer | None = None
    _looked_at = 0.0
    _knew_all = False  # when it was looked at last

    class Looked(Message):
        """More is known of what is searched or filtered."""

    def text(self) -> LineView | None:
        """The text in view, if there is one."""
        raise NotImplementedError

    def text_changed(self) -> None:
        """Another part of the text is in view, or it is shown otherwise."""

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
        self.type_into("search")

    def type_into(self, name: str) -> None:
        """Show a line to type in."""
        SIFTERS.warm()
        line = self.query_one(f"#{name}", Typed)
        line.add_class("-shown")
        line.focus()

    @on(Input.Changed, "#search")
    def _search_typed(self, message: Input.Changed) -> None:
        self._stop_typing()
        # Of keys that come together only the last one searches.
        self._typing = self.set_timer(TYPING_S, partial(self.search_for, message.value))

    @on(Typed.Closed, "#search")
    def _search_closed(self, message: Typed.Closed) -> None:
        self.typed(message.line)
        if not message.kept:
            self.forget_search()
        elif self._stop_typing():
            self.search_for(message.line.value)

    def _stop_typing(self) -> bool:
        """Whether something was typed that is not searched yet."""
        typing, self._typing = self._typing, None
        if typing is not None:
            typing.stop()
        return typing is not None

    def typed(self, line: Typed) -> None:
        """Somebody is done with a line to type in."""
        line.remove_class("-shown")
        text = self.text()
        if text is not None:
            self.set_focus(text)

    def forget_search(self) -> None:
        """Look for nothing any more."""
        self.query_one("#search", Typed).value = ""
        self.search_for("")

    def search_for(self, asked: str) -> None:
        """Find something in the text in view, and go to the first place from here on."""
        self._stop_typing()
        text, self.searched = self.text(), search.compiled(asked)
        if text is None:
            return
        text.found(None, ())
        if self._finder is not None:
            self._finder.search(None)
        if self.searched is not None:
            self._wanted = text.top, 1
            self._finder = self.finder(text)
            self._finder.search(sieve.of_search(self.searched))
        self.text_changed()

    def finder(self, text: LineView) -> FilteredLog:
        """What finds lines in a text."""
        source = text.source
        return FilteredLog(LogFile.of(source.lines(0, source.count)), self.tell_looked)

    def tell_looked(self) -> None:
        """More is known; called in threads."""
        if self._looking is None or self.knows_all:  # else it is looked at soon
            self.post_message(self.Looked())

    @on(Looked)
    def _look_soon(self) -> None:
        """Show it now, or with what else is found within a moment; the last of it is waited for by nobody."""
        at_once = self.knows_all and not self._knew_all
        if self._looking is not None and at_once:
            self._looking.stop()
            self._looking = None
        if self._looking is None:
            wait = 0 if at_once else self._looked_at + OFTEN_S - time.monotonic()
            self._looking = self.set_timer(max(0.001, wait), self._look)

    @property
    def knows_all(self) -> bool:
        """Whether nothing is being looked for any more."""
        return self._finder is None or self._finder.knows_all

    def _look(self) -> None:
        self._looking, self._looked_at, self._knew_all = None, time.monotonic(), self.knows_all
        self.looked()
        self.text_changed()
        self.show_frame()

    def looked(self) -> None:
        """Show what is known by now of what is searched."""
        text, finder = self.text(), self._finder
        if text is None or finder is None or self.searched is None:
            return
        # An expression is let loose on the lines in view only after it has come through others elsewhere: there are
        # some that never end, and there only a process of their own would hang.
        finder.notice()
        text.found(self.searched.text, finder.found)
        if self._wanted is not None and (finder.found or finder.looked_at == 1):
            self._go_to_match(text, finder, *self._wanted)

    def _go_to_match(self, text: LineView, finder: FilteredLog, line: int, step: int) -> None:
        """Go there where it is known; before all has been looked at, what comes next in the file may be unknown."""
        found = finder.found
        ahead = bisect_left(found, line) < len(found) if step > 0 else finder.looked_at == 1
        if ahead or finder.looked_at == 1:
            self._wanted = None
            text.next_match(step)

    def do_next_match(self) -> None:
        self._to_match(1)

    def do_previous_match(self) -> None:
        self._to_match(-1)

    def _to_match(self, step: int) -> None:
        text = self.text()
        if text is not None and self.searched is not None:
            at = text.match if text.match >= 0 else text.top
            self._wanted = at + (step > 0), step
            self.looked()
            self.text_changed()
