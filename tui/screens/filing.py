"""What can be done with the files of a run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from textual import on

from tui.screens.files import FilesPane
from tui.screens.looks import LookActs
from tui.screens.paned import PanedRun
from tui.services import artifacts


class FileActs(PanedRun, LookActs, inherit_bindings=False):
    """A screen with the files of a run."""

    @property
    def files(self) -> FilesPane:
        return self.panes.files

    def in_view(self) -> bool:
        return self.panes.name_in_view == "files"

    def asked_of(self, what: str, name: str) -> Callable[..., Any]:
        return partial(getattr(artifacts, what), self.lab.workspace, self.run_id, name)

    @on(FilesPane.Wanted)
    def _preview_wanted(self, message: FilesPane.Wanted) -> None:
        self.look_into(message.name, message.width, message.height)
