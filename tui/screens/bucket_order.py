"""In which order the Bucket screen shows what lies there, and which of it."""

from __future__ import annotations

from functools import partial

from textual import on

from tui import bucketing
from tui.filter import compiled
from tui.screens.bucket_look import BucketLook
from tui.widgets.entry import Typed
from tui.widgets.table import Table

FEW = 1000  # rows that are filtered at once; more would be felt while one types


class BucketOrder(BucketLook, inherit_bindings=False):
    """A screen with a list that is sorted and filtered."""

    def __init__(self) -> None:
        super().__init__()
        self.order = "name", False
        self._fits: dict[str, bool] = {}  # of each name that was held against the filter

    @property
    def line(self) -> Typed:
        return self.query_one("#bucket-filter", Typed)

    def rows_shown(self) -> tuple[list[str], str]:
        """The rows that fit, in their order; and what of the filter is passed over."""
        keys = [*self.folders, *bucketing.ordered(self.objects, *self.order)]
        if not self.asked:
            return keys, ""
        new = {key: self.objects.get(key) for key in keys if key not in self._fits}
        self._fits |= bucketing.fitting(new, self.asked)
        return [key for key in keys if self._fits[key]], compiled(self.asked).fault

    def begin(self) -> None:
        self._fits = {}  # what has the same name may be another object by now
        super().begin()

    def do_sort(self) -> None:
        if self.inside and self.file_look.kind == "table":
            self.do_sort_column()
        else:
            self._sort(bucketing.SORTS[(bucketing.SORTS.index(self.order[0]) + 1) % len(bucketing.SORTS)])

    def do_reverse(self) -> None:
        if self.inside and self.file_look.kind == "table":
            self.do_reverse_column()
        else:
            self._sort(self.order[0])

    @on(Table.Titled, "#stored")
    def _title(self, message: Table.Titled) -> None:
        if message.key in bucketing.SORTS:
            self._sort(message.key)

    def _sort(self, by: str) -> None:
        """By a column, the largest and the newest first; by the same one again the other way round."""
        self.order = by, not self.order[1] if by == self.order[0] else by != "name"
        self.table.order(*self.order)
        self.show()

    def do_filter_bucket(self) -> None:
        if self.inside:
            self.do_search()
            return
        self.line.add_class("-shown")
        self.line.focus()

    @on(Typed.Changed, "#bucket-filter")
    def _typed(self, message: Typed.Changed) -> None:
        self.asked, self._fits = message.value.strip(), {}
        rows = {**dict.fromkeys(self.folders), **self.objects}
        if self.asked and len(rows) > FEW:
            fit = partial(bucketing.fitting, rows, self.asked)
            self.work("filtering", fit, partial(self._show_fitting, self.asked))
        else:
            self.show()

    def _show_fitting(self, asked: str, fits: dict[str, bool]) -> None:
        if asked == self.asked:
            self._fits = fits
            self.show()

    @on(Typed.Closed, "#bucket-filter")
    def _filter_closed(self, message: Typed.Closed) -> None:
        if not message.kept:
            self.line.value = ""
        self.line.remove_class("-shown")
        self.table.focus()
