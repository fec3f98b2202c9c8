"""The tables in `docs/benchmarks.md`, made from `bench/results.json`; what stands around them is written by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench import words
from bench.budgets import BUDGETS, value
from engine.files import write_atomic

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"


def renew(results: Mapping[str, Any]) -> None:
    """Write the tables between the marks."""
    write_atomic(DOCUMENT, renewed(DOCUMENT.read_text(encoding="utf-8"), results))


def renewed(text: str, results: Mapping[str, Any]) -> str:
    """The document with new tables."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT.name} has lost its marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{figures(results)}\n{END}{after}"


def figures(results: Mapping[str, Any]) -> str:
    """The budgets, then all that was measured, a table a benchmark."""
    return "\n".join([*_budgets(results), *(line for name, found in results.items() for line in _section(name, found))])


def _budgets(results: Mapping[str, Any]) -> Iterator[str]:
    yield "### Budgets"
    yield "| what | measured | budget | |"
    yield "|---|---|---|---|"
    for budget in BUDGETS:
        measured = value(results, budget.key)
        kept = "not measured" if measured is None else "kept" if budget.kept(measured) else "**missed**"
        said = "" if measured is None else words.told(_at(results, budget.key))
        limit = f"{'≥' if budget.least else '≤'} {words.number(budget.limit)} {budget.unit}".rstrip()
        yield f"| {budget.name} | {said} | {limit} | {kept} |"


def _section(name: str, found: Mapping[str, Any]) -> Iterator[str]:
    run = found.get("run", {})
    yield f"\n### {name}"
    yield f"{_when(run)}\n"
    if "failed" in found:
        yield f"It failed: `{found['failed']}`"
        return
    yield "| result | median (5th–95th percentile) | samples |"
    yield "|---|---|---|"
    yield from (_row(key, result) for key, result in words.flat(found) if not key.startswith("run."))


def _when(run: Mapping[str, Any]) -> str:
    on = run.get("machine", {})
    if not on:
        return "Of an earlier run, on a machine that was not described."
    loads = " ".join(map(str, on.get("load_average", ())))
    size = ", quick" if run.get("quick") else ""
    return f"{run.get('at', '')}{size}; {on.get('cores')} cores of {on.get('processor')}; load before {loads}."


def _row(key: str, result: Any) -> str:
    count = result["count"] if isinstance(result, Mapping) else ""
    return f"| {key} | {words.told(result)} | {count} |"


def _at(results: Mapping[str, Any], key: str) -> Any:
    found: Any = results
    for part in key.split("."):
        found = found[part]
    return found
