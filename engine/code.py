"""Which code a run is made with: frozen in a folder when the run is queued, so that later edits do not reach it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from engine import __version__
from engine.workspace import Workspace

PACKAGES = ("engine", "vmops")
HERE = Path(__file__).resolve().parent.parent


def freeze(workspace: Workspace) -> dict[str, Any]:
    """Copy the code of jobs into the workspace, once for each version of it, and tell what it is."""
    sources = _sources()
    digest = _digest(sources)
    target = workspace.runs / ".code" / digest[:16]
    if not target.is_dir():
        _copy(sources, target)
    return {"version": __version__, "sha256": digest, **_git()}


def frozen(workspace: Workspace, record: dict[str, Any]) -> Path | None:
    """The folder of a run's code, or None where somebody removed it."""
    folder = workspace.runs / ".code" / str(record.get("code", {}).get("sha256", "-"))[:16]
    return folder if folder.is_dir() else None


def _sources() -> list[Path]:
    return sorted(path for name in PACKAGES for path in (HERE / name).rglob("*.py"))


def _digest(sources: list[Path]) -> str:
    total = hashlib.sha256()
    for path in sources:
        total.update(str(path.relative_to(HERE)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _copy(sources: list[Path], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=target.parent, prefix=".part-"))
    for path in sources:
        copy = beside / path.relative_to(HERE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    try:
        os.rename(beside, target)  # noqa: PTH104 (fails where another launcher was first, which is as good)
    except OSError:
        shutil.rmtree(beside, ignore_errors=True)


def _git() -> dict[str, Any]:
    """Commit and hash of what differs from it, where the code lies in a git checkout."""
    # Installed as a package, the nearest checkout around us is somebody else's.
    commit = _ask("rev-parse", "HEAD").decode().strip() if (HERE / ".git").exists() else ""
    if not commit:
        return {}
    difference = _ask("diff", "HEAD", "--", *PACKAGES)
    return {"commit": commit, "diff_sha256": hashlib.sha256(difference).hexdigest() if difference else ""}


def _ask(*arguments: str) -> bytes:
    try:
        asked = subprocess.run(["git", "-C", str(HERE), *arguments], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return asked.stdout if asked.returncode == 0 else b""
