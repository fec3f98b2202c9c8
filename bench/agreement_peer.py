"""`python agreement_peer.py NAME CODES.npy LABELS REPLICATES`: seconds that a peer takes; runs in its own environment.

A peer computes what it has: krippendorff alpha at three levels, interrater kappa, alpha, Fleiss's kappa, AC1 and S
with its own bootstrap (percentiles), scikit-learn kappa with three kinds of weights. Where a peer has no bootstrap,
units are drawn with replacement in a loop, as its users do.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

SEED = 0


def krippendorff(codes: Any, labels: int, replicates: int) -> float:
    import krippendorff as peer

    def once(drawn: Any) -> None:
        for level in ("nominal", "ordinal", "interval"):
            peer.alpha(reliability_data=drawn, level_of_measurement=level, value_domain=list(range(labels)))

    return _looped(codes, replicates, once)


def sklearn(codes: Any, labels: int, replicates: int) -> float:
    from sklearn.metrics import cohen_kappa_score

    def once(drawn: Any) -> None:
        for weights in (None, "linear", "quadratic"):
            cohen_kappa_score(drawn[0], drawn[1], labels=list(range(labels)), weights=weights)

    return _looped(codes, replicates, once)


def interrater(codes: Any, labels: int, replicates: int) -> float:
    import interrater as peer

    names = [f"l{n}" for n in range(labels)]
    categories = peer.build_categories({"kind": "unordered", "names": names})
    semantics = peer.RatingsSemantics(raters=["a", "b"], categories=categories)
    ratings = peer.Ratings(codes.T.astype(np.int8), semantics)
    began = time.perf_counter()
    for name in ("CohenKappa", "KrippendorffAlpha", "FleissKappa", "GwetAC1", "BrennanPrediger"):
        config = getattr(peer, f"{name}Config")(n_resamples=replicates, ci_method="percentile", random_state=SEED)
        getattr(peer, f"{name}Analyzer")(ratings, config).estimate()
    return time.perf_counter() - began


def _looped(codes: Any, replicates: int, once: Callable[[Any], None]) -> float:
    rng, units = np.random.default_rng(SEED), codes.shape[1]
    began = time.perf_counter()
    for _ in range(replicates):
        once(codes[:, rng.integers(0, units, units)])
    return time.perf_counter() - began


if __name__ == "__main__":
    given = np.load(sys.argv[2])
    peers = {"krippendorff": krippendorff, "scikit-learn": sklearn, "interrater": interrater}
    seconds = peers[sys.argv[1]](given, int(sys.argv[3]), int(sys.argv[4]))
    print(json.dumps({"seconds": seconds}))
