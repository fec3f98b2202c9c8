"""Which kind of look a file takes, by its name."""

from __future__ import annotations

from pathlib import Path

from engine.errors import DataError
from engine.look.parquet import ParquetRows
from engine.look.picture import SUFFIXES
from engine.look.records import RecordRows
from engine.look.rows import Rows
from engine.look.separated import SeparatedRows

VIDEOS = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi")
TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".pq")


def kind(path: Path) -> str:
    """table, json, picture, video or text."""
    suffix = path.suffix.lower()
    if suffix in TABLES or suffix in VIDEOS:
        return "table" if suffix in TABLES else "video"
    return "picture" if suffix in SUFFIXES else "json" if suffix == ".json" else "text"


def rows(path: Path) -> Rows:
    """The rows of a table.

    Raises:
        DataError: it is none.
    """
    suffix = path.suffix.lower()
    try:
        if suffix in (".csv", ".tsv"):
            return SeparatedRows(path)
        return ParquetRows(path) if suffix in (".parquet", ".pq") else RecordRows(path)
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read: {error.strerror or error}") from None
