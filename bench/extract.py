"""Features of videos: text at a fixed size beside rapidocr's own path, one decode beside five, flat memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
from PIL import Image, ImageDraw, ImageFont

from bench import decode as clips
from bench import numbers, peers
from engine.scaling import listing, pipeline
from engine.scaling.fetching import Here
from engine.scaling.journal import Journal
from engine.scaling.pipeline import Pipeline
from engine.vision import decode, extractors
from engine.vision.consuming import Batch, Consumer
from engine.vision.decode import Frame
from engine.vision.detecting import dbnet, shipped, tinyyolo

WANTED = 10
SECONDS = (10, 40)
SHAPES = ((180, 320), (320, 180), (150, 200))
PEER = "rapidocr"


def main(quick: bool) -> dict[str, Any]:
    """Milliseconds of the processor a frame or a clip on one thread, how often ours that is, and bytes kept."""
    shipped.fetch()
    made = {name: extractors.make(name) for name in extractors.TABLE}
    with tempfile.TemporaryDirectory() as folder:
        made_clips = {f"clip_{length}_s": clips.made(Path(folder, f"clip{length}.mp4"), length)
                      for length in (SECONDS[:1] if quick else SECONDS)}  # fmt: skip
        frames = [frame for _, _, frame in decode.frames(next(iter(made_clips.values())), WANTED)]
        return {
            "text": _text(Path(folder), frames, 2 if quick else 5),
            **{name: _passes(clip, made, 1 if quick else 3) for name, clip in made_clips.items()},
            "memory": _memory(Path(folder), frames, 60 if quick else 1000),
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
    """One decode that feeds all, beside one for each: by leaps, and read whole as a plain loop does.

    With W for reading whole, L for leaps and D for the detectors the ratios are (5 W + D) / (L + D) and (5 L + D) /
    (L + D): the longer a clip, the larger the first one.
    """

    def measured(passes: Iterable[Sequence[Consumer]], whole: bool) -> float:
        began = time.process_time()
        for consumers in passes:
            for frame in _read(clip, whole):
                for one in consumers:
                    one.frames(_batch([one.view(frame)]))
        return (time.process_time() - began) * 1000

    every = list(made.values())
    alone = [[one] for one in every]
    decoding, together, leaps, plain = numbers.repeated(
        rounds,
        lambda: measured([[]], False),
        lambda: measured([every], False),
        lambda: measured(alone, False),
        lambda: measured(alone, True),
    )
    ours, five, read_whole = (numbers.told(samples) for samples in (together, leaps, plain))
    return {
        "ours_ms": ours, "decode_share": numbers.told(decoding)["median"] / ours["median"],
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


def _memory(folder: Path, frames: Sequence[Frame], videos: int) -> dict[str, Any]:
    """The whole pipeline over many small clips of three shapes: decoders, five real extractors, journals.

    Told is the most that was resident in the second tenth of the videos and in the last one, of this process and of
    those that decode; the allocator gives back when it likes, so that a single look may be a third lower than the next.
    Inputs of the two networks that see every frame at one size are made smaller, or it would take half an hour.
    """
    dbnet.LONG, dbnet.SHORT, tinyyolo.SIDE = 320, 192, 160
    place = folder / "many"
    place.mkdir()
    for number, size in enumerate(SHAPES):
        _small(folder / f"small{number}.mp4", frames, size)
    for number in range(videos):
        (place / f"clip{number:05}.mp4").hardlink_to(folder / f"small{number % len(SHAPES)}.mp4")
    made = [extractors.make(name, threads=os.cpu_count() or 1) for name in extractors.TABLE]
    seen = list(_resident(place, folder / "journals", made))
    tenth = len(seen) // 10
    early, late = max(seen[tenth : 2 * tenth]), max(seen[-tenth:])
    return {"frames": videos * WANTED, "early_mb": early / 1e6, "late_mb": late / 1e6, "grown": late / early - 1}


def _small(path: Path, frames: Sequence[Frame], size: tuple[int, int]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.height, stream.width, stream.pix_fmt = *size, "yuv420p"
        for frame in frames:
            picture = np.asarray(Image.fromarray(frame).resize(size[::-1]))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))


def _resident(place: Path, work: Path, made: Sequence[Consumer]) -> Iterator[int]:
    """Bytes of this process and of its children, after each video."""
    ours, items = psutil.Process(), listing.folder(place).items
    journals = [Journal(work / one.name) for one in made]
    left = pipeline.missing(items, journals)
    run = Pipeline(left, made, journals, Here(), frames=WANTED, decoders=2, deadline_s=600)
    with closing(run.run()) as steps:
        for step in steps:
            if step.video_id:
                yield sum(_bytes(one) for one in (ours, *ours.children()))
    for journal in journals:
        journal.close()


def _bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


if __name__ == "__main__":
    print(json.dumps(main("--quick" in sys.argv), indent=2))
