"""A run, read: its folder, its state, its lineage. Reading needs nothing but the standard library."""

from __future__ import annotations

import os
import re
import shutil
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.errors import RunError, WorkspaceError
from engine.files import disk_is_full, read_json, write_atomic, write_json
from engine.locks import LOCK_S, hold
from engine.locks import held as held
from engine.status import Status as Status
from engine.status import from_json
from engine.workspace import Workspace

FORMAT = 1
RESERVE = bytes(1 << 16)  # disk that is given back for the last words of a run whose disk is full
STALE_S = 30.0  # a heartbeat comes every 2 s; after so long without one, a run elsewhere counts as lost
UNFOLLOWED, BEGINS = "nobody follows", "begins"
START_S = 15.0  # how long a run may be pending before its supervisor holds the lock

_STAMP = r"([1-9]\d{3})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])-([01]\d|2[0-3])([0-5]\d)([0-5]\d)"
_ID = re.compile(rf"{_STAMP}-([a-z][a-z0-9_]*)-([0-9a-f]{{4}})", re.ASCII)


@dataclass(frozen=True)
class Run:
    """One doing of a job: a folder whose name is its id."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def job(self) -> str:
        return _parts(self.id)[7]

    @property
    def created_at(self) -> float:
        year, month, day, hour, minute, second = map(int, _parts(self.id).groups()[:6])
        # An id may hold a day that no calendar has: it is so many days after the first of its month.
        first = datetime(year, month, 1, hour, minute, second, tzinfo=UTC)
        return (first + timedelta(days=day - 1)).timestamp()

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    @property
    def log_times(self) -> Path:
        return self.folder / "log.times"

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

    @property
    def reserve(self) -> Path:
        return self.folder / ".reserve"

    def exists(self) -> bool:
        """Whether its folder is still where it was; one that a writer brought back by accident has neither file."""
        return self.spec.exists() or (self.folder / "run.json").exists()

    def record(self) -> dict[str, Any]:
        """Who asked, when, with which code and parents: written once."""
        return read_json(self.folder / "run.json")

    def parents(self) -> list[str]:
        """Ids of the runs that it was made from."""
        found = self.record().get("parents")
        return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []

    def environment(self) -> dict[str, Any]:
        """Where the newest attempt runs: host, device, versions, threads."""
        return read_json(self.folder / "environment.json")

    def spec_text(self) -> str:
        """What was asked, in full."""
        return self.spec.read_text(encoding="utf-8", errors="replace") if self.spec.exists() else ""

    def status(self) -> Status:
        """How it is going; RunError where the folder is gone."""
        raw = self._raw_status()
        while (status := from_json(raw)).tended and not self._lives(status):
            seen, raw = raw, self._raw_status()
            if raw == seen:  # else it ended, or was resumed, between the two looks
                return self._unfollowed(status) if status.machine else self._lost(status)
        return status

    def _raw_status(self) -> dict[str, Any]:
        raw = read_json(self.status_file)
        if not raw and not self.folder.is_dir():
            raise RunError(f"{self.id}: the run's folder is gone", hint="somebody moved or deleted it")
        return raw

    def _lost(self, status: Status) -> Status:
        reason = "its process is gone without a word (killed, out of memory, or the machine went down)"
        return replace(status, state="lost", error=reason, hint=f"footplate resume {self.id} goes on where it stood")

    def _unfollowed(self, status: Status) -> Status:
        """As last known: that a shepherd died here changes nothing on the machine."""
        hint = f"footplate follow {self.id} takes it up again; on {status.machine} nothing has changed"
        if status.link.startswith(f"{UNFOLLOWED}: "):  # a shepherd that left has said why
            hint = f"{status.link.removeprefix(f'{UNFOLLOWED}: ')}: {status.link_hint}"
        return replace(status, link=UNFOLLOWED, link_since=status.heartbeat_at or self.created_at, link_hint=hint)

    def _lives(self, status: Status) -> bool:
        """Whether somebody holds its lock, a supervisor or a shepherd; of another host only its heartbeat tells."""
        host = status.shepherd_host if status.machine else status.host
        if host not in ("", socket.gethostname()):
            return time.time() - status.heartbeat_at < STALE_S
        begins = status.link == BEGINS if status.machine else not status.attempt
        return (begins and time.time() - self.created_at < START_S) or held(self.lock)


@contextmanager
def alone(run: Run) -> Iterator[None]:
    """Keep a run from being started for a moment; RunError where it lives."""
    lock = hold(run.lock, LOCK_S)
    if lock is None:
        raise RunError(f"{run.id} is running", hint=f"footplate stop {run.id} first")
    try:
        yield
    finally:
        os.close(lock)


def create(
    workspace: Workspace, job: str, spec_text: str, *, record: Mapping[str, Any], parents: Iterable[str] = (),
    kept: Mapping[str, bytes] = MappingProxyType({}),
) -> Run:  # fmt: skip
    """A new run's folder, pending: all that was asked, and what is kept of it, is there before anything starts."""
    workspace.must_be_writable()
    run = _new_folder(workspace, job)
    try:
        for name, data in kept.items():
            write_atomic(run.folder / name, data)
        write_atomic(run.spec, spec_text)
        write_json(
            run.folder / "run.json",
            {"format": FORMAT, "id": run.id, "job": job, "created_at": time.time(), "parents": list(parents), **record},
        )
        for name in ("events.jsonl", "log.txt", "lock"):
            (run.folder / name).touch()
        run.artifacts.mkdir()
        write_json(run.status_file, {"state": "pending", "title": record.get("title", ""), **_elsewhere(record)})
    except OSError as error:
        shutil.rmtree(run.folder, ignore_errors=True)
        raise unwritable(run.folder, error) from None
    return run


