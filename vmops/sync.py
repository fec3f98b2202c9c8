"""Files to and from a machine: what was cut off goes on where it stood, any name is safe, and links stay links.

Not rsync's `--append-verify`: it takes a file that is as long as ours for ours, also where its content is another one.
A half file waits in `.rsync-partial/` instead, and only a whole one gets its name.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from vmops import rsync, ssh
from vmops.errors import Conflict, NotFound, Refused
from vmops.rsync import Transfer
from vmops.sshwords import Say, silent

_WHAT = 'if [ -d "$1" ]; then echo folder; elif [ -e "$1" ]; then echo file; else echo nothing; fi'


def push(
    host: ssh.Host,
    source: Path,
    target: str,
    say: Say = silent,
    *,
    only: Sequence[str] = (),
    links: str = "keep",
    delete: bool = False,
) -> None:
    """Send a file to a path there, or the content of a folder into a folder there.

    Args:
        target: below HOME, or absolute; folders above it are made.
        only: paths below a source folder; the rest stays.
        links: "keep" sends links as links, and leaves out what leads out of the source; "follow" sends what they mean.
        delete: remove there what is not here.
    """
    if not source.exists():
        raise NotFound(f"{source}: no such file or folder", hint="look at its spelling")
    there, way = far(target), _Way(host, f"sending {source.name}", say)
    if source.is_dir():
        if links == "keep" and (out := list(_leading_out(source))):
            say(f"{way.title}: left out, since they lead out of it: {', '.join(out)[:200]}")
        return way.push(source.resolve(), there, rsync.options(_checked(only), links, delete), only)
    folder, _, name = there.rpartition("/")
    with tempfile.TemporaryDirectory() as stage:  # for rsync there the name of a target may be a pattern
        (Path(stage) / name).symlink_to(source.resolve())
        return way.push(Path(stage), folder or "/", rsync.options((), "follow", False))


def pull(
    host: ssh.Host,
    source: str,
    target: Path,
    say: Say = silent,
    *,
    only: Sequence[str] = (),
    links: str = "keep",
    delete: bool = False,
    hashes: Mapping[str, str] | None = None,
) -> None:
    """Fetch a file to a path here, or the content of a folder into a folder here.

    Args:
        hashes: sha256 in hex of files below the target ("" is the target itself); what differs is fetched once more.

    Raises:
        NotFound: there is nothing of that name there.
        Conflict: a file is not what its hash says, also when it was fetched again.
    """
    there, way = far(source), _Way(host, f"fetching {source.rpartition('/')[2]}", say)
    what = ssh.run(host, ["sh", "-c", _WHAT, "sh", there]).text.strip()
    if what == "nothing":
        raise NotFound(f"{host.name}: no file or folder {there}", hint="look at its spelling")
    if what == "file" and target.is_dir():
        raise Refused(f"{target} is a folder, and {there} a file", hint="name the file here")
    options = rsync.options(_checked(only), links, delete)
    fetch = (
        partial(way.pull, there, target, options, only) if what == "folder" else partial(way.pull_file, there, target)
    )
    fetch()
    if wrong := _wrong(target, hashes or {}):
        say(f"{way.title}: not what their hashes say, once more: {', '.join(wrong)[:200]}")
        fetch(again=True)
    if wrong := _wrong(target, hashes or {}):
        raise Conflict(
            f"{host.name}: {wrong[0] or target.name} is not what its hash says", hint="is somebody writing to it there?"
        )


@dataclass(frozen=True)
class _Way:
    """To a machine, with what to call a transfer and who hears of it."""

    host: ssh.Host
    title: str
    say: Say

    def push(self, here: Path, there: str, options: list[str], only: Sequence[str] = ()) -> None:
        ssh.run(self.host, ["mkdir", "-p", "--", there])
        self._transfer([*options, *_in(there), "--", f"{here}/", _end(self.host)], only)

    def pull(self, there: str, here: Path, options: list[str], only: Sequence[str] = (), again: bool = False) -> None:
        here.mkdir(parents=True, exist_ok=True)
        words = [*options, *["--ignore-times"] * again, *_in(there)]
        self._transfer([*words, "--", _end(self.host), f"{here.absolute()}/"], only)

    def pull_file(self, there: str, target: Path, again: bool = False) -> None:
        """Into a folder beside, by the name that it has there; what is half fetched stays there for the next time."""
        folder, _, name = there.rpartition("/")
        if "\\" in name:
            raise Refused(f"{there}: rsync cannot fetch a file by a name with a backslash", hint="fetch its folder")
        beside = target.with_name(f".fetching-{target.name}")
        self.pull(folder or "/", beside, rsync.options([name], "follow", False), [name], again)
        os.replace(beside / name, target)
        shutil.rmtree(beside, ignore_errors=True)

    def _transfer(self, words: list[str], only: Sequence[str]) -> None:
        Transfer(self.host, words, only, self.title, self.say).finish()


def far(path: str) -> str:
    """A path there as commands take it: below HOME, where sessions begin, and never like an option."""
    if "\0" in path:
        raise Refused(f"{path!r} cannot be a path", hint="it has a zero byte")
    return path if path.startswith("/") else f"./{path.removeprefix('~/').removeprefix('./')}".rstrip("/")


def _in(folder: str) -> list[str]:
    """rsync there begins in the folder itself: it would take a path on its command line for a pattern."""
    return ["--rsync-path", f"cd {shlex.quote(folder)} && rsync"]


def _end(host: ssh.Host) -> str:
    return f"[{host.address}]:./" if ":" in host.address else f"{host.address}:./"


def _leading_out(source: Path) -> Iterator[str]:
    """The links of a folder that lead out of it: rsync leaves them out without a word."""
    for place, folders, files in os.walk(source):
        for link in (path for name in folders + files if (path := Path(place, name)).is_symlink()):
            below = link.relative_to(source)
            meant = Path(os.path.normpath(below.parent / link.readlink()))
            if meant.is_absolute() or meant.parts[:1] == ("..",):
                yield str(below)


def _checked(only: Sequence[str]) -> Sequence[str]:
    for name in only:
        if not name or name.startswith("/") or ".." in name.split("/") or "\0" in name:
            raise Refused(f"{name!r} is no path below the source", hint="without / at its beginning and without ..")
    return only


def _wrong(target: Path, hashes: Mapping[str, str]) -> list[str]:
    return [name for name, digest in hashes.items() if _sha256(target / name if name else target) != digest]


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""
