"""The tables are the same bytes whatever happened on the way."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

from engine.errors import Stopped
from engine.scaling import listing, pipeline
from engine.scaling.fetching import Here
from engine.scaling.journal import Journal
from engine.scaling.pipeline import Pipeline
from engine.scaling.stages import LIVES
from engine.vision import decode
from tests.engine.scaling import clips, driver
from tests.engine.scaling.means import SQUARE, Means
from tests.fakes.gcs import serve
from tests.lab import ROOT
from vmops import bucket as buckets


@pytest.fixture(scope="module")
def undisturbed(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tables of a pass in which nothing happens."""
    work = tmp_path_factory.mktemp("undisturbed")
    driver.drive(videos, work, decoders=1, batch=8)
    return driver.made(work)


def rows(table: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(table.decode().splitlines()))


def test_every_video_is_in_the_tables_once_or_in_failures(videos: Path, undisturbed: dict[str, bytes]) -> None:
    told = [row["video_id"] for row in rows(undisturbed["videos.csv"])]
    failed = {row["video_id"]: row["reason"] for row in rows(undisturbed["failures.csv"])}
    assert failed == clips.BROKEN
    assert sorted([*told, *failed]) == sorted(path.stem for path in videos.iterdir())
    assert len(told) == len(set(told)) == 60


def test_frames_are_those_of_the_sampler_and_answers_are_theirs(videos: Path, undisturbed: dict[str, bytes]) -> None:
    for row in rows(undisturbed["frames.csv"])[:40]:
        path, index = videos / f"{row['video_id']}.mp4", int(row["frame_index"])
        wanted = {number: (time_s, frame) for number, time_s, frame in decode.frames(path, 4)}
        assert float(row["time_s"]) == pytest.approx(wanted[index][0], abs=1e-6)
        shown = SQUARE(wanted[index][1])
        assert float(row["means_red"]) == pytest.approx(float(shown[..., 0].mean()), abs=0.006)


@pytest.mark.parametrize(("decoders", "batch"), [(3, 1), (2, 64), (2, 1000)])
def test_neither_workers_nor_batches_change_a_byte(
    videos: Path, undisturbed: dict[str, bytes], tmp_path: Path, decoders: int, batch: int
) -> None:
    driver.drive(videos, tmp_path, decoders=decoders, batch=batch)
    assert driver.made(tmp_path) == undisturbed


def test_killed_again_and_again_it_ends_with_the_same_bytes(
    videos: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    chance, kills = random.Random(3), 0
    for number in range(4):
        lines = chance.randrange(1, 25)
        kills += killed(videos, tmp_path, after=lines, decoders=1 + number % 3, batch=4 + number)
    left = driver.drive(videos, tmp_path, decoders=2, batch=16, every=20)
    assert kills >= 2 and left < 64, "it was killed in the middle, and something was kept"
    assert driver.made(tmp_path) == undisturbed


def killed(videos: Path | str, work: Path, *, after: int, decoders: int, batch: int) -> bool:
    """Start the driver and kill it when it has told of so many videos; whether it was still at work."""
    words = [sys.executable, "-m", "tests.engine.scaling.driver", str(videos), str(work), str(decoders), str(batch)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert process.stdout
    for _ in range(after):
        if not process.stdout.readline():
            break
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    return process.wait() == -signal.SIGKILL


def test_decoders_that_somebody_kills_cost_nothing(videos: Path, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    ended, killed_by_us = threading.Event(), list[int]()

    def kill_some() -> None:
        while not ended.wait(0.3):
            for child in psutil.Process().children()[:1] if len(killed_by_us) < LIVES - 1 else []:
                with suppress(psutil.Error):
                    child.kill()
                    killed_by_us.append(child.pid)

    killer = threading.Thread(target=kill_some)
    killer.start()
    try:
        driver.drive(videos, tmp_path, decoders=2, batch=16)
    finally:
        ended.set()
        killer.join()
    assert killed_by_us
    assert driver.made(tmp_path) == undisturbed


def test_an_endless_video_is_killed_at_its_deadline_and_named_and_the_others_are_done(tmp_path: Path) -> None:
    own = clips.folder(tmp_path / "videos", 4, broken=False)
    os.mkfifo(own / "endless.mp4")
    hold = os.open(own / "endless.mp4", os.O_RDWR)  # somebody who writes to it, and never ends
    os.write(hold, (own / "clip0000.mp4").read_bytes()[:200])
    try:
        driver.drive(own, tmp_path / "work", decoders=2, batch=8, deadline_s=1.0)
    finally:
        os.close(hold)
    (failed,) = rows(driver.made(tmp_path / "work")["failures.csv"])
    assert (failed["video_id"], failed["reason"], failed["words"]) == ("endless", "deadline", "not decoded within 1 s")
    assert len(rows(driver.made(tmp_path / "work")["videos.csv"])) == 4


def test_from_a_bucket_that_fails_all_the_time_nothing_is_lost(
    videos: Path, undisturbed: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve("study") as cloud:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", cloud.endpoint)
        put(videos, "gs://study/videos")
        cloud.faults.often(0.1, "status", "cut before", "cut within", "corrupt", "hash")
        assert killed("gs://study/videos", tmp_path, after=9, decoders=2, batch=8)
        driver.drive("gs://study/videos", tmp_path, decoders=2, batch=16, every=20)
    assert driver.made(tmp_path) == undisturbed
    assert not list((tmp_path / "fetched").iterdir()), "nothing that was fetched is left"


def put(videos: Path, address: str) -> None:
    """Every clip of a folder into a bucket."""
    bucket = buckets.open(address)
    for path in videos.iterdir():
        bucket.write(path.name, path.read_bytes())


def test_what_is_done_is_not_done_again_unless_the_bytes_change(videos: Path, tmp_path: Path) -> None:
    own = clips.folder(tmp_path / "videos", 6, broken=False)
    work = tmp_path / "work"
    assert driver.drive(own, work, decoders=1, batch=8) == 6
    assert driver.drive(own, work, decoders=1, batch=8) == 0
    (own / "clip0001.mp4").touch()
    assert driver.drive(own, work, decoders=1, batch=8) == 0, "another time, the same bytes"
    before = driver.made(work)["frames.csv"]
    (own / "clip0001.mp4").write_bytes((videos / "clip0013.mp4").read_bytes())
    assert driver.drive(own, work, decoders=1, batch=8) == 1
    after = driver.made(work)["frames.csv"]
    changed = {line[:8] for line in set(before.decode().splitlines()) ^ set(after.decode().splitlines())}
    assert changed == {"clip0001"}


def test_a_stop_waits_for_one_batch_and_keeps_what_was_answered(videos: Path, tmp_path: Path) -> None:
    slow, stops = Means(batch=4), list[bool]()

    def check() -> None:
        if slow.seen >= 8:
            stops.append(True)
            raise Stopped("stopped as asked")

    items, journal = listing.folder(videos).items[:40], Journal(tmp_path / "journal")
    left = pipeline.missing(items, [journal])
    work = Pipeline(left, [slow], [journal], Here(), frames=4, decoders=1, deadline_s=30.0, check=check)
    with pytest.raises(Stopped), closing(work.run()) as steps:
        list(steps)
    journal.close()
    assert slow.seen == 8 and len(stops) == 1, "no further batch is begun"
    kept = Journal(tmp_path / "journal")
    assert len(kept) >= 1 and len(pipeline.missing(items, [kept])) == 40 - len(kept)
    kept.close()
