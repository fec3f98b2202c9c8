"""`python -m bench.one NAME [--quick]`: one benchmark in a process of its own; its results are a last line of JSON."""

from __future__ import annotations

import importlib
import json
import sys


def main(words: list[str]) -> int:
    """Run one benchmark and print what it found."""
    found = importlib.import_module(f"bench.{words[0]}").main("--quick" in words)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
