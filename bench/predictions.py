"""Tables of 150,000 rows as the writer of infer makes them, opened, filtered and sorted on the Run screen in tmux.

What is measured is from the key to the answer on the screen, and how late the loop of events was meanwhile.
"""

from __future__ import annotations

import csv
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import labs
from bench.numbers import percentile, told
from bench.tmux import Tmux
from engine.files import sha256, write_json
from engine.run import Run
from engine.scaling import tables
from engine.scaling.journal import Journal
from engine.scaling.listing import Item
from engine.status import to_json
from engine.vision import voting
from engine.workspace import Workspace

VIDEOS, FRAMES = 15_000, 10
MODELS = {"perspective": ("addressed", "observed", "scene"), "distance": ("intimate", "personal", "social", "public")}
NAME = "model_predictions"
SIZE = (160, 48)
OPENED_S = 0.3  # a line to type in needs a moment
COLUMN, NUMBER = 4, "perspective_confidence"  # its place
NEIGHBOUR = "clip00001 "  # of the first row, as the file has it
FILTER = f"perspective_label:scene {NUMBER}<0.4"


@dataclass(frozen=True)
class Known:
    """What has to be seen of a table: its rows, those that fit the filter, the videos at both ends of an order."""

    kind: str
    rows: int
    fitting: int
    least: str
    most: str


def main(quick: bool) -> dict[str, Any]:
    """Milliseconds of each act on each kind of file, and the lag of the loop over all of them."""
    with labs.workspace() as workspace:
        run = _ran(workspace, VIDEOS // 10 if quick else VIDEOS)
        return {kind: _looked(workspace, run, kind, 1 if quick else 3) for kind in ("csv", "parquet")}


# --- tables -------------------------------------------------------------------------------------------------------


def _ran(workspace: Workspace, videos: int) -> Run:
    """A run that has made both tables, out of a journal, as infer does."""
    run = labs.ended(workspace)
    items, journal = [Item(f"clip{number:05}", "", 0, "") for number in range(videos)], Journal(run.folder / "journal")
    chance = random.Random(5)
    for item in items:
        frames = [[9 * n, round(0.3 * n, 6), *_answers(chance)] for n in range(FRAMES)]
        journal.put(item.video_id, "", "", {"facts": {}, "frames": frames, "video": []})
    columns = [column for name, classes in MODELS.items() for column in voting.frame_columns(name, classes)]
    run.artifacts.mkdir(exist_ok=True)
    tables.write_both(
        lambda name, about: run.artifacts / name, NAME, "one row a frame", (*tables.FRAME, *columns),
        lambda: tables.frame_rows(items, [journal]),
    )  # fmt: skip
    journal.close()
    _announce(run)
    return run


def _answers(chance: random.Random) -> Iterator[Any]:
    for classes in MODELS.values():
        cuts = sorted(chance.randrange(voting.UNITS) for _ in classes[1:])
        scores = [after - before for before, after in zip([0, *cuts], [*cuts, voting.UNITS], strict=True)]
        yield from voting.cells(classes, scores)


def _known(run: Run, kind: str) -> Known:
    with (run.artifacts / f"{NAME}.csv").open(newline="") as file:
        rows = [(float(row[NUMBER]), row["perspective_label"], row["video_id"]) for row in csv.DictReader(file)]
    fitting = sum(label == "scene" and number < 0.4 for number, label, _ in rows)
    first, last = min(rows, key=lambda row: row[0]), max(reversed(rows), key=lambda row: row[0])
    return Known(kind, len(rows), fitting, f"{first[2]} ", f"{last[2]} ")


def _announce(run: Run) -> None:
    made = [{"name": path.name, "about": "one row a frame", "size_bytes": path.stat().st_size, "sha256": sha256(path)}
            for path in sorted(run.artifacts.iterdir())]  # fmt: skip
    write_json(run.status_file, {**to_json(run.status()), "artifacts": made})


# --- looking ------------------------------------------------------------------------------------------------------


def _looked(workspace: Workspace, run: Run, kind: str, rounds: int) -> dict[str, Any]:
    """The acts of one visit after the other, each visit in a new process."""
    lag, found = workspace.root / "lag.txt", dict[str, list[float]]()
    late, known = list[float](), _known(run, kind)
    for _ in range(rounds):
        with _files(workspace, lag, kind) as (tmux, opened_s):
            began = time.time()
            found.setdefault("opened_ms", []).append(opened_s * 1e3)
            for act, ms in _acts(tmux, known):
                found.setdefault(act, []).append(ms)
            late += [float(ms) for at, ms in map(str.split, lag.read_text().splitlines()[:-1]) if float(at) >= began]
    return {"rows": known.rows, **{act: told(ms) for act, ms in found.items()},
            "loop_lag_p95_ms": percentile(late, 95), "loop_lag_most_ms": max(late)}  # fmt: skip


@contextmanager
def _files(workspace: Workspace, lag: Path, kind: str) -> Iterator[tuple[Tmux, float]]:
    """The pane files with a table of a kind in view, and how long that took from the key that brought it there."""
    with Tmux(labs.screens(workspace), size=SIZE, environment={"FOOTPLATE_LAG": str(lag)}) as tmux:
        tmux.sees(labs.TITLE)
        tmux.keys("2")
        tmux.sees("result")
        tmux.keys("Enter")
        tmux.sees("accuracy")
        began = time.perf_counter()
        tmux.keys("Tab", "Tab", "Tab", *["Down"] * (kind == "parquet"))
        yield tmux, tmux.sees(f"{NAME}.{kind}  ") - began


def _acts(tmux: Tmux, known: Known) -> Iterator[tuple[str, float]]:
    """Milliseconds to filter by a label and a number, to see all again, to sort, and to come to both ends."""
    tmux.keys("Enter", "/")
    time.sleep(OPENED_S)
    yield "filtered_ms", _took(lambda: tmux.type(FILTER), lambda: tmux.sees(f"{known.fitting:,} of {known.rows:,}"))
    told_all = f"{NAME}.{known.kind}  {known.rows:,} rows"
    yield "unfiltered_ms", _took(lambda: tmux.keys("Escape"), lambda: tmux.sees(told_all))
    tmux.keys(*["Right"] * COLUMN)
    tmux.sees(f"{NUMBER}: ")
    tmux.keys("g")
    tmux.sees(NEIGHBOUR)
    # The row under the cursor stays in view, and other neighbours come to it.
    yield "sorted_ms", _took(lambda: tmux.keys("o"), lambda: tmux.until(lambda seen: NEIGHBOUR not in seen, "an order"))
    yield "top_ms", _took(lambda: tmux.keys("g"), lambda: tmux.sees(known.least))
    yield "end_ms", _took(lambda: tmux.keys("G"), lambda: tmux.sees(known.most))


def _took(do: Callable[[], None], seen: Callable[[], float]) -> float:
    began = time.perf_counter()
    do()
    return (seen() - began) * 1e3
