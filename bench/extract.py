"""Features of videos: text at a fixed size beside rapidocr's own path, one decode beside five, flat memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bench import decode as clips
from bench import numbers, peers
from engine.vision import decode, extractors
from engine.vision.consuming import Batch, Consumer
from engine.vision.decode import Frame
from engine.vision.detecting import dbnet, shipped

WANTED = 10
SECONDS = 40
SHAPES = ((180, 320), (320, 180), (150, 200))  # small: the networks see most of them at sizes of their own
TOGETHER = 8
PEER = "rapidocr"


def main(quick: bool) -> dict[str, Any]:
    """Milliseconds of the processor a frame or a clip on one thread, how often ours that is, and bytes kept."""
    shipped.fetch()
    made = {name: extractors.make(name) for name in extractors.TABLE}
    with tempfile.TemporaryDirectory() as folder:
        clip = clips.made(Path(folder, "clip.mp4"), 10 if quick else SECONDS)
        frames = [frame for _, _, frame in decode.frames(clip, WANTED)]
        return {
            "text": _text(Path(folder), frames, 2 if quick else 5),
            "passes": _passes(clip, made, 1 if quick else 3),
            "memory": _memory(frames, 800 if quick else 10_000),
        }


# --- text -------------------------------------------------------------------------------------------------------------


def _text(folder: Path, frames: Sequence[Frame], rounds: int) -> dict[str, Any]:
    """The detector on captioned frames of 640 × 360, beside the package that ships its weights, as it comes."""
    captioned = np.stack([_captioned(frame, f"caption number {n}") for n, frame in enumerate(frames)])
    np.save(folder / "frames.npy", captioned)
    detector, took, found = dbnet.TextDetector(shipped.find(dbnet.SHIPPED)), list[float](), 0
    for _ in range(rounds + 1):
        began = time.process_time()
        found = sum(bool(detector(frame)) for frame in captioned)
        took.append((time.process_time() - began) * 1000 / len(captioned))
    ours = numbers.told(took[1:])
    return {"ours_ms": ours, "ours_found": found, PEER: _peer(folder / "frames.npy", rounds, ours["median"])}


def _captioned(frame: Frame, words: str) -> Frame:
    picture = Image.fromarray(frame).resize((640, 360))
    ImageDraw.Draw(picture).text((60, 300), words, font=ImageFont.load_default(28), fill="white", stroke_width=2,
                                 stroke_fill="black")  # fmt: skip
    return np.asarray(picture)


def _peer(frames: Path, rounds: int, ours_ms: float) -> dict[str, Any]:
    python = peers.python(PEER)
    if python is None:
        return {"missing": peers.why_missing(PEER)}
    words = [python, "-P", str(Path(__file__).with_name("extract_peer.py")), str(frames), str(rounds)]
    asked = subprocess.run(
        words, capture_output=True, text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    if asked.returncode:
        return {"missing": (asked.stderr.strip().splitlines() or ["no word of why"])[-1]}
    answer = json.loads(asked.stdout.splitlines()[-1])
    told = numbers.told(answer["ms"])
    return {"ms": told, "times_ours": told["median"] / ours_ms, "found": answer["found"]}


# --- passes -----------------------------------------------------------------------------------------------------------


def _passes(clip: Path, made: dict[str, Consumer], rounds: int) -> dict[str, Any]:
    """One decode that feeds all, beside one for each: by leaps, and read whole as a plain loop does."""

    def measured(passes: Iterable[Sequence[Consumer]], whole: bool) -> float:
        began = time.process_time()
        for consumers in passes:
            for frame in _read(clip, whole):
                for one in consumers:
                    one.frames(_batch([one.view(frame)]))
        return (time.process_time() - began) * 1000

    every = list(made.values())
    alone = [[one] for one in every]
    together, leaps, plain = numbers.repeated(
        rounds,
        lambda: measured([every], False),
        lambda: measured(alone, False),
        lambda: measured(alone, True),
    )
    ours, five, read_whole = (numbers.told(samples) for samples in (together, leaps, plain))
    return {
        "ours_ms": ours,
        "five_by_leaps_ms": five, "five_by_leaps_times_ours": five["median"] / ours["median"],
        "five_read_whole_ms": read_whole, "five_read_whole_times_ours": read_whole["median"] / ours["median"],
    }  # fmt: skip


def _read(clip: Path, whole: bool) -> Iterable[Frame]:
    if not whole:
        return (frame for _, _, frame in decode.frames(clip, WANTED))
    wanted = set(decode.uniform(decode.count(clip), WANTED))
    return (frame for index, frame in enumerate(clips.whole(clip)) if index in wanted)


def _batch(frames: Sequence[Frame]) -> Batch:
    count = len(frames)
    return Batch(np.stack(frames), ["clip"] * count, list(range(count)), [float(n) for n in range(count)])


# --- memory -----------------------------------------------------------------------------------------------------------


def _memory(frames: Sequence[Frame], count: int) -> dict[str, Any]:
    """The most that was resident in the first fifth of the frames and in the last; shapes change all the time.

    The allocator gives back when it likes, so that a single look may be a third lower than the next one.
    """
    made = [extractors.make(name, threads=os.cpu_count() or 1) for name in extractors.TABLE]
    small = [[np.asarray(Image.fromarray(frame).resize(size[::-1])) for frame in frames[:TOGETHER]] for size in SHAPES]
    batches, seen = [_batch(group) for group in small], list[int]()
    for number in range(count // TOGETHER):
        for one in made:
            one.frames(batches[number % len(batches)])
        seen.append(_resident())
    early, late = max(seen[: len(seen) // 5]), max(seen[-(len(seen) // 5) :])
    return {"frames": count, "early_mb": early / 1e6, "late_mb": late / 1e6, "grown": late / early - 1}


def _resident() -> int:
    import psutil

    return int(psutil.Process().memory_info().rss)


if __name__ == "__main__":
    print(json.dumps(main("--quick" in sys.argv), indent=2))
