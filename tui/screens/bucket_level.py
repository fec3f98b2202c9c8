"""One level of a bucket: listed page after page, and again when something there was changed."""

from __future__ import annotations

from functools import partial

from textual.message import Message

from engine.words import size
from tui.screens.base import FootplateScreen
from tui.services import bucket as services
from tui.services.bucket import Listed, Stored

LISTING = "listing the bucket"


class BucketLevel(FootplateScreen, inherit_bindings=False):
    """A screen on one level of a bucket."""

    class Said(Message):
        """Something is on its way to the bucket or from it."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    def __init__(self) -> None:
        super().__init__()
        self.url = self.prefix = self.after = self.asked = self.saying = ""
        self.trouble = self.advice = ""
        self.empty = "asking what lies there"
        self.wanted_row = ""  # where the cursor is to go
        self.folders: dict[str, None] = {}
        self.objects: dict[str, Stored] = {}
        self.simulated = self.begun = False
        self._anew = False  # what is in view was listed earlier
        self._meant: Stored | None = None  # what the last question named

    def show(self) -> None:
        """Show how it stands now."""
        raise NotImplementedError

    def row(self) -> str:
        """The key of the row under the cursor."""
        raise NotImplementedError

    def stored(self) -> Stored | None:
        """The object under the cursor."""
        raise NotImplementedError

    # --- going ---------------------------------------------------------------------------------------------------

    def go_to_bucket(self, url: str) -> None:
        """Look into another bucket."""
        self.url = url
        self.enter("")

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
        self.saying = ""
        if what == LISTING:  # said where the names would stand, once
            self.trouble, self.advice, self.empty = why, what_to_do, ""
            self.show()
        else:
            self.show()
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

        self.app.push_screen(Noting(self.url, "Which bucket? gs://NAME, gs://NAME/folder, or a folder"), given)

    def question(self, name: str) -> str:
        self._meant = stored = self.stored()
        if stored is None or name not in ("download", "delete_object"):
            return super().question(name)
        where = f"{self.url.rstrip('/')}/{stored.name}\n  {size(stored.size_bytes)}, generation {stored.generation}"
        if name == "download":
            return f"Write this into {services.SAVED}/ of the workspace?\n\n  {where}"
        return f"Delete this for good?\n\n  {where}"

    def to_type(self, name: str) -> str:
        if name == "delete_object" and self._meant is not None:
            return self._meant.name.rpartition("/")[2]
        return super().to_type(name)

    def do_download(self) -> None:
        if self._meant is not None:
            get = partial(services.download, self.lab.gate, self.url, self._meant.name, self._say_how)
            self.work(f"fetching {self._meant.name}", get, self._done)

    def do_upload(self) -> None:
        from tui.screens.noting import Noting

        def given(path: str | None) -> None:
            if path:
                put = partial(services.upload, self.lab.gate, self.url, self.prefix, path, self._say_how)
                self.work(f"sending {path}", put, self._changed)

        self.app.push_screen(Noting("", f"Which file of this machine goes into {self.prefix or self.url}?"), given)

    def do_delete_object(self) -> None:
        if self._meant is not None:
            delete = partial(services.delete, self.lab.gate, self.url, self._meant)
            self.work(f"deleting {self._meant.name}", delete, self._changed)

    def _say_how(self, words: str) -> None:
        self.post_message(self.Said(words))

    def on_bucket_level_said(self, message: Said) -> None:
        self.saying = message.words
        self.show()

    def _done(self, words: str) -> None:
        self.saying = ""
        self.tell(words)
        self.show()

    def _changed(self, words: str) -> None:
        self._done(words)
        self.do_refresh()
