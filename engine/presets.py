"""The YAML files that a workspace keeps for its jobs: `finetune.yaml`, and named ones such as `finetune-quick.yaml`."""

from __future__ import annotations

from pathlib import Path

from engine.errors import AskError
from engine.workspace import Workspace


def listing(workspace: Workspace, job: str) -> list[Path]:
    """The presets of a job, the one with just its name first."""
    found = [path for path in workspace.configs.glob(f"{job}*.yaml") if job_of(path) == job]
    return sorted(found, key=lambda path: (path.stem != job, path.stem))


def job_of(path: Path) -> str:
    """The job that a preset is for, by its file's name."""
    return path.stem.partition("-")[0]


def choose(workspace: Workspace, job: str, name: str | None) -> tuple[str, str]:
    """The text of the file or preset that somebody named, and where it is from; the job's own preset by default."""
    path = _path(workspace, job, name)
    if path is None:
        return "", f"defaults of {job}"
    try:
        return path.read_text(encoding="utf-8"), str(path)
    except (OSError, UnicodeDecodeError) as error:
        raise AskError(f"{path}: cannot be read: {error}") from None


def _path(workspace: Workspace, job: str, name: str | None) -> Path | None:
    own = workspace.configs / f"{job}.yaml"
    if name is None:
        return own if own.is_file() else None
    for path in (Path(name), workspace.root / name, workspace.configs / name, workspace.configs / f"{name}.yaml"):
        if path.is_file():
            return path
    presets = ", ".join(path.stem for path in listing(workspace, job)) or "none"
    raise AskError(f"{name}: no such file or preset", hint=f"presets of {job}: {presets}")
