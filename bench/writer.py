"""`python -m bench.writer PATH LINES_PER_S SECONDS`: appends numbered lines that carry the time of their writing.

A process of its own, so that writing does not share an interpreter with whoever reads. At the end it prints, as JSON,
how many lines there were, in how many seconds, and the processor time that this took.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

EVERY_S = 0.005


def main(path: str, lines_per_s: float, seconds: float) -> dict[str, float]:
    """Append for so many seconds."""
    number, began = 0, time.time()
    with Path(path).open("ab", buffering=0) as file:
        while (now := time.time()) < began + seconds:
            due = int((now - began) * lines_per_s)
            file.write(b"".join(line(number, now) for number in range(number, due)))
            number = due
            time.sleep(EVERY_S)
    return {"lines": number, "seconds": time.time() - began, "cpu_s": time.process_time()}


def line(number: int, at: float) -> bytes:
    """One line, as a training loop words it."""
    return b"%09d at=%.4f loss=0.693147 lr=0.000300 grad_norm=1.234\n" % (number, at)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))))
