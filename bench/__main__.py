"""`python -m bench [--quick] [--renew-docs] [NAME …]`: run benchmarks, print and keep what they found.

Each runs in a process of its own: one that fails is told, the others go on, and the exit code says so. What was found
is kept in `bench/results.json`, beside what the benchmarks that were not asked for found before.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import document, machine, words
from bench.budgets import BUDGETS, value

NAMES = (
    "startup", "keys", "wire", "tail", "million", "leet", "log", "table", "predictions", "curves", "recording",
    "annotate", "runs", "finetune", "annotations", "agreement", "coverage", "decode", "infer", "extract", "bucket",
    "ssh", "ensemble", "digits", "distill",
)  # fmt: skip
RESULTS = Path(__file__).parent / "results.json"
PATIENCE_S = 1800


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="smaller sizes, for a first impression")
    parser.add_argument("--renew-docs", action="store_true", help="write the table in docs/benchmarks.md; runs nothing")
    asked = parser.parse_args()
    if unknown := set(asked.names) - {*NAMES}:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    if asked.renew_docs:
        return _renew()
    failed = [name for name in asked.names or NAMES if not _run(name, asked.quick)]
    _judge(_known())
    if not asked.names:
        failed += [f"no result for {budget.key}" for budget in BUDGETS if value(_known(), budget.key) is None]
    print(f"failed: {', '.join(failed)}" if failed else "all ran")
    return 1 if failed else 0


def _run(name: str, quick: bool) -> bool:
    """Run one, and keep what it found at once; whether it went well."""
    print(f"== {name}", flush=True)
    on, began = machine.described(), time.perf_counter()
    try:
        found = _found(name, quick)
    except (subprocess.SubprocessError, ValueError) as error:
        print(f"   ✗ {error}", flush=True)
        found = {"failed": str(error)}
    at, seconds = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), time.perf_counter() - began
    kept = {**found, "run": {"at": at, "quick": quick, "seconds": seconds, "machine": on}}
    RESULTS.write_text(json.dumps({**_known(), name: kept}, indent=2) + "\n")
    for line in words.lines(found):
        print(f"   {line}", flush=True)
    return "failed" not in found


def _found(name: str, quick: bool) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.one", name, *["--quick"] * quick]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=PATIENCE_S)
    *said, last = ran.stdout.splitlines()
    for line in said:
        print(line)
    found = json.loads(last)
    assert isinstance(found, dict)
    return found


def _judge(results: dict[str, Any]) -> None:
    """Say of every budget whether it is kept."""
    for budget in BUDGETS:
        measured = value(results, budget.key)
        mark = "?" if measured is None else "✓" if budget.kept(measured) else "✗"
        said = "not measured" if measured is None else f"{words.number(measured)} {budget.unit}"
        print(f"{mark} {budget.name:<44} {said:<20} {'≥' if budget.least else '≤'} {words.number(budget.limit)}")


def _renew() -> int:
    if not RESULTS.exists():
        print(f"{RESULTS} is not there: run the benchmarks first", file=sys.stderr)
        return 1
    document.renew(_known())
    return 0


def _known() -> dict[str, Any]:
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    return {name: found for name, found in known.items() if name in NAMES and isinstance(found, dict)}


if __name__ == "__main__":
    sys.exit(main())
