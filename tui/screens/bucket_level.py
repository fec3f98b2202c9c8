"""One level of a bucket: listed page after page, and again when something there was changed."""

from __future__ import annotations

from functools import partial

from tui import bucketing
from tui.screens.base import FootplateScreen
from tui.services import bucket as services
from tui.services.bucket import Listed, Stored

LISTING = "listing the bucket"


class BucketLevel(FootplateScreen, inherit_bindings=False):
    """A screen on one level of a bucket."""

    def __init__(self) -> None:
        super().__init__()
        self.url = self.prefix = self.after = self.asked = ""
        self.trouble = self.advice = ""
        self.empty = "asking what lies there"
        self.wanted_row = ""  # where the cursor is to go
        self.folders: dict[str, None] = {}
        self.objects: dict[str, Stored] = {}
        self.simulated = self.begun = False
        self._anew = False  # what is in view was listed earlier

    def show(self) -> None:
        """Show how it stands now."""
        raise NotImplementedError

    def row(self) -> str:
        """The key of the row under the cursor."""
        raise NotImplementedError

    @property
    def size_bytes(self) -> int:
        """Of all objects that are known here."""
        return sum(one.size_bytes for one in self.objects.values())

    @property
    def asks(self) -> bool:
        """Whether what stands there was listed earlier, and is asked for anew."""
        return self._anew

    # --- going ---------------------------------------------------------------------------------------------------

    def go_to_bucket(self, url: str) -> None:
        """Look into another bucket."""
        self.url, prefix = bucketing.divided(url)
        self.enter(prefix)

    def enter(self, prefix: str, row: str = "") -> None:
        """Go into a folder, with the cursor on a row of it."""
        self.prefix, self.wanted_row = prefix, row
        self.folders, self.objects = {}, {}
        self.begin()

    def begin(self) -> None:
        """List this level anew; what stood there stays until something else is known."""
        self.begun, self.after, self._anew = True, "", True
        self.trouble = self.advice = ""
        self.empty = "asking what lies there"
        self._next("")
        self.show()

    def _next(self, after: str) -> None:
        ask = partial(services.page, self.lab.gate, self.url, self.prefix, after)
        self.work(LISTING, ask, self._listed)

    def _listed(self, found: Listed) -> None:
        if (found.url, found.prefix) != (self.url, self.prefix):
            return
        if self._anew:
            self._anew, self.folders, self.objects = False, {}, {}
        self.folders.update(dict.fromkeys(found.folders))
        self.objects.update({one.name: one for one in found.objects})
        self.after, self.simulated, self.empty = found.after, found.simulated, "nothing lies here"
        if found.after:
            self._next(found.after)
        self.show()

    def tell_error(self, what: str, why: str, what_to_do: str) -> None:
        if what == LISTING:  # said where the names would stand, once
            self.trouble, self.advice, self.empty, self._anew = why, what_to_do, "", False
            self.show()
        else:
            super().tell_error(what, why, what_to_do)

    # --- acting --------------------------------------------------------------------------------------------------

    def do_refresh(self) -> None:
        if self.url:
            self.wanted_row = self.row()
            self.begin()

    def do_another_bucket(self) -> None:
        from tui.screens.noting import Noting

        def given(url: str | None) -> None:
            if url:
                self.go_to_bucket(url)

        title = "Which bucket? gs://NAME, gs://NAME/folder, or a folder"
        self.app.push_screen(Noting(bucketing.place(self.url, self.prefix), title, replaced=True), given)
