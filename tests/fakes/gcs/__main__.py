"""`python -m tests.fakes.gcs [--latency SECONDS] [COUNTxBYTES …]`: the pretended cloud as a process of its own.

Its first line is JSON: its endpoint. The bucket `lab` holds COUNT objects of so many bytes below `COUNTxBYTES/`.
It ends with its standard input.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import threading

from tests.fakes.gcs import Gcs

KINDS = 16  # of bytes; objects that hold the same share the memory, as a thousand megabytes are not needed for a test


def fill(cloud: Gcs, what: str) -> None:
    """Objects of one size."""
    count, size = (int(word) for word in what.split("x"))
    kinds = [os.urandom(size) for _ in range(min(KINDS, count))]
    for number in range(count):
        cloud.holdings.put("lab", f"{what}/{number:06}", kinds[number % KINDS], {}, {})


def main() -> None:
    """Serve until nobody is there any more."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("fill", nargs="*")
    asked, cloud = parser.parse_args(), Gcs()
    cloud.holdings.make("lab")
    for what in asked.fill:
        fill(cloud, what)
    cloud.faults.slow(asked.latency)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    sys.stdout.write(json.dumps({"endpoint": cloud.endpoint}) + "\n")
    sys.stdout.flush()
    asyncio.run(cloud.run())


if __name__ == "__main__":
    main()
