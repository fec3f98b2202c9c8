"""Manifests, checked row by row and image by image, and made into one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine import manifests, tables
from engine.contents import Contents
from engine.errors import DataError
from engine.files import sha256
from engine.gathering import leaving, looking, reading, twins
from engine.gathering.leaving import Groups
from engine.gathering.looking import Seen
from engine.gathering.problems import Problems
from engine.manifests import SOME
from engine.record import Recorder
from engine.specs.manifest import Manifest

PLAIN = 2 * looking.PORTION  # so few images are looked at before other processes have begun


def run(spec: Manifest, out: Recorder) -> None:
    """Read all rows, look at all images, find those that occur twice, and write one manifest."""
    out.phase("read")
    files, root = [out.resolve(one) for one in spec.manifests], out.resolve(spec.data_root)
    tally = reading.counted(out, files)
    reading.must_be_known(tally, files, spec.labels)
    out.phase("look")
    merged = Merged(out.artifact("manifest.csv", "all rows whose image is there, with the hash of its file"))
    problems = _look(spec, out, files, root, tally.rows, merged)
    out.phase("compare")
    groups = leaving.duplicates(out, merged.path, twins.digests(merged.hashes))
    facts = leaving.facts(tally.rows, merged.cells, problems, groups, sha256(merged.path))
    leaving.report(out, facts, merged.cells)
    _tell(out, facts, groups)
    if spec.leaks == "stop" and facts["in_two_splits"]:
        raise DataError(_leaks(facts, groups), hint="duplicates.csv has them all: take them out of one of the splits")


class Merged:
    """The manifest that is made, and what is kept of its rows meanwhile: 32 bytes each."""

    def __init__(self, path: Path) -> None:
        self.path, self.rows, self.hashes = path, 0, bytearray()
        self.cells: Counter[tuple[str, str, str]] = Counter()

    def add(self, table: tables.Writer, one: Seen) -> None:
        row, content = one.row, one.content
        assert content
        self.rows += 1
        self.hashes += bytes.fromhex(content.sha256)
        self.cells[row.split, row.label, row.source] += 1
        table.write(row.image_path, row.label, row.split, row.source, content.sha256)


def _look(
    spec: Manifest, out: Recorder, files: Sequence[Path], root: Path, rows: int, merged: Merged
) -> Problems:  # fmt: skip
    """Write the rows whose image is as it should be; the others."""
    problems, cache = Problems(), Contents(out.workspace.cache / "contents.sqlite")
    processes = _processes(spec, rows)
    with tables.writer(merged.path, manifests.COLUMNS) as table:
        for seen in looking.through(reading.everything(files), root, cache, processes=processes, decode=spec.decode):
            for one in seen:
                problems.add(one) if one.reason else merged.add(table, one)
            out.progress(merged.rows + len(problems.seen), rows, "images", seen[-1].manifest.name)
            out.checkpoint()
        problems.write(out)
        problems.judge(out, root, rows, missing=spec.missing, unreadable=spec.unreadable)
        if not merged.rows:
            raise DataError("no image is left", hint="problems.csv tells why, row by row")
    return problems


def _processes(spec: Manifest, rows: int) -> int:
    wanted = spec.compute.processes
    return (1 if rows <= PLAIN else len(os.sched_getaffinity(0))) if wanted == "auto" else wanted


def _tell(out: Recorder, facts: Mapping[str, Any], groups: Groups) -> None:
    """Numbers, and what is doubtful about them."""
    for name in ("rows", "missing", "unreadable", "duplicated_images", "in_two_splits", "with_two_labels"):
        out.metric(name, facts[name])
    labels = f"{len(facts['labels'])} labels: {', '.join(facts['labels'])}"
    out.finding("rows", f"{facts['rows']:,} of {facts['rows_read']:,} rows, {labels}")
    out.finding("duplicates", f"{facts['duplicated_images']:,} images occur more than once, "
                f"{facts['in_two_splits']:,} of them in two splits")  # fmt: skip
    if facts["in_two_splits"]:
        out.flag("leak", _leaks(facts, groups))
    if facts["with_two_labels"]:
        out.flag("two_labels", f"{facts['with_two_labels']} images have two labels; duplicates.csv names them")


def _leaks(facts: Mapping[str, Any], groups: Groups) -> str:
    splits = ", ".join(f"{size} in {names}" for names, size in facts["leaks"].items())
    some = [rows for _, kind, rows in groups if kind == twins.LEAK][:SOME]
    named = "; ".join(" = ".join(f"{row.image_path} ({row.split}, line {row.line})" for row in rows) for rows in some)
    return f"the same image in two splits: {splits}: {named}"
