"""The tables of a run, put together from journals: a row a frame, a row a video, and one for each that failed.

They are sorted by video_id and frame_index and made of what the journals hold alone, so they are the same bytes in
whatever order, by whichever processes and in however many attempts the videos were done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from engine import tables
from engine.files import replacing
from engine.scaling.failures import REASONS
from engine.scaling.journal import Journal
from engine.scaling.listing import Item
from engine.vision.consuming import Column

GROUP_ROWS = 20_000
ARROW = {"text": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}
VIDEO_ID = Column("video_id", "text", "the video's name below its folder or prefix, without extension")
FRAME = (
    VIDEO_ID,
    Column("frame_index", "int", "the frame's number among those that decode, in order of presentation", "", "0 …"),
    Column("time_s", "float", "when the frame is shown", "s", "0 …", 6),
)
VIDEO = (
    VIDEO_ID,
    Column("frames", "int", "how many of its frames were looked at", "frames", "1 …"),
    Column("frames_in_video", "int", "how many of its frames decode", "frames", "1 …"),
    Column("promised_frames", "int", "how many its header promises; 0 where it does not say", "frames", "0 …"),
    Column("duration_s", "float", "how long its header says that it lasts; 0 where it does not say", "s", "0 …", 3),
)
FAILURES = (
    VIDEO_ID,
    Column("file", "text", "its name with extension"),
    Column("size_bytes", "int", "its size as listed", "bytes", "0 …"),
    Column("reason", "text", "why there is no row of it", "", ", ".join(REASONS)),
    Column("words", "text", "what was seen"),
    Column("advice", "text", "what to do about it"),
)
Cells = Sequence[Any]


def frame_rows(items: Iterable[Item], journals: Sequence[Journal]) -> Iterator[list[Any]]:
    """A row a frame: its place, then what each consumer answered."""
    for item in items:
        records = [journal.read(item.video_id) for journal in journals]
        if any("failed" in record for record in records):
            continue
        for same in zip(*(record["frames"] for record in records), strict=True):
            yield [item.video_id, *same[0][:2], *(cell for row in same for cell in row[2:])]


def video_rows(items: Iterable[Item], journals: Sequence[Journal]) -> Iterator[list[Any]]:
    """A row a video: what is known of it, then what each consumer answered."""
    for item in items:
        records = [journal.read(item.video_id) for journal in journals]
        if any("failed" in record for record in records):
            continue
        facts = records[0]["facts"]
        known = [len(records[0]["frames"]), facts["frames_in_video"], facts["promised_frames"], facts["duration_s"]]
        yield [item.video_id, *known, *(cell for record in records for cell in record["video"])]


def failure_rows(items: Iterable[Item], journals: Sequence[Journal]) -> Iterator[list[Any]]:
    """A row a video that has none elsewhere."""
    for item in items:
        for record in (journal.read(item.video_id) for journal in journals):
            if reason := record.get("failed"):
                yield [item.video_id, item.name, item.size_bytes, reason, record["words"], REASONS[reason]]
                break


def write_csv(path: Path, columns: Sequence[Column], rows: Iterable[Cells]) -> int:
    """Write a table; how many rows it has."""
    count = 0
    with tables.writer(path, [column.name for column in columns]) as table:
        for count, row in enumerate(rows, start=1):  # noqa: B007 - the count is the answer
            table.write(*(said(column, cell) for column, cell in zip(columns, row, strict=True)))
    return count


def write_parquet(path: Path, columns: Sequence[Column], rows: Iterable[Cells]) -> None:
    """Write the same table with types."""
    schema = pa.schema([pa.field(column.name, ARROW[column.type]) for column in columns])
    with replacing(path) as beside, parquet.ParquetWriter(beside, schema, compression="zstd") as writer:
        for group in _groups(rows):
            columns_of = zip(zip(*group, strict=True), schema, strict=True)
            arrays = [pa.array(list(cells), type=field.type) for cells, field in columns_of]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def write_both(
    artifact: Callable[[str, str], Path], name: str, about: str, columns: Sequence[Column],
    rows: Callable[[], Iterable[Cells]],
) -> int:  # fmt: skip
    """Write a table as CSV and as Parquet; how many rows it has."""
    count = write_csv(artifact(f"{name}.csv", about), columns, rows())
    write_parquet(artifact(f"{name}.parquet", f"{about}, with types"), columns, rows())
    return count


def write_dictionary(path: Path, named: dict[str, Sequence[Column]]) -> None:
    """Write what each column of each table means."""
    with tables.writer(path, ["table", "column", "type", "unit", "range", "definition"]) as table:
        for name, columns in named.items():
            for column in columns:
                table.write(name, column.name, column.type, column.unit, column.range, column.about)


def said(column: Column, cell: Any) -> str:
    """A cell as CSV has it; nothing where nothing is known."""
    if cell is None:
        return ""
    if column.type == "bool":
        return "true" if cell else "false"
    return f"{cell:.{column.decimals}f}" if column.type == "float" else str(cell)


def _groups(rows: Iterable[Cells]) -> Iterator[list[Cells]]:
    group: list[Cells] = []
    for row in rows:
        group.append(row)
        if len(group) == GROUP_ROWS:
            yield group
            group = []
    if group:
        yield group
