"""`footplate`: without a verb it opens the screens; every verb is handed to the engine."""

from __future__ import annotations

import sys


def main(argv: list[str] | None = None) -> int:
    """Do what the command line asks; the exit code. Nothing is imported before it is known what for."""
    words = sys.argv[1:] if argv is None else argv
    if words == ["--version"]:
        from engine import __version__

        print(f"footplate {__version__}")
        return 0
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if words[:1] == ["screens"] or (on_terminal and (not words or words[0].startswith("-"))):
        from tui import opening, options

        if asked := options.parsed(words):
            return opening.screens(asked)
    if on_terminal and words[:1] == ["demo"] and not {"--json", "--prepare-only", "--help", "-h"} & {*words}:
        from tui import opening

        return opening.demo(words)
    from engine.__main__ import main as engine

    return engine(words, "footplate")


if __name__ == "__main__":
    sys.exit(main())
