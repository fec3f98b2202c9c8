"""`python -m engine`: every verb of the engine, without Textual being imported."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from engine import __version__
from engine.commands import act, ground, see
from engine.commands import demo as demos
from engine.commands import doctor as doctors
from engine.commands.verb import Verb, say
from engine.errors import FootplateError

VERBS: tuple[Verb, ...] = (*ground.VERBS, *act.VERBS, *see.VERBS, *demos.VERBS, *doctors.VERBS)


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    whole = argparse.ArgumentParser(prog=program, description="The control center of a small computer-vision lab.")
    whole.add_argument("--version", action="version", version=f"footplate {__version__}")
    whole.add_argument("--workspace", "-w", metavar="DIR", help="its folder; else found by walking up from here")
    verbs = whole.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb in VERBS:
        one = verbs.add_parser(verb.name, help=verb.help, description=verb.help)
        one.add_argument("--workspace", "-w", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        one.add_argument("--json", action="store_true", help="answer for programs")
        verb.arguments(one)
        one.set_defaults(do=verb.do)
    return whole


def main(argv: list[str] | None = None, program: str = "python -m engine") -> int:
    """Do what a command line asks; the exit code."""
    words = sys.argv[1:] if argv is None else argv
    try:
        return _inner(words) if words[:1] in (["exec"], ["work"]) else _verb(words, program)
    except FootplateError as error:
        say(f"footplate: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


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
