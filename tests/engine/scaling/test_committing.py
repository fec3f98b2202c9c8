"""Killed at any moment and gone on with on another machine, a run repeats no more than what was not committed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest

from engine import launch
from engine.run import Run
from engine.scaling.commits import Commits
from engine.scaling.journal import Journal
from engine.scaling.listing import Item
from engine.scaling.sending import Sender
from engine.scaling.shards import cut
from engine.workspace import Workspace
from tests import lab
from vmops import bucket as buckets
from vmops import generations

TABLES = ("features.csv", "features_video.csv", "features.parquet", "failures.csv")


@pytest.fixture
def study(workspace: Workspace, videos: Path) -> Workspace:
    for path in videos.iterdir():
        shutil.copy2(path, workspace.root / "videos")
    return workspace


def extract(study: Workspace, *words: str) -> Run:
    return launch.submit(study, "extract", "", "a test", ["extractors=[colour]", "compute.processes=2", *words])


def committed(store: Path) -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in store.rglob("*.jsonl") if generations.FOLDER not in path.parts}
    return {name: data for name, data in found.items() if b'"shard"' in data[:40]}


def videos_of(commits: dict[str, bytes]) -> int:
    return sum(json.loads(data.partition(b"\n")[0])["videos"] for data in commits.values())


def tables(run: Run) -> dict[str, bytes]:
    return {name: (run.artifacts / name).read_bytes() for name in TABLES}


def test_killed_and_resumed_in_an_empty_folder_it_does_only_what_was_not_committed(study: Workspace) -> None:
    store = study.root / "store"
    store.mkdir()
    run = extract(study, f"compute.checkpoints={store}", "videos_per_shard=5")
    lab.until(lambda: len(committed(store)) >= 3, "some shards are committed")
    os.kill(run.status().job_pid or 0, signal.SIGKILL)
    lab.ended(run)
    first = committed(store)
    shutil.rmtree(run.folder / "work")  # as on another machine, and as if the keeper had not come to save anything
    (store / run.id / "manifest.json").unlink(missing_ok=True)
    shutil.rmtree(study.cache / "extract", ignore_errors=True)
    log = len(run.log.read_text())

    launch.resume(study, run)
    assert lab.ended(run).state == "done", run.log.read_text()
    said = run.log.read_text()[log:]
    before = re.search(r"(\d+) of 64 videos were done before", said)
    assert before and int(before[1]) == videos_of(first) < 64, said
    assert committed(store).items() > first.items(), "what is committed is not done again, and not written again"
    assert videos_of(committed(store)) == 64

    shutil.rmtree(study.cache / "extract")
    whole = extract(study)
    assert lab.ended(whole).state == "done", whole.log.read_text()
    assert tables(run) == tables(whole)


def test_a_store_that_is_away_holds_nothing_up_and_has_everything_when_it_is_back(tmp_path: Path) -> None:
    store = tmp_path / "store"
    commits = Commits(buckets.open(str(store)), "", {"means": "means 1"})
    journal = Journal(tmp_path / "means")
    items = [Item(f"clip{number}", f"clip{number}.mp4", 1, "1:1") for number in range(6)]
    for item in items:
        journal.put(item.video_id, item.stamp, "", {"frames": [], "video": []})
    sender, pieces = Sender(commits), cut(items, 2)
    for shard in pieces:
        sender.put(shard, commits.pack(shard, [journal]))
    words = lab.until(lambda: [sent.words for sent in sender.taken() if not sent.settled], "it is told")
    assert "no such folder" in words[0]
    store.mkdir()
    sender.close(lambda: 30.0)
    assert sum(sent.settled for sent in sender.taken()) == len(pieces) == len(committed(store))
    journal.close()


def test_who_is_stopped_while_a_store_is_away_waits_no_longer_than_a_stop_may(tmp_path: Path) -> None:
    commits = Commits(buckets.open(str(tmp_path / "store")), "", {"means": "means 1"})
    journal = Journal(tmp_path / "means")
    item = Item("clip", "clip.mp4", 1, "1:1")
    journal.put(item.video_id, item.stamp, "", {"frames": [], "video": []})
    sender, asked = Sender(commits), list[float]()
    (shard,) = cut([item], 1)
    sender.put(shard, commits.pack(shard, [journal]))

    def patience() -> float:
        asked.append(time.monotonic())
        return 0.0 if len(asked) > 3 else 300.0

    sender.close(patience)
    assert len(asked) > 3 and not any(sent.settled for sent in sender.taken())
    journal.close()
