"""Which code a run is made with: frozen in a folder when the run is queued, so that later edits do not reach it."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import __version__
from engine.files import read_json
from engine.run import Run, unwritable
from engine.workspace import Workspace
from vmops.checkouts import Checkout
from vmops.errors import OutsideError

PACKAGES = ("engine", "vmops")
LISTS = ("configs/extract/weights.lock",)  # what is no Python and jobs read as part of themselves
CONTENTS = (*PACKAGES, *LISTS)
COUNTED = (*(f"{name}/*.py" for name in PACKAGES), *LISTS)  # the same, as git's patterns
PATCH = "code.patch"  # in the folder of a run whose code no commit holds
HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Frozen:
    """The code of a run: what `run.json` says of it, and what differs from its commit, as `git apply` takes it."""

    record: dict[str, Any]
    patch: bytes = b""


def freeze(workspace: Workspace) -> Frozen:
    """Copy the code of jobs into the workspace, once for each version of it, and tell what it is."""
    sources = _sources()
    digest = _digest(sources)
    target = workspace.runs / ".code" / digest[:16]
    try:
        if not target.is_dir():
            _copy(sources, target)
    except OSError as error:
        raise unwritable(target, error) from None
    commit, patch = _git()
    record: dict[str, Any] = {"version": __version__, "sha256": digest}
    if commit:
        record |= {"commit": commit, "diff_sha256": hashlib.sha256(patch).hexdigest() if patch else ""}
    return Frozen(record, patch)


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


def told(run: Run) -> dict[str, Any]:
    """What there is to know of a run's code: version, commit, where the difference to it is, how it came elsewhere."""
    record = run.record().get("code")
    known = dict(record) if isinstance(record, dict) else {}
    if (patch := run.folder / PATCH).exists():
        known["patch"] = str(patch)
    if sent := read_json(run.folder / "shepherd.json").get("code"):
        known["sent"] = str(sent)
    return known


def words(known: Mapping[str, Any]) -> str:
    """The same in a few words."""
    if not known.get("commit"):
        return f"version {known.get('version', '?')}, {str(known.get('sha256', '?'))[:16]}; no commit is known of it"
    changed = f" with uncommitted changes, which are in {PATCH}" if known.get("diff_sha256") else ""
    return f"commit {str(known['commit'])[:12]}{changed}"


def checkout() -> Checkout | None:
    """The git checkout in which this code lies; None where it was installed as a package."""
    # Installed as a package, the nearest checkout around us is somebody else's.
    return Checkout(HERE, COUNTED) if (HERE / ".git").exists() else None


def _git() -> tuple[str, bytes]:
    """The commit, and what differs from it; both empty where no git can tell."""
    here = checkout()
    try:
        return (here.commit(), here.patch()) if here else ("", b"")
    except OutsideError:
        return "", b""


def uncommitted() -> list[str]:
    """Files of jobs that no commit holds as they are, in a git checkout; elsewhere none."""
    here = checkout()
    try:
        return here.changes() if here else []
    except OutsideError:
        return []
