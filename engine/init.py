"""A new workspace: a commented `workspace.yaml` and the commented presets of every job."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine.errors import WorkspaceError
from engine.files import write_atomic
from engine.workspace import FILE, Workspace, home

HERE = Path(__file__).resolve().parent.parent / "configs"


def make(folder: Path, *, name: str | None = None, template: Path = HERE / "workspace.yaml") -> Workspace:
    """Write a workspace into a folder that has none; nothing that is there is overwritten."""
    root = home(folder).resolve()
    if (root / FILE).exists():
        raise WorkspaceError(f"{root / FILE} exists already", hint="edit it, or name another folder")
    workspace = Workspace(root)
    try:
        for place in (workspace.configs, workspace.runs, workspace.root / "videos"):
            place.mkdir(parents=True, exist_ok=True)
        _presets(workspace)
        text = template.read_text(encoding="utf-8").replace("$NAME", _quoted(name or root.name or "study"))
        write_atomic(workspace.file, text)
    except OSError as error:
        raise WorkspaceError(f"{error.filename or root}: {error.strerror}") from None
    return workspace


def _quoted(text: str) -> str:
    """As YAML reads it back, whatever is in it."""
    import yaml  # only for who makes a workspace

    return str(yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf"))).rstrip("\n")


def _presets(workspace: Workspace) -> None:
    for preset in sorted(HERE.glob("*.yaml")):
        target = workspace.configs / preset.name
        if preset.name != FILE and not target.exists():
            shutil.copyfile(preset, target)
