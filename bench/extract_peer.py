"""`python extract_peer.py FRAMES.npy ROUNDS`: processor milliseconds a frame of rapidocr's detector as it comes.

Runs in the peer's own environment, on one thread.
"""

from __future__ import annotations

import json
import logging
import sys
import time

import numpy as np


def main() -> None:
    from rapidocr import RapidOCR

    logging.disable(logging.CRITICAL)
    engine = RapidOCR(params={
        "EngineConfig.onnxruntime.intra_op_num_threads": 1, "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    })  # fmt: skip
    frames = np.ascontiguousarray(np.load(sys.argv[1])[..., ::-1])
    took, found = [], 0
    for _ in range(int(sys.argv[2]) + 1):
        began = time.process_time()
        answers = [engine(frame, use_det=True, use_cls=False, use_rec=False) for frame in frames]
        took.append((time.process_time() - began) * 1000 / len(frames))
        found = sum(answer.boxes is not None and len(answer.boxes) > 0 for answer in answers)
    print(json.dumps({"ms": took[1:], "found": found}))


if __name__ == "__main__":
    main()
