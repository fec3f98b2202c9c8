"""Rented machines: their settings, Google's client libraries, credentials, and the key to log in with."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from engine import machines
from engine.checks.finding import Finding, either
from engine.errors import FootplateError, SpecError
from engine.workspace import find

if TYPE_CHECKING:
    from vmops.settings import Settings

LIBRARIES = ("google-cloud-compute", "google-cloud-storage", "obstore")
LOGIN = "gcloud auth application-default login, or GOOGLE_APPLICATION_CREDENTIALS"


def everything(start: Path | None) -> Iterator[Finding]:
    """All of it; the settings only where there is a workspace."""
    known: list[Settings] = []
    yield from settings(start, known)
    yield libraries()
    if known and known[0].simulated:
        yield Finding("Google credentials", "ok", "not needed: machines are simulated on this computer")
        return
    yield credentials(Path.home(), os.environ)


def settings(start: Path | None, known: list[Settings]) -> Iterator[Finding]:
    """What configs/machines.yaml says, every fault of it; what was read goes into `known`."""
    try:
        workspace = find(start)
    except FootplateError:
        return  # told where the workspace is looked at
    file = machines.file(workspace)
    if not file.exists():
        yield Finding("machines", "note", "no configs/machines.yaml: nothing can be rented",
                      "footplate vm settings --write")  # fmt: skip
        return
    try:
        read = machines.settings(workspace)
    except SpecError as error:
        yield Finding("machines", "bad", error.message.replace("\n", "; "), error.hint or f"edit {file}")
        return
    except FootplateError as error:
        yield Finding("machines", "bad", error.message, error.hint)
        return
    known.append(read)
    yield Finding("machines", "ok", _said(read))
    yield from key(read)


def _said(read: Settings) -> str:
    fixed = f", and {len(read.hosts)} of your own" if read.hosts else ""
    budget = f"${read.budget.month_usd:g} a month" if read.budget.month_usd else "no budget"
    simulated = f"; simulated, behind {read.endpoint}" if read.simulated else ""
    return f"{len(read.kinds)} kinds in {len(read.zones)} zones{fixed}; {budget}{simulated}"


def key(read: Settings) -> Iterator[Finding]:
    """Whether the key that machines are made with is there, both halves, and for its owner alone."""
    if not read.ssh.key:
        return
    private = Path(read.ssh.key).expanduser()
    public = private.with_name(f"{private.name}.pub")
    missing = [str(path) for path in (private, public) if not path.is_file()]
    if missing:
        yield Finding("machines' key", "bad", f"{missing[0]} is not there", f"ssh-keygen -t ed25519 -f {private}")
        return
    open_to_all = bool(private.stat().st_mode & 0o077)
    said = f"{private}, which others may read: ssh refuses it" if open_to_all else str(private)
    yield either("machines' key", not open_to_all, said, f"chmod 600 {private}", "bad")


def libraries() -> Finding:
    """Google's client libraries; they are not loaded for this."""
    found, missing = [], []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    said = f"no {', '.join(missing)}" if missing else ", ".join(found)
    return either("cloud libraries", not missing, said, "pip install 'footplate[cloud]'")


def credentials(home: Path, environ: Mapping[str, str]) -> Finding:
    """Whether there are credentials, and of which kind; nobody is asked whether they are good."""
    named = environ.get("GOOGLE_APPLICATION_CREDENTIALS", "")
    path = Path(named) if named else home / ".config/gcloud/application_default_credentials.json"
    if not path.is_file():
        return Finding("Google credentials", "bad" if named else "note", f"no {path}", LOGIN)
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        kind = str(held["type"]).replace("_", " ")
    except (OSError, ValueError, KeyError, TypeError):
        return Finding("Google credentials", "bad", f"{path}: not a file of credentials", LOGIN)
    project = environ.get("GOOGLE_CLOUD_PROJECT") or held.get("project_id") or held.get("quota_project_id")
    said = f"{path} ({kind}{f', project {project}' if project else ''})"
    fix = "name the project in configs/machines.yaml, unless gcloud config set project has"
    return Finding("Google credentials", "ok", said, "" if project else fix)
