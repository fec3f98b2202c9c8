"""The SQLite file under the log: its tables, how it is opened, and what its errors mean to a person."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from engine.annotations.disk import network
from engine.errors import DataError, FootplateError, WorkspaceError

VERSION = 1
BUSY_S = 5.0  # SQLite itself waits so long for another writer
PATIENCE_S = 30.0  # and is asked again until this is over
COLUMNS = (
    "key, act, kind, coder, video_id, frame_index, variable, value, at, note, flagged, position, seconds, shown, reason"
)
# Decisions are only ever appended: ids rise in the order of writing, and the triggers refuse everything else.
_SCHEMA = (
    """CREATE TABLE decisions (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, act TEXT NOT NULL, kind TEXT NOT NULL, coder TEXT NOT NULL,
        video_id TEXT NOT NULL, frame_index INTEGER NOT NULL, variable TEXT NOT NULL, value TEXT NOT NULL,
        at REAL NOT NULL, note TEXT NOT NULL, flagged INTEGER NOT NULL, position INTEGER, seconds REAL,
        shown TEXT NOT NULL, reason TEXT NOT NULL) STRICT""",
    "CREATE INDEX by_coder ON decisions (coder, video_id, frame_index, variable, at, kind)",
    "CREATE INDEX by_unit ON decisions (video_id, frame_index)",
    "CREATE INDEX by_act ON decisions (act)",
    "CREATE INDEX by_time ON decisions (coder, at) WHERE kind NOT IN ('import', 'undo')",
    "CREATE INDEX undone ON decisions (act, at) WHERE kind = 'undo'",
    """CREATE TRIGGER no_change BEFORE UPDATE ON decisions
        BEGIN SELECT RAISE(ABORT, 'decisions are never changed: append a newer one'); END""",
    """CREATE TRIGGER no_delete BEFORE DELETE ON decisions
        BEGIN SELECT RAISE(ABORT, 'decisions are never deleted: append an undo'); END""",
    f"PRAGMA user_version = {VERSION}",
)
T = TypeVar("T")


def connect(path: Path, *, readonly: bool) -> sqlite3.Connection:
    """An open log; a missing file is made, or, where nothing may be written, is empty."""
    with explained(path):
        if readonly:
            return _reader(path)
        if not path.parent.is_dir():
            raise WorkspaceError(f"{path.parent}: no such folder", hint="footplate init DIR makes a workspace")
        database = _opened(path.absolute().as_uri())
        return _or_closed(database, lambda: patiently(path, lambda: _prepare(database, path)))


def _or_closed(database: sqlite3.Connection, prepare: Callable[[], None]) -> sqlite3.Connection:
    try:
        prepare()
    except BaseException:
        database.close()
        raise
    return database


def _reader(path: Path) -> sqlite3.Connection:
    if not path.exists():
        empty = _opened("file::memory:")
        _create(empty)
        return empty
    try:
        return _checked(path, "mode=ro")
    except sqlite3.OperationalError:
        if path.with_name(f"{path.name}-wal").exists():
            raise
        return _checked(path, "immutable=1")  # in a folder where not even the index of the WAL can be made


def _checked(path: Path, how: str) -> sqlite3.Connection:
    database = _opened(f"{path.absolute().as_uri()}?{how}")

    def prepare() -> None:
        if _version(database, path) == 0:
            raise DataError(f"{path}: holds no log of decisions", hint="it is made when the first label is saved")

    return _or_closed(database, prepare)


def _opened(uri: str) -> sqlite3.Connection:
    # A log may be handed from thread to thread; it has a lock of its own.
    return sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False)


def _prepare(database: sqlite3.Connection, path: Path) -> None:
    # On a network the older journal: slower, as safe, and several machines may write.
    database.execute(f"PRAGMA journal_mode = {'DELETE' if network(path) else 'WAL'}")
    database.execute("PRAGMA synchronous = FULL")  # an acknowledged decision outlives a power cut
    if _version(database, path) == 0:
        with writing(database):
            if _version(database, path) == 0:  # nobody else was first
                _create(database)


def _create(database: sqlite3.Connection) -> None:
    for statement in _SCHEMA:
        database.execute(statement)


def _version(database: sqlite3.Connection, path: Path) -> int:
    found = int(database.execute("PRAGMA user_version").fetchone()[0])
    if found > VERSION:
        raise DataError(
            f"{path}: written by a newer footplate (format {found}, this one knows {VERSION})",
            hint="use the newer footplate; nothing was changed",
        )
    if found == 0 and database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise DataError(f"{path}: a database, but no log of decisions", hint="move it away; a new log is then made")
    return found


@contextmanager
def writing(database: sqlite3.Connection) -> Iterator[None]:
    """One transaction that has the right to write from its first moment, so that it can never be refused halfway."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def patiently(path: Path, do: Callable[[], T]) -> T:
    """What `do` returns, asked again while other processes write."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            with explained(path):
                return do()
        except Busy:
            if time.monotonic() > end:
                raise
            time.sleep(random.uniform(0.005, 0.05))


class Busy(DataError):
    """Another process has been writing to the log for longer than is sensible."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn errors of SQLite into ours, with what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _ours(path, error) from error


def _ours(path: Path, error: sqlite3.Error) -> FootplateError:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Busy(f"{path}: busy: another process is writing", hint="see who holds it: lsof, and try again")
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return DataError(
            f"{path}: damaged: {error}",
            hint=f"keep a copy, then: sqlite3 {path.name} .recover | sqlite3 new.sqlite; or move it away and "
            "footplate annotations sync, which takes all that the bucket has",
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return WorkspaceError(
            f"{path}: cannot be written: {error}",
            hint="who labels must be able to write the folder and the file: chmod u+w, or g+w for a group",
        )
    if name.startswith("SQLITE_FULL"):
        return WorkspaceError(f"{path}: no space left on its disk", hint="free some; what was saved before is safe")
    if name.startswith(("SQLITE_IOERR", "SQLITE_PROTOCOL", "SQLITE_NOLFS")):
        return WorkspaceError(
            f"{path}: its disk does not do what a database needs: {error}",
            hint="network folders often have no locks: put the workspace on a local disk and share labels by a bucket",
        )
    return DataError(f"{path}: {error}", hint="nothing of this was saved; what was saved before is safe")
