"""What the panes of the Agreement screen show, each while it is in view."""

from __future__ import annotations

from tui import agreeing, confusion, settling
from tui.cases import Cards
from tui.drift import drift, early
from tui.filter import compiled
from tui.screens.adjudicating import Adjudicating
from tui.screens.agreement_panes import CASE, READING
from tui.screens.goldacts import GoldActs
from tui.widgets.tones import Cell
from tui.widgets.words import Words

NOTHING = "nothing to show yet"
COMPUTING = "computing the cards, in a process of its own"
NO_DRIFT = "no windows yet: 20 frames that two coders labelled make the first two, and their times have to be known"


class AgreedScreen(Adjudicating, GoldActs, inherit_bindings=False):
    """A screen that shows the labels in panes."""

    def show(self) -> None:
        """Bring the pane in view up to date, and the scores, whose cursor says which card is meant."""
        if self.labels is None:
            return
        name, empty = self.panes.name_in_view, self._empty()
        self._show_scores(empty)
        fill = {"card": self._show_card, "confusion": self._show_confusion, "drift": self._show_drift,
                "coders": self._show_coders, "gold": self._show_gold}  # fmt: skip
        if name in fill:
            fill[name](empty)
        elif name in ("disagreements", CASE):
            self._show_cases()
        self.show_around()

    def _empty(self) -> str:
        """Why there are no cards, shortly; what to do stands above or below, where it has room."""
        if self.labels is None or self.labels.trouble:
            return NOTHING if self.labels else READING
        return "the cards could not be made" if self.cards else COMPUTING

    def card(self) -> agreeing.Card | None:
        """The card of the row of scores under the cursor."""
        return None if self.labels_missing else agreeing.chosen(self.cards, self.panes.key("scores"))

    def _known(self) -> Cards | None:
        return None if self.labels_missing else self.cards

    def _show_scores(self, empty: str) -> None:
        cards = self._known()
        self.panes.fill("scores", agreeing.scores(cards) if cards else {}, empty)

    def _show_card(self, empty: str) -> None:
        card = self.card()
        self.panes.fill("card", agreeing.coefficients(card) if card else {}, empty)

    def _show_confusion(self, empty: str) -> None:
        card = self.card()
        rows, columns = (confusion.rows(card), confusion.columns(card)) if card else ({}, ())
        self.panes.fill("confusion", rows, empty, columns)

    def _show_drift(self, empty: str) -> None:
        cards = self._known()
        none = "\n".join(early(cards)) or NO_DRIFT if cards and not cards.fault else empty
        self.panes.draw(drift(cards) if cards else [], none)

    def _show_coders(self, _empty: str) -> None:
        assert self.labels is not None
        rows = settling.coders(self.labels, self.cards, self.lab.now())
        self.panes.fill("coders", rows, "no coders: name them in workspace.yaml")

    def _show_gold(self, _empty: str) -> None:
        assert self.labels is not None
        none = NOTHING if self.labels.trouble else "nothing is settled"
        self.panes.fill("gold", settling.gold(self.sides()), none)

    def _show_cases(self) -> None:
        assert self.labels is not None
        none = f"none fits {self.asked!r}; esc shows all" if self.asked else "nothing to settle: nobody differs"
        cases = self.fitting_by_key()
        self.panes.list_cases(
            list(cases), lambda key: settling.row(cases[key]), NOTHING if self.labels.trouble else none
        )

    def _show_head(self) -> None:
        head = self.query_one("#agreement-head", Words)
        if self.labels is None or self.labels.trouble:
            head.show(self.lab.worded(self.labels.trouble) if self.labels else READING)
            return
        variable = self.panes.key("scores").partition("\t")[0] or next(iter(self.labels.variables), "")
        shared, twice = self.labels.overlap
        said = [f"{twice} of {shared} overlap frames double-coded"] if shared else []
        summary = self.labels.summaries.get(variable, "")
        said += [f"{variable}: {summary}"] if summary else []
        head.show("\n".join(said) or "no frame is double-coded yet")

    def _show_tabs(self) -> None:
        self.show_tabs(Cell(f"{self._about(self.panes.tab)} ", "accent" if self.computing else "dim"))

    def _about(self, pane: str) -> str:
        if self.computing:
            return "computing"
        if pane in ("card", "confusion"):
            return self.panes.key("scores").replace("\t", " · ")
        if pane == "disagreements" and self.labels is not None:
            shown, known = len(self.fitting_by_key()), len(self.labels.cases)
            return f"{shown} of {known}" if self.asked else f"{known}"
        return ""

    def _show_detail(self) -> None:
        lines = self._detail()
        words = self.query_one("#agreement-detail", Words)
        words.show("\n".join(lines))
        words.display = bool(lines) and self.panes.name_in_view != CASE

    def _detail(self) -> list[str]:
        """All that the row under the cursor has to say."""
        name = self.panes.name_in_view
        if name == "disagreements":
            fault = compiled(self.asked).fault
            return [*([f"the filter passes over {fault}"] if fault else []), *self.about_case()]
        if name == "gold":
            return self.about_gold()
        card = self.card()
        if card is None:
            return [self.cards.fault] if self.cards and self.cards.fault and not self.labels_missing else []
        key = self.panes.key(name)
        about = {"scores": lambda: agreeing.about_score(card), "card": lambda: agreeing.about_coefficient(card, key),
                 "confusion": lambda: confusion.about(card, key)}  # fmt: skip
        return [self.lab.worded(line) for line in about[name]()] if name in about and key else []

    def show_around(self) -> None:
        """Say what there is to know of the row under the cursor."""
        self.show_case()
        self._show_head()
        self._show_tabs()
        self._show_detail()
        self.show_frame()
