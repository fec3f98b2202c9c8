"""What a reader of a card must know before trusting it, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LEAST_CLUSTERS = 5  # of fewer there is no interval by video
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


Caution = tuple[str, str]  # its kind, and the words


def cautions(facts: Facts) -> list[Caution]:
    """All that apply."""
    return [*_of_data(facts), *_of_codes(facts), *_of_scale(facts), *_of_intervals(facts)]


def _of_data(facts: Facts) -> Iterator[Caution]:
    if facts.coders < 2:
        yield "no_overlap", "one coder only: there is nobody to agree with" if facts.coders else "no coder"
    if facts.idle:
        yield "idle_coder", f"without any code, and left out of kappa: {', '.join(facts.idle)}"
    if facts.coders > 1 and not facts.units:
        yield "no_overlap", "no doubly coded units: nothing can be compared"
    some, everyone = facts.blanks["units_some_blank"], facts.blanks["units_all_blank"]
    if some or everyone:
        yield (
            "blanks",
            f"blanks: {some} units were left blank by some and {everyone} by all who saw them; they count as missing"
            " (blank_as_label counts them as a label of their own)",
        )


def _of_codes(facts: Facts) -> Iterator[Caution]:
    if facts.unused:
        yield (
            "unused_labels",
            f"labels that nobody used: {', '.join(facts.unused)}; S, AC1 and AC2 count them among what chance could"
            " have given (labels_in_use has these without them)",
        )
    if facts.largest and facts.largest[1] >= PREVALENT:
        yield (
            "prevalence",
            f"prevalence: {facts.largest[1]:.0%} of the codes are {facts.largest[0]!r}; kappa and alpha are low then"
            " even with high agreement, since chance agrees as well",
        )
    if facts.gap is not None and facts.gap >= BIASED:
        yield (
            "coder_bias",
            f"coder bias: two coders' shares of labels differ by {facts.gap:.0%}; kappa rises with such a gap where"
            " alpha and pi do not: read alpha, and train the coders",
        )
    alpha = facts.values.get("alpha_nominal")
    if alpha is not None and alpha < 0:
        yield (
            "below_chance",
            "alpha is below 0: coders disagree more than chance would; see whether labels were swapped",
        )


def _of_scale(facts: Facts) -> Iterator[Caution]:
    if facts.level == "nominal" and facts.labels > 2:
        yield (
            "no_scale",
            "the level is nominal: weighted kappas, AC2 and the ordinal and interval alpha take the codebook's order"
            " for a scale, and mean nothing where it is none",
        )
    if not facts.numbers:
        yield (
            "places_as_values",
            "labels are no numbers: alpha_interval takes their places in the codebook (1, 2, 3, ...) for their values",
        )


def _of_intervals(facts: Facts) -> Iterator[Caution]:
    if 0 < facts.units < FEW_UNITS:
        yield (
            "few_units",
            f"few units: {facts.units}; nominal 95 % intervals of 41 to 53 units with kappa .92 hold the truth in 81 to"
            " 94 % of cases",
        )
    if facts.agreed == 1.0 and facts.units:
        yield (
            "no_disagreement",
            f"no disagreement in {facts.units} units: intervals by resampling have no width; by the rule of three the"
            f" share of disagreement is below {min(3 / facts.units, 1.0):.3g} with 95 % confidence (one_sided)",
        )
    yield from _of_clusters(facts)
    if 0 < facts.replicates < facts.asked:
        words = f"{facts.replicates:,} replicates instead of {facts.asked:,}, since more would have taken minutes"
        yield "fewer_replicates", words
    for name, count in facts.undefined.items():
        if count:
            share = f"{count:,} of {facts.replicates:,} replicates"
            words = f"{name}: undefined in {share} (no variation), which were left out of its intervals"
            yield "undefined_replicates", words


def _of_clusters(facts: Facts) -> Iterator[Caution]:
    if facts.clusters is None or not facts.units:
        return
    if facts.clusters < LEAST_CLUSTERS:
        yield "few_videos", f"few videos: {facts.clusters}; an interval by video (cluster) needs {LEAST_CLUSTERS}"
    elif facts.clusters < FEW_CLUSTERS:
        words = "the interval by video (cluster) is widened for that, and may still be too narrow"
        yield "few_videos", f"few videos: {facts.clusters}; {words}"
    yield (
        "video_clusters",
        "frames of one video share their difficulty: intervals by unit (bca, percentile, analytic) are too narrow"
        " then; read the one by video (cluster)",
    )
