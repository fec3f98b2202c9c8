"""How many units coded twice are needed before an alpha can be told from one that is too low."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

BOUNDS = (0.8, 0.667)  # reliable, and the lowest for tentative conclusions: Krippendorff (2018), ch. 12
ONE_SIDED_5_PERCENT = 1.6448536269514722


def units(bound: float, share: float, z: float = ONE_SIDED_5_PERCENT) -> int | None:
    """Units needed so that an alpha that seems good enough is above the bound; None where the label never occurs.

    Args:
        bound: the smallest acceptable alpha.
        share: of all codes that of the rarest label, above 0.
        z: of the level of significance, one-sided.

    Source: Krippendorff, Content Analysis, 4th ed. (2018), ch. 12, from Bloch and Kraemer, Biometrics 45 (1989), 3.7.
    """
    if not 0 < share < 1:
        return None
    fraction = (1 + bound) * (3 - bound) / (4 * (1 - bound) * share * (1 - share))
    return math.ceil(2 * z * z * (fraction - bound))


def needed(shares: Mapping[str, float], have: int) -> dict[str, Any]:
    """By bound: units needed for each label, for the rarest one in use, and how many more than there are."""
    used = {name: share for name, share in shares.items() if 0 < share < 1}
    found: dict[str, Any] = {}
    for bound in BOUNDS:
        by_label = {name: units(bound, share) for name, share in shares.items()}
        rarest = min(used, key=lambda name: used[name]) if used else None
        wanted = by_label[rarest] if rarest else None
        found[f"{bound:.3f}"] = {
            "alpha": bound, "units": wanted, "have": have, "more": None if wanted is None else max(0, wanted - have),
            "rarest_label": rarest, "share": used[rarest] if rarest else None, "by_label": by_label,
        }  # fmt: skip
    return found
