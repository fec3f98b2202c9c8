"""The workspace: a folder with `workspace.yaml`, and every path inside it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import WorkspaceError

if TYPE_CHECKING:
    from engine.specs.workspace import Settings

FILE = "workspace.yaml"


@dataclass(frozen=True)
class Workspace:
    """A study's folder. Only `settings` reads a file; the rest are names."""

    root: Path

    @property
    def file(self) -> Path:
        return self.root / FILE

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def configs(self) -> Path:
        return self.root / "configs"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def weights(self) -> Path:
        return self.root / "weights"

    @property
    def gold(self) -> Path:
        return self.root / "gold.csv"

    @property
    def annotations(self) -> Path:
        return self.root / "annotations.csv"

    @property
    def labels(self) -> Path:
        return self.root / "annotations.sqlite"

    @property
    def frames(self) -> Path:
        return self.root / "frames.csv"

    @property
    def queue(self) -> Path:
        return self.root / "queue.csv"

    @property
    def rounds(self) -> Path:
        return self.root / "rounds"

    @property
    def machines(self) -> Path:
        return self.root / "machines"

    @cached_property
    def settings(self) -> Settings:
        """What `workspace.yaml` says; SpecError names every fault in it."""
        from engine.config import parse  # pydantic and yaml are for those who need the settings
        from engine.specs.workspace import Settings

        return parse(Settings, self._text(), str(self.file))

    def _text(self) -> str:
        try:
            return self.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise WorkspaceError(f"{self.file}: cannot be read: {error}") from None

    def must_be_writable(self) -> None:
        """Raise WorkspaceError where runs cannot be written."""
        there = self.runs if self.runs.is_dir() else self.root
        if not os.access(there, os.W_OK | os.X_OK):
            raise WorkspaceError(
                f"{there}: no permission to write", hint="runs are kept there: chmod u+w, or --workspace"
            )


def home(folder: Path) -> Path:
    """With `~` as the home folder; a `~name` that nobody has stays as it is."""
    try:
        return folder.expanduser()
    except RuntimeError:
        return folder


def find(start: Path | None = None) -> Workspace:
    """The workspace that holds `start` (the current folder), found by walking up."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return Workspace(folder)
    raise WorkspaceError(
        f"no {FILE} in {here} or above it",
        hint="footplate init DIR makes a workspace; --workspace DIR names one; footplate demo shows one",
    )


def at(folder: Path) -> Workspace:
    """The workspace in just this folder."""
    root = home(folder).resolve()
    if not (root / FILE).is_file():
        raise WorkspaceError(f"{root}: no {FILE} in it", hint=f"footplate init {folder} makes a workspace there")
    return Workspace(root)
