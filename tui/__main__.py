"""`footplate`: without a verb it opens the screens; every verb is handed to the engine."""

from __future__ import annotations

import os
import sys

WITHOUT_SCREENS = {"--json", "--prepare-only", "--rounds", "--help", "-h"}  # of the verb demo


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
    if on_terminal and words[:1] == ["demo"] and WITHOUT_SCREENS.isdisjoint(words):
        from tui import opening

        return opening.demo(words)
    if words[:1] == ["label"] and any(word.partition("=")[0] == "--coder" for word in words):
        from tui import opening, options

        return opening.label(options.of_label(words[1:]))
    if words[:1] == ["replay"]:
        from tui import still

        return still.main(words[1:])
    if words[:1] == ["keys"]:
        return _keys(words[1:])
    if "doctor" in words:
        _with_keys()
    from engine.__main__ import main as engine

    return engine(words, "footplate")


def _with_keys() -> None:
    """Let the doctor look into the keys file too, of which the engine knows nothing."""
    from engine.checks import person
    from engine.commands import doctor
    from tui import keymap

    file = keymap.path()
    doctor.MORE[:] = [lambda: person.faults("keys", file, list(keymap.load(file).faults))]


def _keys(words: list[str]) -> int:
    """The verb keys; it stands here since the engine knows of no keys."""
    import argparse

    from tui import keymap, keypage

    parser = argparse.ArgumentParser("footplate keys", description="every key, and what it does")
    parser.add_argument("--json", action="store_true", help="answer for programs")
    parser.add_argument(
        "--markdown", action="store_true", help="the page of the documentation, with the keys as shipped"
    )
    asked = parser.parse_args(words)
    if asked.markdown:
        print(keypage.as_markdown({}), end="")
        return 0
    mine = keymap.load(keymap.path())
    try:
        print(keypage.as_json(mine.keys) if asked.json else keypage.as_text(mine.keys), flush=True)
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    for fault in mine.faults:
        print(f"footplate: {keymap.path()}: {fault}", file=sys.stderr)
    return 2 if mine.faults else 0


if __name__ == "__main__":
    sys.exit(main())
