"""Where the weights of each round come from, as a small tree in text; a link that is missing is marked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.rounds import Result, Round

HASH = 12  # signs of a sha256 that people compare by eye
Known = dict[int, "Result"]


def tree(rounds: Sequence[Round], gone: Collection[str] = ()) -> list[str]:
    """The lines, a tree for each variable.

    Args:
        rounds: by number.
        gone: round/variable of weights that a round names and that are not there.
    """
    lines: list[str] = []
    for variable in dict.fromkeys(result.variable for round_ in rounds for result in round_.results):
        of_it = {round_.number: result for round_ in rounds for result in round_.results if result.variable == variable}
        lines += ["", variable, *_trees(of_it, gone)]
    return lines[1:]


def _trees(known: Known, gone: Collection[str]) -> Iterator[str]:
    """From each base the rounds that began with it, and below them those that went on from these."""
    fresh = [number for number, result in known.items() if result.from_round is None]
    for base in dict.fromkeys(known[number].from_file for number in fresh):
        yield f"  {base or 'random weights'}"
        yield from _below(known, [number for number in fresh if known[number].from_file == base], "  ", gone)
    lost = [n for n, result in known.items() if result.from_round is not None and result.from_round not in known]
    for number in lost:
        yield f"  ✗ round {known[number].from_round} is missing: {known[number].from_file}"
        yield from _below(known, [number], "  ", gone)


def _below(known: Known, numbers: Sequence[int], indent: str, gone: Collection[str]) -> Iterator[str]:
    for number in numbers:
        last = number == numbers[-1]
        yield f"{indent}{'└' if last else '├'}─ {_said(number, known, gone)}"
        children = [child for child, result in known.items() if result.from_round == number]
        yield from _below(known, children, indent + ("   " if last else "│  "), gone)


def _said(number: int, known: Known, gone: Collection[str]) -> str:
    result = known[number]
    words = f"round {number}  {result.weights_sha256[:HASH] or 'no sha256'}  {result.start}"
    faults = [f"  ✗ missing: {result.weights}"] if f"{number}/{result.variable}" in gone else []
    wanted = str(((result.raw.get("lineage") or {}).get("from") or {}).get("sha256") or "")
    parent = known.get(result.from_round) if result.from_round is not None else None
    if parent is not None and wanted and wanted != parent.weights_sha256:
        faults.append(f"  ✗ began with {wanted[:HASH]}, which is not what round {result.from_round} has now")
    return words + "".join(faults)
