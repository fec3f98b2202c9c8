"""Which frames are left out together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.errors import DataError, SpecError


def left_out(rows: Sequence[Mapping[str, str]], rule: str) -> tuple[str, list[str]]:
    """The rule that is meant, and for each gold row the name of the group with which it is left out.

    Args:
        rows: the gold table's rows that take part.
        rule: `frame`, `video`, a column of the gold table, or `auto`: by video where any video has several frames,
            since neighbouring frames show nearly the same picture and would be learnt by heart.

    Raises:
        SpecError: no such column.
        DataError: all frames are in one group, so nothing would be left to learn from.
    """
    if rule == "auto":
        rule = "frame" if len({row["video_id"] for row in rows}) == len(rows) else "video"
    names = [_group(row, rule) for row in rows]
    if len(set(names)) < 2:
        raise DataError(
            f"leave one {rule} out: all {len(rows)} gold frames are of one {rule}, {names[0]!r}",
            hint="label frames of another, or set loo.leave_out: frame",
        )
    return rule, names


def members(names: Sequence[str]) -> dict[str, list[int]]:
    """The indices of each group, groups in the order in which they first occur."""
    groups: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        groups.setdefault(name, []).append(index)
    return groups


def _group(row: Mapping[str, str], rule: str) -> str:
    if rule == "frame":
        return f"{row['video_id']}:{row['frame_index']}"
    column = "video_id" if rule == "video" else rule
    if column not in row:
        columns = [name for name in row if name != "frame_index"]
        raise SpecError(
            [f"loo.leave_out: the gold table has no column {rule!r}"],
            hint=f"auto, frame, video, or one of its columns: {', '.join(columns)}",
        )
    if not row[column].strip():
        raise DataError(
            f"{row['video_id']}, frame {row['frame_index']}: the gold table's {column!r} is empty",
            hint=f"say to which {column} the frame belongs, or choose another loo.leave_out",
        )
    return row[column]
