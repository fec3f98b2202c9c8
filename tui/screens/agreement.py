"""Agreement: how far coders agree, on what they differ, and the gold set that follows."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult

from tui import actions, agreeing
from tui.actions import Facts
from tui.screens.agreed import AgreedScreen
from tui.screens.agreement_panes import CASE, AgreementPanes
from tui.widgets.bars import Bar
from tui.widgets.entry import Typed
from tui.widgets.moves import Moves
from tui.widgets.table import Table
from tui.widgets.words import Words

EXAMPLES = "words  kind:genuine  pair:personal/social  variable:distance  !has:adjudicated"
PANE_OF_FACTS = {"drift": "curves"}


class AgreementScreen(AgreedScreen, inherit_bindings=False):
    """The labels of this workspace, as several people gave them."""

    NAME = actions.AGREEMENT
    BINDINGS = actions.bindings(actions.AGREEMENT)

    def body(self) -> ComposeResult:
        yield Words(id="agreement-head")
        yield Bar(id="tabs")
        yield AgreementPanes()
        yield Words(id="agreement-detail")
        yield Typed(placeholder=EXAMPLES, id="case-filter")

    @property
    def line(self) -> Typed:
        return self.query_one("#case-filter", Typed)

    @on(Table.Moved)
    def _moved(self) -> None:
        self.show_around()

    @on(Table.Opened)
    def _opened(self) -> None:
        self.action_act("open")

    # --- panes ---------------------------------------------------------------------------------------------------

    def step_back(self) -> bool:
        """Out of a frame, out of a chart, out of a filter."""
        here = self.panes.name_in_view
        if here == "disagreements" and self.asked:
            self.line.value = ""
            return True
        return super().step_back() or (here == "drift" and self.panes.curves.step_back())

    def mover(self) -> Moves | None:
        """With a frame in view, the keys for moving go to the next one."""
        return self.panes.table("disagreements") if self.panes.name_in_view == CASE else super().mover()

    def do_open(self) -> None:
        name = self.panes.name_in_view
        if name == "scores":
            self.show_pane("card")
        elif name == "disagreements":
            self.show_pane(CASE)
        elif name == "drift":
            self.panes.curves.open()

    def do_card_words(self) -> None:
        from tui.screens.cardwords import CardWords

        card = self.card()
        if card is not None:
            title = self.panes.key("scores").replace("\t", ", ")
            self.app.push_screen(CardWords(title, agreeing.in_words(card)))

    # --- filtering -----------------------------------------------------------------------------------------------

    def do_filter_cases(self) -> None:
        if self.panes.name_in_view != "disagreements":
            self.show_pane("disagreements")
        self.line.add_class("-shown")
        self.line.focus()

    @on(Typed.Changed, "#case-filter")
    def _typed(self, message: Typed.Changed) -> None:
        self.asked = message.value.strip()
        self.show()

    @on(Typed.Closed, "#case-filter")
    def _filter_closed(self, message: Typed.Closed) -> None:
        if not message.kept:
            self.line.value = ""
        self.line.remove_class("-shown")
        self.set_focus(self.panes.in_view)

    # --- facts, kept ---------------------------------------------------------------------------------------------

    def facts(self) -> Facts:
        name = self.panes.name_in_view
        case = self.case() if name in ("disagreements", CASE) else None
        settled = "" if case is None else "open" if case.label is None else "settled"
        frames = self.labels.frames.get("adjudicated", 0) if self.labels else 0
        differing = len(self.labels.cases) if self.labels else 0
        pane = "card" if name == "scores" and self.card() is None else PANE_OF_FACTS.get(name, name)
        return Facts(pane=pane, undo=self.undo, read_only=self.lab.gate.closed, case=settled,
                     gold=frames, differing=differing, card=self.card() is not None)  # fmt: skip

    def kept(self) -> dict[str, Any]:
        row = self.wanted or self.panes.key("scores")
        mine = {"score": row, "filter": self.asked, "adjudicated": self.adjudicated, "by": self.by}
        return {**super().kept(), **mine}

    def restore(self, kept: dict[str, Any]) -> None:
        super().restore(kept)
        self.adjudicated = kept.get("adjudicated") is True
        self.by, self.wanted = (str(kept.get(name) or "") for name in ("by", "score"))
        self.line.value = self.asked = str(kept.get("filter") or "")
