"""What the job manifest leaves: duplicates, counts by split, label and source, and a report to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine import manifests, tables
from engine.files import write_atomic
from engine.gathering import twins
from engine.gathering.problems import Problems
from engine.gathering.twins import Digests
from engine.manifests import Row
from engine.record import Recorder

DUPLICATES = ("group", "kind", "line", "image_path", "label", "split", "source", "sha256")
COUNTS = ("split", "label", "source", "rows")
Cells = Counter[tuple[str, str, str]]
Groups = list[tuple[int, str, list[Row]]]


def duplicates(out: Recorder, merged: Path, found: Digests) -> Groups:
    """Every image that occurs again, with its lines in the merged manifest."""
    groups = list(twins.gathered(manifests.rows(merged), twins.repeated(found)))
    path = out.artifact("duplicates.csv", "images that occur more than once, by what their files hold")
    with tables.writer(path, DUPLICATES) as table:
        for number, kind, rows in groups:
            for row in rows:
                table.write(number, kind, row.line, row.image_path, row.label, row.split, row.source, row.sha256)
    return groups


def report(out: Recorder, facts: Mapping[str, Any], cells: Cells) -> None:
    """Counts as a table and JSON, and all of it in words."""
    with tables.writer(out.artifact("counts.csv", "rows by split, label and source"), COUNTS) as table:
        for key, size in sorted(cells.items()):
            table.write(*key, size)
    out.write_json("manifest.json", {"format": 1, **facts}, "rows, labels, counts and duplicates of the manifest")
    path = out.artifact("report.md", "the manifest in words")
    write_atomic(path, _words(facts, cells))


def facts(read: int, cells: Cells, problems: Problems, groups: Groups, sha256: str) -> dict[str, Any]:
    """The numbers of a merged manifest."""
    kinds = Counter(kind for _, kind, _ in groups)
    return {
        "rows": cells.total(), "rows_read": read, "missing": len(problems.missing),
        "unreadable": len(problems.unreadable), "sha256": sha256,
        "labels": list(manifests.in_order({label for _, label, _ in cells})),
        "splits": _along(cells, 0), "by_label": _along(cells, 1), "sources": _along(cells, 2),
        "duplicated_images": len(groups), "duplicate_rows": sum(len(rows) - 1 for _, _, rows in groups),
        "in_two_splits": kinds[twins.LEAK], "leaks": dict(sorted(twins.leaks(groups).items())),
        "with_two_labels": sum(len({row.label for row in rows}) > 1 for _, _, rows in groups),
    }  # fmt: skip


def _along(cells: Cells, place: int) -> dict[str, int]:
    found: Counter[str] = Counter()
    for key, size in cells.items():
        found[key[place]] += size
    return {name: found[name] for name in manifests.in_order(found)}


def _words(whole: Mapping[str, Any], cells: Cells) -> str:
    lines = [
        f"# {whole['rows']:,} images",
        "",
        f"Read: {whole['rows_read']:,} rows. Missing: {whole['missing']:,}. Unreadable: {whole['unreadable']:,}.",
        "",
        f"{whole['duplicated_images']:,} images occur more than once ({whole['duplicate_rows']:,} rows too many): "
        f"{whole['in_two_splits']:,} in two splits, {whole['with_two_labels']:,} with two labels.",
    ]
    lines += [f"- {size:,} in {splits}" for splits, size in whole["leaks"].items()]
    labels, splits = whole["labels"], list(whole["splits"])
    lines += ["", "## Rows by label and split", ""]
    lines += _table(["label", *splits], [[label, *(_sum(cells, split, label) for split in splits)] for label in labels])
    lines += ["", "## Rows by source", ""]
    lines += _table(["source", "rows"], [[name, f"{size:,}"] for name, size in whole["sources"].items()])
    return "\n".join(lines) + "\n"


def _sum(cells: Cells, split: str, label: str) -> str:
    return f"{sum(size for key, size in cells.items() if key[:2] == (split, label)):,}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
