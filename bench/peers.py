"""Programs to be measured beside ours, each in an environment of its own; only for the benchmarks, never shipped.

They are installed with uv when a benchmark first asks for them, below `$XDG_CACHE_HOME/footplate/peers`, in the
versions named here. One that cannot be installed is told, and the benchmark goes on without it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 600.0


@dataclass(frozen=True)
class Peer:
    """A package, its version, its licence as its own metadata says, and what else must be in its environment."""

    name: str
    version: str
    licence: str
    program: str
    what: str
    beside: Sequence[str] = ()


PEERS = (
    Peer("toolong", "1.5.0", "MIT", "tl", "a viewer of log files", ("textual==0.58.1",)),
    Peer("posting", "2.11.1", "Apache-2.0", "posting", "an HTTP client", ("textual==6.1.0", "tree-sitter==0.25.2")),
    Peer("harlequin", "2.17.0", "MIT", "harlequin", "an SQL client", ("textual==8.2.8",)),
    Peer("wandb", "0.31.0", "MIT", "wandb", "experiment tracking, with `wandb leet`, its terminal screens"),
    Peer("textual-image", "0.12.0", "LGPL-3.0", "", "pictures in Textual", ("textual==8.2.8", "pillow==13.0.0")),
    Peer("rich-pixels", "3.0.1", "MIT", "", "pictures in Rich", ("textual==8.2.8", "pillow==13.0.0")),
    Peer("plotext", "6.1.0", "MIT", "", "plots in a terminal"),
    Peer("krippendorff", "0.9.0", "GPL-3.0-or-later", "", "Krippendorff's alpha"),
    Peer("opencv-python-headless", "5.0.0.93", "Apache-2.0", "", "reads videos"),
    Peer("torchcodec", "0.17.0", "BSD-3-Clause", "", "reads videos into torch"),
    Peer("decord", "0.6.0", "Apache-2.0", "", "reads videos"),
    Peer("rapidocr", "3.10.0", "Apache-2.0", "", "finds and reads text", ("onnxruntime==1.32.0",)),
    Peer("interrater", "2.0.0", "GPL-3.0-or-later", "", "agreement with bootstrap intervals"),
)
_BY_NAME = {peer.name: peer for peer in PEERS}
_missing: dict[str, str] = {}  # why a peer is not here


def python(name: str) -> str | None:
    """The Python in which a peer is installed, or None where it cannot be; `why_missing` says why."""
    peer = _BY_NAME[name]
    home = place() / f"{peer.name}-{peer.version}-py{sys.version_info.major}.{sys.version_info.minor}"
    ready = home / "ready"
    if name not in _missing and (not ready.exists() or ready.read_text() != _wanted(peer)):
        _install(peer, home)
    return None if name in _missing else str(home / "bin" / "python")


def program(name: str) -> str | None:
    """A peer's command, or None where it cannot be installed."""
    there = python(name)
    return str(Path(there).with_name(_BY_NAME[name].program)) if there else None


def why_missing(name: str) -> str:
    """Why a peer is not here; empty where it is."""
    return _missing.get(name, "")


def place() -> Path:
    """Where peers are installed."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "footplate" / "peers"


def _wanted(peer: Peer) -> str:
    return " ".join([f"{peer.name}=={peer.version}", *peer.beside])


def _install(peer: Peer, home: Path) -> None:
    print(f"   installing {peer.name} {peer.version} ({peer.licence}), for comparison only", flush=True)
    shutil.rmtree(home, ignore_errors=True)
    uv = str(Path(sys.executable).with_name("uv"))
    packages = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(home / "bin" / "python")]
    try:
        for command in (
            [uv, "venv", "--quiet", "--python", sys.executable, str(home)],
            [*packages, *_wanted(peer).split()],
        ):
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE_S)
        (home / "ready").write_text(_wanted(peer))
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
        _missing[peer.name] = f"{peer.name} {peer.version} cannot be installed: {said[-1] if said else error}"
        print(f"   {_missing[peer.name]}", flush=True)
