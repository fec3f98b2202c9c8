"""What `footplate doctor` looks at: terminal, tmux, workspace, torch, GPU, ssh; each finding with its one-line fix."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine import host
from engine.errors import FootplateError
from engine.words import size
from engine.workspace import find

LOW_DISK = 5 << 30


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: `ok`, `note` (works, could be better) or `bad`."""

    what: str
    state: str
    said: str
    fix: str = ""


def everything(start: Path | None = None) -> Iterator[Finding]:
    """All findings, the quick ones first."""
    yield _colours()
    yield _text()
    yield from _tmux()
    yield from _workspace(start)
    yield _gpu()
    yield _torch()
    yield _tool("ssh", "runs on rented machines need it", "install openssh-client")
    yield _tool("git", "the commit of the code is recorded with each run", "install git")
    yield _google()


def _colours() -> Finding:
    term, colours = os.environ.get("TERM", ""), os.environ.get("COLORTERM", "")
    if os.environ.get("NO_COLOR"):
        return Finding("colours", "note", "NO_COLOR is set: without colours", "unset NO_COLOR")
    if colours in ("truecolor", "24bit"):
        return Finding("colours", "ok", f"16 million ({term})")
    if "256color" in term or "direct" in term:
        return Finding("colours", "note", f"256 ({term})", "export COLORTERM=truecolor, where the terminal can")
    fix = "export TERM=xterm-256color"
    return Finding("colours", "note" if term and term != "dumb" else "bad", f"few (TERM={term or 'not set'})", fix)


def _text() -> Finding:
    encoding = (sys.stdout.encoding or "").lower()
    if encoding.replace("-", "") == "utf8":
        return Finding("text", "ok", "UTF-8")
    return Finding("text", "bad", f"{encoding or 'unknown'}: lines and bars will not show", "export LANG=C.UTF-8")


def _tmux() -> Iterator[Finding]:
    if not os.environ.get("TMUX"):
        yield Finding("tmux", "note", "not inside tmux (runs survive without it; screens do not)", "tmux new -A -s lab")
        return
    escape = int(_option("escape-time") or 0)
    fix = "tmux set -s escape-time 10"
    slow = escape > 50
    yield Finding("tmux escape", "note" if slow else "ok", f"escape takes {escape} ms", fix if slow else "")
    clipboard = _option("set-clipboard")
    works = clipboard == "on"
    yield Finding(
        "tmux clipboard",
        "ok" if works else "note",
        f"set-clipboard {clipboard}",
        "" if works else "tmux set -s set-clipboard on",
    )


def _option(name: str) -> str:
    return _ask(["tmux", "show-options", "-sv", name])


def _workspace(start: Path | None) -> Iterator[Finding]:
    try:
        workspace = find(start)
        workspace.must_be_writable()
        variables = len(workspace.settings.variables)
    except FootplateError as error:
        yield Finding("workspace", "bad", error.message, error.hint)
        return
    yield Finding("workspace", "ok", f"{workspace.root} ({variables} variables)")
    free = shutil.disk_usage(workspace.root).free
    low = free < LOW_DISK
    yield Finding(
        "disk", "note" if low else "ok", f"{size(free)} free", "footplate archive does not free any; remove runs" * low
    )


def _gpu() -> Finding:
    found = host.gpus()
    if not found:
        return Finding("GPU", "note", "no NVIDIA driver answers: jobs run on the processor")
    return Finding("GPU", "ok", ", ".join(f"{gpu.name} ({size(gpu.memory_total)})" for gpu in found))


def _torch() -> Finding:
    # In a process of its own: it costs seconds and hundreds of megabytes, and a broken one may crash.
    code = "import json,torch,torchvision; print(json.dumps([torch.__version__, torch.cuda.is_available()]))"
    said = _ask([sys.executable, "-c", code], timeout_s=120)
    if not said:
        return Finding("torch", "bad", "does not import", "pip install 'footplate[engine]'")
    version, cuda = json.loads(said.splitlines()[-1])
    missing = bool(host.gpus()) and not cuda
    fix = "the driver is older than this torch needs, or torch was built without CUDA" * missing
    return Finding("torch", "bad" if missing else "ok", f"{version}, {'with' if cuda else 'without'} CUDA", fix)


def _tool(name: str, why: str, fix: str) -> Finding:
    path = shutil.which(name)
    return Finding(name, "ok", path) if path else Finding(name, "note", f"not here; {why}", fix)


def _google() -> Finding:
    named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    path = Path(named) if named else Path.home() / ".config/gcloud/application_default_credentials.json"
    if path.is_file():
        return Finding("Google credentials", "ok", str(path))
    fix = "gcloud auth application-default login, or GOOGLE_APPLICATION_CREDENTIALS"
    return Finding("Google credentials", "bad" if named else "note", f"no {path}", fix)


def _ask(command: list[str], timeout_s: float = 10) -> str:
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""
