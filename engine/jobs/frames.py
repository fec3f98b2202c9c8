"""The frames to be labelled: some of each video, evenly spread, in `frames.csv`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import tables
from engine.annotations import frames as listed
from engine.annotations.decision import Unit
from engine.errors import DataError
from engine.files import read_json, write_json
from engine.record import Recorder
from engine.specs.frames import Frames
from engine.vision import source, tally

Videos = dict[str, dict[str, Any]]
Rows = dict[Unit, Mapping[str, str]]
COLUMNS = ("video_id", "frame_index")
FAILURES = ("video_id", "reason", "hint")


def run(spec: Frames, out: Recorder) -> None:
    """Count the frames of each video, add those of new ones to frames.csv, and tell of all that is not as it was."""
    folder = out.resolve(spec.videos or out.workspace.settings.videos)
    rows = listed.rows(out.workspace.frames) if out.workspace.frames.exists() else Rows()
    videos, failures = _count(out, folder)
    added = _add(out, spec, folder, rows, videos)
    _tell(out, rows, videos, failures, added)
    _write(out, rows, videos, failures)


def _count(out: Recorder, folder: Path) -> tuple[Videos, dict[str, DataError]]:
    """What is known of each video, those counted before a kill included; and why some cannot be counted."""
    out.phase("count")
    names, others = tally.listing(folder)
    for name in others:
        out.note(f"{folder / name}: is no video, and is let be")
    known: Videos = read_json(_register(out)).get("videos", {})
    now: Videos = read_json(out.work / "counted.json").get("videos", {})
    failures: dict[str, DataError] = {}
    for done, name in enumerate(names, start=1):
        try:
            path = source.locate(folder, name)
            if not tally.unchanged(path, now.get(name)):
                now[name] = known[name] if tally.unchanged(path, known.get(name)) else tally.plain(tally.counted(path))
                write_json(out.work / "counted.json", {"videos": now})
        except DataError as error:
            failures[name] = error
        out.progress(done, len(names), "videos", name)
        out.checkpoint()
    return {name: now[name] for name in names if name in now and name not in failures}, failures


def _add(out: Recorder, spec: Frames, folder: Path, rows: Rows, videos: Videos) -> dict[str, int]:
    """Frames of each video that frames.csv does not have yet; how many of each were added."""
    wanted = spec.frames_per_video or out.workspace.settings.frames_per_video
    known, added = {unit.video_id for unit in rows}, dict[str, int]()
    for name, facts in videos.items():
        if name not in known:
            indices = tally.sampled(source.locate(folder, name), tally.Video(**facts), wanted)
            rows |= {Unit(name, index): {} for index in indices}
            added[name] = len(indices)
    return added


def _tell(
    out: Recorder, rows: Rows, videos: Videos, failures: Mapping[str, DataError], added: Mapping[str, int]
) -> None:
    """How much there is, and all that is not as it was."""
    for name, error in failures.items():
        out.note(f"{name}: left out: {error.message}", "warning")
    _tell_of_replaced(out, videos)
    indices: dict[str, list[int]] = {}
    for unit in rows:
        indices.setdefault(unit.video_id, []).append(unit.frame_index)
    for name in sorted(indices):
        _tell_of_lost(out, name, indices[name], videos.get(name), failures.get(name))
    total = f"{len(rows)} frames of {len(indices)} videos"
    out.note(f"{total}: {sum(added.values())} of {len(added)} new videos; {len(failures)} videos failed")
    out.metric("frames", len(rows))
    out.metric("frames_added", sum(added.values()))
    out.metric("videos_failed", len(failures))


def _tell_of_replaced(out: Recorder, videos: Videos) -> None:
    before: Videos = read_json(_register(out)).get("videos", {})
    for name, facts in videos.items():
        was = before.get(name)
        if was and was["sha256"] != facts["sha256"]:
            told = f"{name}: another video than before: {was['frames']} frames, now {facts['frames']}"
            out.flag("replaced", f"{told}; its frames stay listed, but labels of them may be of other pictures")


def _tell_of_lost(
    out: Recorder, name: str, indices: list[int], facts: Mapping[str, Any] | None, error: DataError | None
) -> None:
    """Frames that are listed, and that nobody can show."""
    if facts is None:
        out.flag("gone", f"{name}: frames.csv has frames of it, but it {_why(error)}")
    elif beyond := [index for index in indices if _beyond(index, facts)]:
        out.flag("no_such_frame", f"{name}: has {facts['frames']} frames, but frames.csv names {beyond}")


def _why(error: DataError | None) -> str:
    return f"cannot be counted: {error.message}" if error else "is not there any more"


def _beyond(index: int, facts: Mapping[str, Any]) -> bool:
    # Pictures of a folder may have any numbers.
    return bool(Path(facts["file"]).suffix) and index >= facts["frames"]


def _write(out: Recorder, rows: Rows, videos: Videos, failures: Mapping[str, DataError]) -> None:
    """The run's own copies first; then the workspace's, each replaced whole, the list of frames before the register."""
    out.phase("write")
    if not rows:
        raise DataError("no frame of any video decodes", hint="the notes of this run tell why, video by video")
    places = [out.artifact("frames.csv", "the frames to be labelled"), out.workspace.frames]
    for place in places:
        _table(place, rows)
    with tables.writer(out.artifact("failures.csv", "videos that could not be counted"), FAILURES) as table:
        for name, error in failures.items():
            table.write(name, error.message, error.hint)
    write_json(_register(out), {"format": 1, "videos": videos})
    out.write_json("videos.json", {"format": 1, "videos": videos}, "what is known of each video")


def _table(place: Path, rows: Rows) -> None:
    further = list(dict.fromkeys(name for row in rows.values() for name in row if name not in COLUMNS))
    with tables.writer(place, [*COLUMNS, *further]) as table:
        for unit, row in rows.items():
            table.write(*unit, *(row.get(name, "") for name in further))


def _register(out: Recorder) -> Path:
    return out.workspace.frames.with_suffix(".json")
