"""`python decode_peer.py NAME CLIP WANTED ROUNDS OUT.npy`: processor seconds of a peer for ten frames of a clip.

Runs in the peer's own environment. Each opens the file anew every time, on one thread, as a process among many does.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

Read = Callable[[str, Sequence[int]], Any]


def opencv(path: str, wanted: Sequence[int]) -> Any:
    """Reads all frames up to the last one: its seek is wrong on variable frame rates."""
    import cv2

    os.environ["OPENCV_FFMPEG_THREADS"] = "1"
    clip, left, found = cv2.VideoCapture(path), set(wanted), []
    for index in range(max(wanted) + 1):
        if index not in left:
            clip.grab()
            continue
        _, frame = clip.read()
        found.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    return np.stack(found)


def torchcodec(path: str, wanted: Sequence[int]) -> Any:
    from torchcodec.decoders import VideoDecoder

    decoder = VideoDecoder(path, seek_mode="exact", num_ffmpeg_threads=1, dimension_order="NHWC")
    return decoder.get_frames_at(list(wanted)).data.numpy()


def decord(path: str, wanted: Sequence[int]) -> Any:
    from decord import VideoReader, cpu

    return VideoReader(path, ctx=cpu(0), num_threads=1).get_batch(list(wanted)).asnumpy()


READERS: dict[str, Read] = {"opencv": opencv, "torchcodec": torchcodec, "decord": decord}


def main(name: str, path: str, wanted: str, rounds: str, out: str) -> int:
    """Time it, and keep what it read."""
    read, indices, took = READERS[name], json.loads(wanted), []
    frames = read(path, indices)  # the first time loads libraries
    for _ in range(int(rounds)):
        began = time.process_time()
        frames = read(path, indices)
        took.append(time.process_time() - began)
    np.save(out, frames)
    print(json.dumps(took))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
