"""What else the Bucket screen knows: how labels stand to the bucket's; and a folder as the videos of a run."""

from __future__ import annotations

from functools import partial

from tui import actions, bucketing
from tui.screens.bucket_level import BucketLevel
from tui.services import labelsync, sourcing
from tui.services.labelsync import LabelSync
from tui.widgets.words import Words

LABELS = "asking how the labels stand"


class BucketKnown(BucketLevel, inherit_bindings=False):
    """A screen that tells of labels, and leads to Launch."""

    def look_at_labels(self) -> None:
        """Ask how they stand, in the background."""
        self.work(LABELS, partial(labelsync.standing, self.lab.gate), self._show_labels)

    def _show_labels(self, known: LabelSync | None) -> None:
        words = self.query_one("#bucket-labels", Words)
        words.display = known is not None
        if known is not None:
            said, act = bucketing.labels(known, self.lab.now())
            words.show(self.lab.worded(f"{said} · {{sync_labels}} syncs") if act else said)
            words.set_class(act, "-act")

    def _synced(self, told: tuple[str, str]) -> None:
        super()._synced(told)
        self.look_at_labels()
        self.do_refresh()

    def do_refresh(self) -> None:
        super().do_refresh()
        self.look_at_labels()

    def do_choose_source(self) -> None:
        from tui.screens.pickone import PickOne

        prefix = self.row() if self.row() in self.folders else self.prefix

        def chosen(job: str | None) -> None:
            if job:
                form = partial(sourcing.form, self.lab.gate, job, self.url, prefix)
                self.work("filling in the form", form, self._fill_in)

        title = f"For which job are {bucketing.place(self.url, prefix)} the videos?"
        self.app.push_screen(PickOne(title, sourcing.JOBS), chosen)

    def _fill_in(self, form: tuple[str, str]) -> None:
        self.lab.form = form
        self.footplate.go(actions.LAUNCH)
