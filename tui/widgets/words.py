"""A text that is painted again only when it says something else."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class Words(Static):
    """Words, plain or with styles of their own; never read as markup, since they come from runs."""

    Said = str | Content

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(Content(text), id=id, classes=classes, markup=False)
        self._said = Content(text)

    def show(self, text: Said) -> None:
        """Say this from now on."""
        content = Content(text) if isinstance(text, str) else text
        if not content.is_same(self._said):
            self._said = content
            # Where its place does not depend on what it says, nothing on the screen has to be placed anew.
            self.update(content, layout=self.styles.auto_dimensions)
