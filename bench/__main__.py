"""`python -m bench [--quick] [NAME …]`: run the benchmarks, print their ratios, write `bench/results.json`."""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import sys
import time
from pathlib import Path
from typing import Any

NAMES = ("startup", "runs", "finetune")
RESULTS = Path(__file__).parent / "results.json"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *NAMES], metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="smaller sizes, for a first impression")
    asked = parser.parse_args()
    results = {"at": time.strftime("%Y-%m-%d"), "python": platform.python_version(), "quick": asked.quick}
    for name in asked.names or NAMES:
        print(f"== {name}", flush=True)
        results[name] = importlib.import_module(f"bench.{name}").main(asked.quick)
        for line in _lines(results[name]):
            print(f"  {line}", flush=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    return 0


def _lines(result: dict[str, Any], prefix: str = "") -> list[str]:
    lines = []
    for key, value in result.items():
        if isinstance(value, dict):
            lines += _lines(value, f"{prefix}{key}.")
        else:
            lines.append(
                f"{prefix + key:<48} {value:.4g}" if isinstance(value, float) else f"{prefix + key:<48} {value}"
            )
    return lines


if __name__ == "__main__":
    sys.exit(main())
