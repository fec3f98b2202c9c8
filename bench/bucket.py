"""Buckets through 40 ms of latency: 15,000 objects listed with progress, 1,000 of a megabyte read, against threads.

The cloud is the tests' own server, in a process of its own on this computer; how busy it was stands beside, since a
server without a moment to spare would be what is measured. The peer is google-cloud-storage with 8, 32 and 64 threads,
as its documentation reads many objects. Both check every hash. Beside the speed stand what an object costs this process
in processor time, which a busy machine leaves as it is, and the memory that it holds at most.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from bench import numbers
from vmops import bucket
from vmops.bucket import Bucket, Entry

LATENCY_S = 0.04
SIZE = 1_000_000
LISTED = 15_000
ROOT = Path(__file__).resolve().parent.parent


def main(quick: bool) -> dict[str, Any]:
    """Listing and reading, thrice each in turn; with `quick` 200 objects are read, once."""
    count, rounds = (200, 1) if quick else (1000, 3)
    with _cloud(f"{count}x{SIZE}", f"{LISTED}x1") as (endpoint, server):
        there = bucket.open("gs://lab", endpoint=endpoint)
        entries = list(there.entries(f"{count}x{SIZE}/"))
        return {
            "latency_ms": LATENCY_S * 1000,
            f"list_{LISTED}": _listed(there, rounds),
            "read": _read(there, endpoint, entries, rounds, server),
        }


@contextmanager
def _cloud(*filled: str) -> Iterator[tuple[str, psutil.Process]]:
    words = [sys.executable, "-m", "tests.fakes.gcs", "--latency", str(LATENCY_S), *filled]
    server = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin and server.stdout
    try:
        yield json.loads(server.stdout.readline())["endpoint"], psutil.Process(server.pid)
    finally:
        server.stdin.close()
        server.wait(20)


def _listed(there: Bucket, rounds: int) -> dict[str, Any]:
    """How long a listing takes, how long its first object, and how often somebody can be told of progress."""
    first, whole, pages = [], [], 0
    for _ in range(rounds):
        began, count = time.perf_counter(), 0
        for count, _entry in enumerate(there.entries(f"{LISTED}x1/"), start=1):
            if count == 1:
                first.append(time.perf_counter() - began)
            pages += count % bucket.PAGE == 0
        whole.append(time.perf_counter() - began)
        assert count == LISTED
    return {"s": numbers.told(whole), "first_object_s": numbers.told(first), "words_of_progress": pages // rounds}


def _read(there: Bucket, endpoint: str, entries: list[Entry], rounds: int, server: psutil.Process) -> dict[str, Any]:
    google = _Google(endpoint)
    ways = _ways(there, google, entries)
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    busy: dict[str, list[float]] = {name: [] for name in ways}
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):  # in turn, so that a slow moment of the machine meets all of them
        for name, way in ways.items():
            before, began, cpu = sum(server.cpu_times()[:2]), time.perf_counter(), time.process_time()
            assert way() == len(entries) * SIZE
            took = time.perf_counter() - began
            spent[name].append((time.process_time() - cpu) * 1e3 / len(entries))
            speeds[name].append(len(entries) * SIZE / 1e6 / took)
            busy[name].append(100 * (sum(server.cpu_times()[:2]) - before) / took)
    found = {
        name: {
            "mb_per_s": numbers.told(speeds[name]),
            "cpu_ms_an_object": numbers.told(spent[name]),
            "added_mib": _memory(name, endpoint, len(entries)),
            "server_busy_percent": numbers.told(busy[name]),
        }
        for name in ways
    }
    best = max(numbers.told(speeds[name])["median"] for name in ways if name.startswith("google"))
    return {**found, "ratio_to_the_best_of_google": numbers.told(speeds["ours_64_in_flight"])["median"] / best}


def _ways(there: Bucket, google: _Google, entries: list[Entry]) -> dict[str, Callable[[], int]]:
    """How all objects can be read; each answers with how many bytes these were."""
    return {
        "ours_64_in_flight": lambda: sum(len(got.data or b"") for got in there.read_many(entries, 64)),
        **{f"google_{threads}_threads": _threads(google, entries, threads) for threads in (8, 32, 64)},
    }


def _memory(name: str, endpoint: str, count: int) -> float:
    """MiB that one way of reading adds at most, in a process that has read nothing before."""
    words = [sys.executable, "-m", "bench.bucket", "--memory", name, endpoint, str(count)]
    return float(subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def _measured(name: str, endpoint: str, count: int) -> float:
    there, google, me = bucket.open("gs://lab", endpoint=endpoint), _Google(endpoint), psutil.Process()
    entries = list(there.entries(f"{count}x{SIZE}/"))
    way, ends, before = _ways(there, google, entries)[name], threading.Event(), me.memory_info().rss
    most = [before]

    def look() -> None:
        while not ends.wait(0.01):
            most[0] = max(most[0], me.memory_info().rss)

    looker = threading.Thread(target=look)
    looker.start()
    way()
    ends.set()
    looker.join()
    return (most[0] - before) / 2**20


class _Google:
    """The peer: Google's client, with connections for all threads."""

    def __init__(self, endpoint: str) -> None:
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import storage
        from requests.adapters import HTTPAdapter

        self.client = storage.Client("lab", AnonymousCredentials(), client_options={"api_endpoint": endpoint})
        self.client._http.mount("http://", HTTPAdapter(pool_connections=4, pool_maxsize=64))

    def read(self, entry: Entry) -> int:
        blob = self.client.bucket("lab").blob(entry.name, generation=entry.generation)
        return len(blob.download_as_bytes(checksum="crc32c"))


def _threads(google: _Google, entries: list[Entry], threads: int) -> Callable[[], int]:
    def way() -> int:
        with ThreadPoolExecutor(threads) as pool:
            return sum(pool.map(google.read, entries))

    return way


if __name__ == "__main__" and sys.argv[1:2] == ["--memory"]:
    print(_measured(sys.argv[2], sys.argv[3], int(sys.argv[4])))
elif __name__ == "__main__":
    print(json.dumps(main("--quick" in sys.argv), indent=1), os.cpu_count())
