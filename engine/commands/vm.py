"""The verb vm and its words: rented machines. What they do is in the other files of vm."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from engine.commands import vmacts, vmcosts, vmplan, vmreach, vmsee, vmsettings
from engine.commands.verb import Asked, Verb, whole

Do = Callable[[Asked], int]


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="footplate vm list shows them")


def _over(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--over-budget", action="store_true", help="though the month's budget would not hold")


def _new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", help="footplate vm kinds lists them")
    parser.add_argument("name", metavar="NAME", help="how it will be called, as gpu-1")
    _over(parser)


def _create(parser: argparse.ArgumentParser) -> None:
    _new(parser)
    parser.add_argument("--count", metavar="N", type=whole, default=1, help="so many: NAME-1 to NAME-N")
    parser.add_argument("--dry-run", action="store_true", help="as plan: say what would be asked for, ask nothing")


def _start(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    _over(parser)


def _yes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", metavar="NAME", help="its name once more: no question is asked")


def _delete(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    _yes(parser)


def _orphans(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--delete", nargs=3, metavar=("WHAT", "NAME", "PLACE"), help="one of the list, as it is told")
    _yes(parser)


def _ssh(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a machine, or a host of configs/machines.yaml")
    words = "else a shell; its words go as they are, to no shell: -- sh -c 'echo hi; uname' is for that"
    parser.add_argument("command", metavar="-- COMMAND", nargs=argparse.REMAINDER, help=words)


def _trust(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    parser.add_argument("--forget", action="store_true", help="know it no more")
    _yes(parser)


def _settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--write", action="store_true", help="write configs/machines.yaml where there is none yet")


def _nothing(parser: argparse.ArgumentParser) -> None:
    """No further words."""


ACTS: tuple[tuple[str, str, Callable[[argparse.ArgumentParser], Any], Do], ...] = (
    ("list", "every machine, what it costs and has cost", _nothing, vmsee.listing),
    ("describe", "all that is known of one machine", _name, vmsee.describe),
    ("plan", "what create would ask for, in which zones, and what it costs; nothing is asked", _new, vmplan.plan),
    ("create", "a machine of a kind", _create, vmacts.create),
    ("start", "a stopped machine", _start, vmacts.start),
    ("stop", "a machine; its disk stays, and costs", _name, vmacts.stop),
    ("delete", "a machine and its disk", _delete, vmacts.delete),
    ("ssh", "a shell on a machine, or a command there", _ssh, vmreach.ssh),
    ("trust", "know a machine by its host key, as the cloud or the machine tells it", _trust, vmreach.trust),
    ("adopt", "wait for what somebody asked for and did not wait for", _nothing, vmacts.adopt),
    ("kinds", "the kinds of machines, and what an hour of each costs", _nothing, vmsee.kinds),
    ("quotas", "how much the project may use, and does", _nothing, vmsee.quotas),
    ("serial", "what a machine writes while it starts", _name, vmsee.serial),
    ("orphans", "what costs without use: disks, addresses, machines that nobody knows", _orphans, vmacts.orphans),
    ("settings", "what configs/machines.yaml says", _settings, vmsettings.settings),
)


def _acts() -> tuple[tuple[str, str, Callable[[argparse.ArgumentParser], Any], Do], ...]:
    return ACTS + tuple((verb.name, verb.help, verb.arguments, verb.do) for verb in vmcosts.VERBS)


def _arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar="WHAT", required=True)
    for name, words, arguments, do in _acts():
        one = acts.add_parser(name, help=words, description=words)
        for option in ("--json", "--plain"):
            one.add_argument(option, action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        one.add_argument("--workspace", "-w", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        arguments(one)
        one.set_defaults(act_do=do)


def _do(asked: Asked) -> int:
    from engine.machines import explained

    with explained():
        return int(asked.act_do(asked))


VERBS = (Verb("vm", "rented machines: list, plan, create, start, stop, delete, ssh, costs …", _arguments, _do),)
