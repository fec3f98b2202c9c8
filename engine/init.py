"""A new workspace: a commented `workspace.yaml` and the commented presets of every job."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from engine.errors import WorkspaceError
from engine.files import write_atomic
from engine.workspace import FILE, Workspace

HERE = Path(__file__).resolve().parent.parent / "configs"


def make(folder: Path, *, name: str | None = None, template: Path = HERE / "workspace.yaml") -> Workspace:
    """Write a workspace into a folder that has none; nothing that is there is overwritten."""
    root = folder.expanduser().resolve()
    if (root / FILE).exists():
        raise WorkspaceError(f"{root / FILE} exists already", hint="edit it, or name another folder")
    workspace = Workspace(root)
    try:
        for place in (workspace.configs, workspace.runs, workspace.root / "videos"):
            place.mkdir(parents=True, exist_ok=True)
        _presets(workspace)
        # JSON quotes a text so that YAML reads the same text, whatever is in it.
        text = template.read_text(encoding="utf-8").replace("$NAME", json.dumps(name or root.name, ensure_ascii=False))
        write_atomic(workspace.file, text)
    except OSError as error:
        raise WorkspaceError(f"{error.filename or root}: {error.strerror}") from None
    return workspace


def _presets(workspace: Workspace) -> None:
    for preset in sorted(HERE.glob("*.yaml")):
        target = workspace.configs / preset.name
        if preset.name != FILE and not target.exists():
            shutil.copyfile(preset, target)
