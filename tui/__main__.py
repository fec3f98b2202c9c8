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
    if words[:1] == ["doctor"]:
        from tui import doctor

        return doctor.main(words[1:])
    if (
        words[:1] == ["demo"]
        and sys.stdin.isatty()
        and sys.stdout.isatty()
        and not {"--json", "--prepare-only"} & {*words}
    ):
        from tui import demo

        return demo.main(words)
    if not [word for word in words if not word.startswith("-")] or _only_workspace(words):
        from tui import opening

        return opening.main(words)
    from engine.__main__ import main as engine

    return engine(words, "footplate")


def _only_workspace(words: list[str]) -> bool:
    return len(words) == 2 and words[0] in ("-w", "--workspace")


if __name__ == "__main__":
    sys.exit(main())
