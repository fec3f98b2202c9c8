"""Where a person's own files are: settings, and what the screens remember; on every machine by the same rules."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path


def config(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of settings and keys: `$XDG_CONFIG_HOME/footplate`, else `~/.config/footplate`."""
    return _folder(environ, "XDG_CONFIG_HOME", ".config")


def state(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of what is remembered from one time to the next, which nobody edits."""
    return _folder(environ, "XDG_STATE_HOME", ".local/state")


def of_workspace(root: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """The file of what is remembered of one workspace, named by a hash of its path."""
    path = str(root.resolve()).encode("utf-8", "surrogateescape")
    return state(environ) / f"{hashlib.sha256(path).hexdigest()[:16]}.json"


def short(path: Path) -> str:
    """A path as a person writes it, with `~` for the home folder."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)


def _folder(environ: Mapping[str, str], variable: str, below_home: str) -> Path:
    named = environ.get(variable, "")
    # The rule of the XDG directories: a relative path in such a variable is to be ignored.
    base = Path(named) if named.startswith("/") else Path(environ.get("HOME") or "~").expanduser() / below_home
    return base / "footplate"
