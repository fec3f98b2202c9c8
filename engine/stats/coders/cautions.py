"""What a reader of a card must know before trusting it, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

FEW_UNITS, FEW_CLUSTERS = 100, 20
PREVALENT, BIASED = 0.85, 0.15


@dataclass(frozen=True)
class Facts:
    """What cautions depend on."""

    level: str
    labels: int
    numbers: bool
    coders: int
    idle: tuple[str, ...]  # coders without any code
    unused: tuple[str, ...]  # labels
    units: int
    agreed: float | None
    largest: tuple[str, float] | None
    gap: float | None
    blanks: Mapping[str, Any]
    clusters: int | None
    values: Mapping[str, float | None]
    undefined: Mapping[str, int]
    replicates: int
    asked: int


def cautions(facts: Facts) -> list[str]:
    """All that apply."""
    return [*_of_data(facts), *_of_scale(facts), *_of_intervals(facts)]


def _of_data(facts: Facts) -> Iterator[str]:
    if facts.coders < 2:
        yield "one coder only: there is nobody to agree with" if facts.coders else "no coder"
    if facts.idle:
        yield f"without any code, and left out of kappa: {', '.join(facts.idle)}"
    if facts.coders > 1 and not facts.units:
        yield "no doubly coded units: nothing can be compared"
    if facts.unused:
        yield (
            f"labels that nobody used: {', '.join(facts.unused)}; S, AC1 and AC2 count them among what chance could"
            " have given (labels_in_use has these without them)"
        )
    if facts.largest and facts.largest[1] >= PREVALENT:
        yield (
            f"prevalence: {facts.largest[1]:.0%} of the codes are {facts.largest[0]!r}; kappa and alpha are low then"
            " even with high agreement, since chance agrees as well"
        )
    if facts.gap is not None and facts.gap >= BIASED:
        yield (
            f"coder bias: two coders' shares of labels differ by {facts.gap:.0%}; kappa rises with such a gap where"
            " alpha and pi do not: read alpha, and train the coders"
        )
    if facts.blanks["units_some_blank"] or facts.blanks["units_all_blank"]:
        some, everyone = facts.blanks["units_some_blank"], facts.blanks["units_all_blank"]
        yield (
            f"blanks: {some} units were left blank by some and {everyone} by all who saw them; they count as missing"
            " (blank_as_label counts them as a label of their own)"
        )
    alpha = facts.values.get("alpha_nominal")
    if alpha is not None and alpha < 0:
        yield "alpha is below 0: coders disagree more than chance would; see whether labels were swapped"


def _of_scale(facts: Facts) -> Iterator[str]:
    if facts.level == "nominal" and facts.labels > 2:
        yield (
            "the level is nominal: weighted kappas, AC2 and the ordinal and interval alpha take the codebook's order"
            " for a scale, and mean nothing where it is none"
        )
    if not facts.numbers:
        yield "labels are no numbers: alpha_interval takes their places in the codebook (1, 2, 3, ...) for their values"


def _of_intervals(facts: Facts) -> Iterator[str]:
    if 0 < facts.units < FEW_UNITS:
        yield (
            f"few units: {facts.units}; nominal 95 % intervals of 41 to 53 units with kappa .92 hold the truth in 81 to"
            " 94 % of cases"
        )
    if facts.agreed == 1.0 and facts.units:
        bound = 3 / facts.units
        yield (
            f"no disagreement in {facts.units} units: intervals by resampling have no width; by the rule of three the"
            f" share of disagreement is below {min(bound, 1.0):.3g} with 95 % confidence (one_sided)"
        )
    if facts.clusters is not None and facts.units:
        if facts.clusters < FEW_CLUSTERS:
            yield f"few videos: {facts.clusters}; the interval by video (cluster) is too narrow where there are few"
        yield (
            "frames of one video share their difficulty: intervals by unit (bca, percentile, analytic) are too narrow"
            " then; read the one by video (cluster)"
        )
    if facts.replicates < facts.asked:
        yield f"{facts.replicates:,} replicates instead of {facts.asked:,}, since more would have taken minutes"
    for name, count in facts.undefined.items():
        if count:
            share = f"{count:,} of {facts.replicates:,} replicates"
            yield f"{name}: undefined in {share} (no variation), which were left out of its intervals"
