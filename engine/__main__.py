"""`python -m engine`: every verb of the engine, without Textual being imported."""

from __future__ import annotations

import argparse
import io
import os
import sys
from pathlib import Path

from engine import __version__
from engine.commands import act, ground, see
from engine.commands import agreement as agreements
from engine.commands import annotations as annotating
from engine.commands import bucket as buckets
from engine.commands import checkpoints as saving
from engine.commands import compare as comparing
from engine.commands import demo as demos
from engine.commands import disagreements as settling
from engine.commands import doctor as doctors
from engine.commands import export as exporting
from engine.commands import gold as golds
from engine.commands import label as labelling
from engine.commands import look as looking
from engine.commands import report as reporting
from engine.commands import rounds as rounding
from engine.commands import settings as settings_
from engine.commands import triage as sorting
from engine.commands import vm as machines
from engine.commands import watch as watching
from engine.commands.verb import Verb, say
from engine.errors import FootplateError

VERBS: tuple[Verb, ...] = (
    *ground.VERBS, *act.VERBS, *see.VERBS, *comparing.VERBS, *demos.VERBS, *exporting.VERBS, *doctors.VERBS,
    *watching.VERBS,
    *settings_.VERBS, *looking.VERBS, *labelling.VERBS,
    *settling.VERBS, *golds.VERBS, *agreements.VERBS, *annotating.VERBS, *rounding.VERBS,
    *reporting.VERBS, *sorting.VERBS,
    *machines.VERBS, *buckets.VERBS, *saving.VERBS,
)  # fmt: skip
SCREENS = (
    "Without a verb: the screens. Verbs of the screens: screens --help tells their options, keys lists every key, "
    "replay FILE --at SECONDS draws a moment of a recording."
)


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    screens = SCREENS if program == "footplate" else None
    about = "The control center of a small computer-vision lab."
    whole = argparse.ArgumentParser(prog=program, description=about, epilog=screens)
    whole.add_argument("--version", action="version", version=f"footplate {__version__}")
    whole.add_argument("--workspace", "-w", metavar="DIR", help="its folder; else found by walking up from here")
    verbs = whole.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb in VERBS:
        one = verbs.add_parser(verb.name, help=verb.help, description=verb.help)
        one.add_argument("--workspace", "-w", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        one.add_argument("--json", action="store_true", help="answer for programs")
        one.add_argument("--plain", action="store_true", help="answer without columns, for screen readers")
        verb.arguments(one)
        one.set_defaults(do=verb.do)
    return whole


def main(argv: list[str] | None = None, program: str = "python -m engine") -> int:
    """Do what a command line asks; the exit code."""
    words = sys.argv[1:] if argv is None else argv
    _open_streams()
    try:
        code = _inner(words) if _inner_words(words) else _verb(words, program)
        sys.stdout.flush()  # while somebody can still hear that it failed
        return code
    except FootplateError as error:
        return _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader (head, less) has seen enough
        _print_nowhere()
        return 0
    except OSError as error:  # the disk, a permission or the like, where no code knew more about it
        return _fail(f"{f'{error.filename}: ' if error.filename else ''}{error.strerror or error}", 1)


def _open_streams() -> None:
    """Something to print to, where the caller closed it, and a sign for each letter that a terminal lacks."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123 (stays open to the end)
        if isinstance(stream := getattr(sys, name), io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _print_nowhere() -> None:
    """What is still in the buffers would fail once more at the exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())


def _fail(words: str, code: int) -> int:
    try:
        sys.stdout.flush()
        say(f"footplate: {words}")
    except OSError:
        _print_nowhere()
    return code


def _inner_words(words: list[str]) -> bool:
    return (words[:1], len(words)) in ((["exec"], 2), (["work"], 3))


def _verb(words: list[str], program: str) -> int:
    asked = parser(program).parse_args(words)
    done: int = asked.do(asked)
    return done


def _inner(words: list[str]) -> int:
    """The two processes of a run; started by launch and by exec, never by a person."""
    if words[0] == "exec":
        from engine import exec as supervisor

        return supervisor.main(Path(words[1]))
    from engine import work

    return work.main(Path(words[1]), words[2])


if __name__ == "__main__":
    sys.exit(main())
