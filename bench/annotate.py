"""Annotate: a frame swapped at 120×40 beside ready widgets, and from a key to the next frame in a real tmux."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

from bench import labs, numbers, peers, pictures
from bench.table import Stage
from bench.tmux import Tmux
from engine.workspace import Workspace

PEERS = ("textual-image", "rich-pixels")
SIZE = (120, 40)
VIDEOS, FRAMES = 12, 10
WIDE, HIGH = 1280, 720
YAML = """name: bench
coders: [ana]
overlap: 1000
variables:
  perspective: {labels: [first, second, third, other]}
  distance: {labels: [personal, social, public, other]}
"""


def main(quick: bool) -> dict[str, Any]:
    rounds = 10 if quick else 40
    with labs.workspace() as there:
        _study(there)
        return {"swap_120x40": _swaps(rounds), "next_frame": _next(there, 20 if quick else 100)}


# --- swaps --------------------------------------------------------------------------------------------------------


def _swaps(rounds: int) -> dict[str, Any]:
    """Each peer between two rounds of ours, so that a slow moment of the machine meets all."""
    ours, found = [], {}
    for name in PEERS:
        ours.append(asyncio.run(pictures.swaps(Stage, rounds))["noise"]["swap_ms"]["median"])
        python = peers.python(name)
        if python is None:
            found[name] = f"not here: {peers.why_missing(name)}"
            continue
        script = str(Path(__file__).with_name("pixel_peers.py"))
        ran = subprocess.run(
            [python, "-P", script, name, str(rounds)], capture_output=True, text=True, timeout=300, check=True
        )
        theirs = numbers.told(json.loads(ran.stdout.splitlines()[-1]))
        found[name.replace("-", "_") + "_ms"] = theirs
        found[name.replace("-", "_") + "_to_ours"] = theirs["median"] / ours[-1]
    return {"ours_ms": statistics.median(ours), **found}


# --- the next frame -----------------------------------------------------------------------------------------------


def _study(there: Workspace) -> None:
    there.file.write_text(YAML)
    rows = [f"v{number},{index}" for number in range(VIDEOS) for index in range(FRAMES)]
    there.frames.write_text("\n".join(["video_id,frame_index", *rows]) + "\n")
    for number in range(VIDEOS):
        _video(there.root / "videos" / f"v{number}.mp4", number)


def _video(path: Path, number: int) -> None:
    import av
    import numpy as np

    chance = np.random.default_rng(number)
    base = np.kron(chance.integers(0, 256, (HIGH // 40, WIDE // 40, 3), np.uint8), np.ones((40, 40, 1), np.uint8))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDE, HIGH, "yuv420p"
        for index in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(np.roll(base, 25 * index, axis=1), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _next(there: Workspace, count: int) -> dict[str, Any]:
    """From the key that completes a frame to the next one on the screen, which its number shows.

    A second between two keys, as people need more; what they need first is that the frame is there when they look.
    """
    words = [labs.FOOTPLATE, "label", "--coder", "ana", "-w", str(there.root)]
    took, first = [], []
    with Tmux(words, size=SIZE, folder=there.root, environment={"COLORTERM": "truecolor"}) as terminal:
        opened = terminal.sees("0 of ") - terminal.began
        for place in range(count):
            time.sleep(0.5)
            began = time.perf_counter()
            terminal.type("w")
            first.append((terminal.sees("[first]") - began) * 1000)
            time.sleep(0.1)
            began = time.perf_counter()
            terminal.type("a")
            took.append((terminal.sees(f"{place + 1} of ") - began) * 1000)
    return {"opened_s": opened, "label_shown_ms": numbers.told(first), "next_frame_ms": numbers.told(took),
            "next_frame_p95_ms": numbers.percentile(took, 95)}  # fmt: skip
