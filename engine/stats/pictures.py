"""Pictures of results, the same bytes for the same numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO

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


def _png(figure: Figure) -> bytes:
    buffer = BytesIO()
    # Without this the picture names the version of the library that drew it.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
