"""Whether a machine is a process of this computer: what the settings say, read without loading what checks them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from engine.machines import FILE
from vmops.settings import on_loopback


def simulated(file: Path, machine: str) -> bool:
    """Whether a machine of a run is rented from a cloud on this computer; `file` is where machines are settled."""
    if not machine:
        return False
    try:
        endpoint, hosts = _said(file, file.stat().st_mtime_ns)
    except OSError:
        return False
    return on_loopback(endpoint) and machine not in hosts


def file_of(run: Path) -> Path:
    """Where the machines of a run's workspace are settled; `run` is its folder."""
    return run.parent.parent / "configs" / FILE


@lru_cache(maxsize=8)
def _said(file: Path, _changed_at: int) -> tuple[str, frozenset[str]]:
    """The endpoint and the hosts; nothing where the file is faulty, which the Machines screen tells."""
    import yaml

    try:
        said = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return "", frozenset()
    known = said if isinstance(said, dict) else {}
    hosts = known.get("hosts")
    return str(known.get("endpoint") or ""), frozenset(map(str, hosts if isinstance(hosts, dict) else ()))
