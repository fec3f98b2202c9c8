"""Intervals of all coefficients of agreement by 10,000 replicates, from 53 units to a million; beside three peers.

Ours draws the table of patterns of codes anew, for all twelve coefficients together, with BCa and percentiles; timed
are the intervals alone and the whole card, from an array and from lists of texts. Peers compute what they have:
krippendorff alpha at three levels and scikit-learn three kappas, both in a loop that draws units, as their users do;
interrater five coefficients with a bootstrap of its own, percentiles only. Peers are asked for fewer replicates, since
10,000 would take them hours; their time grows with the number, so its seconds are those of one, times 10,000.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench import peers
from bench.numbers import repeated, told
from engine.stats.agreement import card
from engine.stats.coders.codebook import Codebook
from engine.stats.coders.part import part
from engine.stats.coders.patterns import patterns
from engine.stats.coders.spread import How, spread

SIZES = (53, 1_000, 100_000, 1_000_000)
LABELS = 5
REPLICATES = 10_000
ASKED_OF_PEERS = {53: 500, 1_000: 200, 100_000: 20, 1_000_000: 3}  # replicates
LEAST = {"interrater": 20}  # of so few that the estimate lies outside of them all it makes an error
PATIENCE_S = 240.0


def main(quick: bool) -> dict[str, Any]:
    """Milliseconds of ours, seconds of theirs, and how many times as long they take."""
    found: dict[str, Any] = {"replicates": REPLICATES, "labels": LABELS, "missing": {}}
    with tempfile.TemporaryDirectory() as folder:
        for units in SIZES[:2] if quick else SIZES:
            found[f"n_{units}"] = _size(two_coders(units), Path(folder), 3 if quick else 9)
    codes = two_coders(SIZES[-1])
    codes = np.where(np.random.default_rng(1).random(codes.shape) < 0.1, np.nan, codes)
    found["missing"]["n_1000000_intervals_ms"] = told(repeated(3 if quick else 9, _intervals(codes))[0])
    return found


def two_coders(units: int) -> Any:
    """(2, N) codes of two coders, who differ in about one unit of eight."""
    rng = np.random.default_rng(units)
    truth = rng.choice(LABELS, units, p=[0.35, 0.3, 0.2, 0.1, 0.05])
    return np.stack([np.where(rng.random(units) < 0.08, rng.integers(0, LABELS, units), truth) for _ in range(2)])


def _size(codes: Any, folder: Path, rounds: int) -> dict[str, Any]:
    texts = [[f"label {code}" for code in row] for row in codes.tolist()]
    labels, names = list(range(LABELS)), [f"label {n}" for n in range(LABELS)]
    samples = repeated(
        rounds, _intervals(codes), _timed(lambda: card(codes, labels, "ordinal")),
        _timed(lambda: card(texts, names, "ordinal")),
    )  # fmt: skip
    ours = dict(zip(("intervals_ms", "card_ms", "card_from_lists_ms"), map(told, samples), strict=True))
    return {"ours": ours, **_peers(codes, folder, told(samples[1])["median"] / 1000)}


def _timed(do: Callable[[], object]) -> Callable[[], float]:
    def measure() -> float:
        began = time.perf_counter()
        do()
        return (time.perf_counter() - began) * 1000

    return measure


def _intervals(codes: Any) -> Callable[[], float]:
    """The replicates, BCa and percentiles of all coefficients, of patterns that are counted already."""
    book = Codebook(list(range(LABELS)), "ordinal")
    whole = part(patterns(codes, book), book, ["a", "b"])
    return _timed(lambda: spread(whole.patterns, whole.summed, book, whole.values, None, How(REPLICATES)))


def _peers(codes: Any, folder: Path, ours_s: float) -> dict[str, Any]:
    path = folder / "codes.npy"
    np.save(path, codes)
    pythons = {"krippendorff": peers.python("krippendorff"), "scikit-learn": sys.executable,
               "interrater": peers.python("interrater")}  # fmt: skip
    found: dict[str, Any] = {}
    for name, python in pythons.items():
        seconds = _peer(name, python, path, codes.shape[1]) if python else peers.why_missing(name)
        found[name] = {"seconds": seconds}
        if not isinstance(seconds, str):
            found[name]["times_ours"] = seconds / ours_s
    return found


def _peer(name: str, python: str, path: Path, units: int) -> float | str:
    """Seconds for all replicates; in words why there are none."""
    few = max(ASKED_OF_PEERS[units], LEAST.get(name, 0))
    try:
        return _asked(name, python, path, few) / few * REPLICATES
    except subprocess.TimeoutExpired:
        return f"not done with {few} replicates after {PATIENCE_S:.0f} s"
    except subprocess.CalledProcessError as error:
        return f"failed: {error.stderr.strip().splitlines()[-1]}"


def _asked(name: str, python: str, path: Path, replicates: int) -> float:
    script = Path(__file__).with_name("agreement_peer.py")
    words = [python, "-P", str(script), name, str(path), str(LABELS), str(replicates)]
    ran = subprocess.run(words, check=True, capture_output=True, text=True, timeout=PATIENCE_S)
    return float(json.loads(ran.stdout.splitlines()[-1])["seconds"])