def _elsewhere(record: Mapping[str, Any]) -> dict[str, Any]:
    """What the first status says of a run that is for a machine: nobody is to take it for one of this host."""
    machine = record.get("machine")
    return {"machine": machine["name"], "link": BEGINS, "link_since": time.time()} if machine else {}


def unwritable(place: Path, error: OSError) -> WorkspaceError:
    """What to say of a workspace that took no more."""
    hint = "make room on that disk" if disk_is_full(error) else "runs are kept there"
    return WorkspaceError(f"{place}: {error.strerror}", hint=hint)


def reserve(run: Run) -> None:
    """Set some disk aside for the last words of a run; WorkspaceError where there is none left."""
    try:
        run.reserve.write_bytes(RESERVE)
    except OSError as error:
        run.reserve.unlink(missing_ok=True)
        raise unwritable(run.folder, error) from None


def _new_folder(workspace: Workspace, job: str) -> Run:
    import secrets  # only for who makes a run

    while True:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        folder = workspace.runs / f"{stamp}-{job}-{secrets.token_hex(2)}"
        try:
            folder.mkdir(parents=True)  # two runs of one second may draw the same name: mkdir is the lock
        except FileExistsError:
            continue
        except OSError as error:
            raise unwritable(folder, error) from None
        return Run(folder)


def find(workspace: Workspace, name: str, *, archived: bool = False) -> Run:
    """The run of an id, of a part that only one id has, or of `latest`: the latest of those in sight, or archived."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise RunError(f"{name!r} is not a run's id", hint="footplate runs lists them")
    if _ID.fullmatch(name):
        for folder in (workspace.runs, workspace.archive):
            if (folder / name).is_dir():
                return Run(folder / name)
    runs = listing(workspace, archived=archived)
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
    if status.machine:
        from engine.remote import following  # only for who stops a run that is elsewhere

        # Also where one seems to live: it may be dying just now, and the request would lie here for ever.
        following.start(Workspace(run.folder.parent.parent), run)


def lineage(workspace: Workspace, run: Run) -> tuple[list[str], list[str]]:
    """Ids of the runs that this one was made from, and of those made from it."""
    everything = listing(workspace) + listing(workspace, archived=True)
    return run.parents(), [other.id for other in everything if run.id in other.parents()]


def _parts(run_id: str) -> re.Match[str]:
    parts = _ID.fullmatch(run_id)
    if not parts:
        raise RunError(f"{run_id!r} is not a run's id", hint="an id looks like 20260203-101522-finetune-3f9c")
    return parts
