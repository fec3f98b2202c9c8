"""Which code a run is made with: frozen in a folder when the run is queued, so that later edits do not reach it."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any

from engine import __version__
from engine.run import unwritable
from engine.workspace import Workspace

PACKAGES = ("engine", "vmops")
LISTS = ("configs/extract/weights.lock",)  # what is no Python and jobs read as part of themselves
CONTENTS = (*PACKAGES, *LISTS)
HERE = Path(__file__).resolve().parent.parent


def freeze(workspace: Workspace) -> dict[str, Any]:
    """Copy the code of jobs into the workspace, once for each version of it, and tell what it is."""
    sources = _sources()
    digest = _digest(sources)
    target = workspace.runs / ".code" / digest[:16]
    try:
        if not target.is_dir():
            _copy(sources, target)
    except OSError as error:
        raise unwritable(target, error) from None
    return {"version": __version__, "sha256": digest, **_git()}


def frozen(workspace: Workspace, record: dict[str, Any]) -> Path | None:
    """The folder of a run's code, or None where somebody removed it."""
    code = record.get("code")
    digest = str(code.get("sha256")) if isinstance(code, dict) else ""
    folder = workspace.runs / ".code" / digest[:16]
    return folder if re.fullmatch("[0-9a-f]{64}", digest) and folder.is_dir() else None


def _sources() -> dict[str, bytes]:
    """All of it, read once: an edit between hash and copy would put other code under the hash."""
    paths = sorted(path for name in PACKAGES for path in (HERE / name).rglob("*.py"))
    paths += [HERE / name for name in LISTS if (HERE / name).is_file()]
    return {str(path.relative_to(HERE)): path.read_bytes() for path in paths}


def _digest(sources: dict[str, bytes]) -> str:
    total = hashlib.sha256()
    for name, text in sources.items():
        total.update(name.encode() + b"\0" + hashlib.sha256(text).digest())
    return total.hexdigest()


def _copy(sources: dict[str, bytes], target: Path) -> None:
    beside = target.with_name(f".part-{secrets.token_hex(8)}")
    try:
        for name, text in sources.items():
            copy = beside / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(text)
        os.rename(beside, target)  # noqa: PTH104 (one step: what has this name is whole)
    except OSError:
        if not target.is_dir():  # else another launcher was first, which is as good
            raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _git() -> dict[str, Any]:
    """Commit and hash of what differs from it, where the code lies in a git checkout."""
    # Installed as a package, the nearest checkout around us is somebody else's.
    commit = _ask("rev-parse", "HEAD").decode().strip() if (HERE / ".git").exists() else ""
    if not commit:
        return {}
    difference = _ask("diff", "HEAD", "--", *PACKAGES)
    return {"commit": commit, "diff_sha256": hashlib.sha256(difference).hexdigest() if difference else ""}


def uncommitted() -> list[str]:
    """Python files of jobs that no commit holds as they are, in a git checkout; elsewhere none."""
    if not (HERE / ".git").exists():
        return []
    lines = _ask("status", "--porcelain", "--untracked-files=all", "-z", "--", *PACKAGES).decode("utf-8", "replace")
    names = (entry[3:] for entry in lines.split("\0") if len(entry) > 3)
    return [name for name in names if name.endswith(".py")]


def _ask(*arguments: str) -> bytes:
    try:
        asked = subprocess.run(["git", "-C", str(HERE), *arguments], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return asked.stdout if asked.returncode == 0 else b""
