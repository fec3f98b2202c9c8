"""A run, read: its folder, its state, its lineage. Reading needs nothing but the standard library."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import socket
import time
from calendar import timegm
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.errors import RunError, WorkspaceError
from engine.files import read_json, write_atomic, write_json
from engine.status import Status as Status
from engine.status import from_json
from engine.workspace import Workspace

FORMAT = 1
RESERVE = "work/.reserve"  # some disk that is given back for the last words of a run whose disk is full
STALE_S = 30.0  # a heartbeat comes every 2 s; after so long without one, a run elsewhere counts as lost
START_S = 15.0  # how long a run may be pending before its supervisor holds the lock

_ID = re.compile(r"(\d{8}-\d{6})-([a-z][a-z0-9_]*)-([0-9a-f]{4})")


@dataclass(frozen=True)
class Run:
    """One doing of a job: a folder whose name is its id."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def job(self) -> str:
        return _parts(self.id)[2]

    @property
    def created_at(self) -> float:
        return timegm(time.strptime(_parts(self.id)[1], "%Y%m%d-%H%M%S"))

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    @property
    def events(self) -> Path:
        return self.folder / "events.jsonl"

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    @property
    def spec(self) -> Path:
        return self.folder / "spec.yaml"

    @property
    def status_file(self) -> Path:
        return self.folder / "status.json"

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def stop(self) -> Path:
        return self.folder / "stop"

    def record(self) -> dict[str, Any]:
        """Who asked, when, with which code and parents: written once."""
        return read_json(self.folder / "run.json")

    def environment(self) -> dict[str, Any]:
        """Where the newest attempt runs: host, device, versions, threads."""
        return read_json(self.folder / "environment.json")

    def spec_text(self) -> str:
        """What was asked, in full."""
        return self.spec.read_text(encoding="utf-8", errors="replace") if self.spec.exists() else ""

    def status(self) -> Status:
        """How it is going; RunError where the folder is gone."""
        raw = read_json(self.status_file)
        if not raw and not self.folder.is_dir():
            raise RunError(f"{self.id}: the run's folder is gone", hint="somebody moved or deleted it")
        return self._concluded(from_json(raw))

    def _concluded(self, status: Status) -> Status:
        if not status.active or self._lives(status):
            return status
        reason = "its process is gone without a word (killed, out of memory, or the machine went down)"
        return replace(status, state="lost", error=reason, hint=f"footplate resume {self.id} goes on where it stood")

    def _lives(self, status: Status) -> bool:
        if status.host not in ("", socket.gethostname()):
            return time.time() - status.heartbeat_at < STALE_S
        return held(self.lock) or (status.state == "pending" and time.time() - self.created_at < START_S)


def held(lock: Path) -> bool:
    """Whether a living process holds a lock; the kernel frees it at the moment its holder dies."""
    try:
        file = os.open(lock, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def create(
    workspace: Workspace, job: str, spec_text: str, *, record: Mapping[str, Any], parents: Iterable[str] = ()
) -> Run:
    """A new run's folder, pending: everything that was asked is on disk before anything starts."""
    workspace.must_be_writable()
    run = _new_folder(workspace, job)
    try:
        write_atomic(run.spec, spec_text)
        write_json(
            run.folder / "run.json",
            {"format": FORMAT, "id": run.id, "job": job, "created_at": time.time(), "parents": list(parents), **record},
        )
        for name in ("events.jsonl", "log.txt", "lock"):
            (run.folder / name).touch()
        run.artifacts.mkdir()
        write_json(run.status_file, {"state": "pending", "title": record.get("title", "")})
    except OSError as error:
        raise WorkspaceError(f"{run.folder}: {error.strerror}", hint="is the disk full?") from None
    return run


def _new_folder(workspace: Workspace, job: str) -> Run:
    while True:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        folder = workspace.runs / f"{stamp}-{job}-{secrets.token_hex(2)}"
        try:
            folder.mkdir(parents=True)  # two runs of one second may draw the same name: mkdir is the lock
        except FileExistsError:
            continue
        except OSError as error:
            raise WorkspaceError(f"{folder}: {error.strerror}", hint="runs are kept there") from None
        return Run(folder)


def find(workspace: Workspace, name: str) -> Run:
    """The run of an id, of a part that only one id has, or of `latest`."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise RunError(f"{name!r} is not a run's id", hint="footplate runs lists them")
    if _ID.fullmatch(name):
        for folder in (workspace.runs, workspace.archive):
            if (folder / name).is_dir():
                return Run(folder / name)
    runs = listing(workspace)
    if name == "latest" and runs:
        return runs[0]
    return _only([run for run in runs if name in run.id], name)


def _only(found: list[Run], name: str) -> Run:
    if not found:
        raise RunError(
            f"no run {name!r}", hint="footplate runs lists them; footplate runs --archived the archived ones"
        )
    if len(found) > 1:
        some = ", ".join(run.id for run in found[:4])
        raise RunError(f"{name!r} fits {len(found)} runs: {some}{' …' if len(found) > 4 else ''}")
    return found[0]


def listing(workspace: Workspace, *, archived: bool = False) -> list[Run]:
    """All runs, newest first."""
    folder = workspace.archive if archived else workspace.runs
    try:
        names = [name for name in os.listdir(folder) if _ID.fullmatch(name)]
    except FileNotFoundError:
        return []
    return [Run(folder / name) for name in sorted(names, reverse=True)]


def request_stop(run: Run, *, reason: str = "asked", now: bool = False) -> None:
    """Ask a run to come to a checkpoint and stop; `now` does not wait for the checkpoint."""
    status = run.status()
    if not status.active:
        raise RunError(f"{run.id} is {status.state}, there is nothing to stop")
    write_json(run.stop, {"at": time.time(), "reason": reason, "now": now})


def lineage(workspace: Workspace, run: Run) -> tuple[list[str], list[str]]:
    """Ids of the runs that this one was made from, and of those made from it."""
    everything = listing(workspace) + listing(workspace, archived=True)
    children = [other.id for other in everything if run.id in other.record().get("parents", ())]
    return list(run.record().get("parents", ())), children


def _parts(run_id: str) -> re.Match[str]:
    parts = _ID.fullmatch(run_id)
    if not parts:
        raise RunError(f"{run_id!r} is not a run's id", hint="an id looks like 20260203-101522-finetune-3f9c")
    return parts
