"""Words of verbs that start runs on machines: --on, --kind, --then, --keep-alive, --uncommitted."""

from __future__ import annotations

import argparse
from dataclasses import replace

from engine.commands.verb import Asked
from engine.errors import AskError
from engine.remote import memory
from engine.remote.wish import THENS, Wish
from engine.run import Run


def machine(parser: argparse.ArgumentParser) -> None:
    """Let a verb take a machine."""
    group = parser.add_argument_group("on a machine")
    group.add_argument("--on", metavar="MACHINE", help="do it there: footplate vm list, or hosts: in machines.yaml")
    group.add_argument("--kind", help="make MACHINE of this kind where there is none: footplate vm kinds")
    group.add_argument("--then", choices=THENS, help="what becomes of the machine when all is here (keep)")
    group.add_argument("--keep-alive", action="store_true", help="where the machine is taken away, go on by itself")
    group.add_argument("--uncommitted", action="store_true", help="send code that no commit holds, and record that")


def wish(asked: Asked, run: Run | None = None) -> Wish | None:
    """The machine that was asked for; None where nothing was said of one.

    Of a run that is on a machine already, what is not said anew stays as it was.
    """
    said = {name: value for name in ("kind", "then", "keep_alive", "uncommitted") if (value := getattr(asked, name))}
    former = memory.recall(run).wish if run and run.status().machine else None
    if asked.on and (former is None or former.name != asked.on):
        return Wish(asked.on, **said)
    if former is not None:
        return replace(former, **said)
    if said:
        words = ", ".join(f"--{name.replace('_', '-')}" for name in said)
        raise AskError(f"{words}: of which machine?", hint="--on MACHINE names it")
    return None
