"""Pictures of results, the same bytes for the same numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from engine.stats.metrics import Ints


def confusion(tables: Mapping[str, Ints], classes: Sequence[str], title: str) -> bytes:
    """A PNG with one confusion matrix (K, K) beside the other, a title above each."""
    size = max(3.0, 0.7 * len(classes) + 1.6)
    with matplotlib.rc_context({"font.family": "DejaVu Sans", "font.size": 9}):
        figure = Figure(figsize=(size * len(tables), size + 0.4), dpi=120, layout="constrained")
        figure.suptitle(title)
        for place, (name, table) in enumerate(tables.items(), start=1):
            _matrix(figure.add_subplot(1, len(tables), place), table, classes, name)
        return _png(figure)


def _matrix(axes: Axes, table: Ints, classes: Sequence[str], name: str) -> None:
    shares = table / table.sum(1, keepdims=True).clip(1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set(title=name, xlabel="prediction", ylabel="label", xticks=range(len(classes)), yticks=range(len(classes)))
    axes.set_xticklabels(classes, rotation=30, ha="right")
    axes.set_yticklabels(classes)
    for row in range(len(classes)):
        for column in range(len(classes)):
            colour = "white" if shares[row, column] > 0.6 else "black"
            axes.text(column, row, str(table[row, column]), ha="center", va="center", color=colour)


def reliability(diagrams: Mapping[str, Sequence[Mapping[str, Any]]], title: str) -> bytes:
    """A PNG with one reliability diagram beside the other, a title above each.

    Args:
        diagrams: of each title its bins: low, high, frames, confidence and accuracy, None where a bin has no frames.
    """
    with matplotlib.rc_context({"font.family": "DejaVu Sans", "font.size": 9}):
        figure = Figure(figsize=(3.6 * len(diagrams), 4.0), dpi=120, layout="constrained")
        figure.suptitle(title)
        for place, (name, bins) in enumerate(diagrams.items(), start=1):
            _diagram(figure.add_subplot(1, len(diagrams), place), bins, name)
        return _png(figure)


def _diagram(axes: Axes, bins: Sequence[Mapping[str, Any]], name: str) -> None:
    """Bars of accuracy, the diagonal on which they should end, and how many frames each bin has of all."""
    used = [one for one in bins if one["frames"]]
    total = sum(one["frames"] for one in used)
    lows, widths = [one["low"] for one in used], [one["high"] - one["low"] for one in used]
    axes.bar(lows, [one["accuracy"] for one in used], widths, align="edge", color="#6b9ac4", edgecolor="white")
    axes.plot([0, 1], [0, 1], color="black", linestyle="--", linewidth=1)
    axes.plot([one["confidence"] for one in used], [one["accuracy"] for one in used], "o", color="black", markersize=3)
    axes.bar(lows, [0.2 * one["frames"] / total for one in used], widths, align="edge", color="#00000030")
    axes.set(title=name, xlabel="confidence", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1))
    axes.set_aspect("equal")


def _png(figure: Figure) -> bytes:
    buffer = BytesIO()
    # Without this the picture names the version of the library that drew it.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
