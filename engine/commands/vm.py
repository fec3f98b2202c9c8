"""The verb vm: rented machines; what is told of them is in `vmsee`, what they cost in `vmcosts`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.commands import vmsee
from engine.commands.verb import Asked, Verb, answer, say, whole, workspace
from engine.errors import AskError

if TYPE_CHECKING:
    from vmops.desk import Desk
    from vmops.provider import Machine

Do = Callable[[Asked], int]


def create(asked: Asked) -> int:
    """One machine, or several at once; what is there already is left as it is."""
    if asked.dry_run:
        return vmsee.plan(asked)
    from concurrent.futures import ThreadPoolExecutor

    names = _names(asked.name, asked.count)
    with vmsee.opened(asked) as desk, ThreadPoolExecutor(len(names)) as pool:
        vmsee.simulated(desk)

        def one(name: str) -> Machine | Exception:
            try:
                return desk.create(asked.kind, name, _saying(name, len(names)), over_budget=asked.over_budget)
            except Exception as error:  # noqa: BLE001 (told below, when the others have come to their end)
                return error

        made = list(pool.map(one, names))
    return _made(
        asked, [one for one in made if not isinstance(one, Exception)], [e for e in made if isinstance(e, Exception)]
    )


def _made(asked: Asked, made: list[Machine], failed: list[Exception]) -> int:
    from engine.machines import explained

    if made:
        one = made[0] if asked.count == 1 else None
        answer(asked, vmsee.plain(one or made), "\n".join(vmsee.line(machine) for machine in made))
    for error in failed[1:]:
        say(f"footplate: {error}")
    with explained():
        for error in failed[:1]:
            raise error
    return 0


def _names(name: str, count: int) -> list[str]:
    if not 1 <= count <= 32:
        raise AskError(f"--count {count}", hint="1 to 32 machines at once")
    return [name] if count == 1 else [f"{name}-{number}" for number in range(1, count + 1)]


def _saying(name: str, of: int) -> Callable[[str], None]:
    return lambda words: say(words if of == 1 else f"{name}: {words}")


def start(asked: Asked) -> int:
    """A stopped machine, running again."""
    return _acted(asked, lambda desk: desk.start(asked.name, say, over_budget=asked.over_budget))


def stop(asked: Asked) -> int:
    """A machine, stopped; its disk stays, and costs."""
    return _acted(asked, lambda desk: desk.stop(asked.name, say))


def delete(asked: Asked) -> int:
    """A machine and its disk, gone; its name has to be typed."""
    confirmed(asked, asked.name, f"{asked.name} and everything on its disk will be gone")
    return _acted(asked, lambda desk: desk.delete(asked.name, say))


def _acted(asked: Asked, act: Callable[[Desk], Machine]) -> int:
    with vmsee.opened(asked) as desk:
        vmsee.simulated(desk)
        machine = act(desk)
    return answer(asked, vmsee.plain(machine), vmsee.line(machine))


def adopt(asked: Asked) -> int:
    """Wait for what somebody asked for and did not wait for."""
    with vmsee.opened(asked) as desk:
        found = desk.adopt(say)
    words = "\n".join(vmsee.line(machine) for machine in found) or "nothing was left unfinished"
    return answer(asked, vmsee.plain(found), words)


def orphans(asked: Asked) -> int:
    """What costs without use; with --delete WHAT NAME PLACE one of it less."""
    if not asked.delete:
        return vmsee.orphans(asked)
    what, name, place = asked.delete
    confirmed(asked, name, f"the {what} {name} in {place} will be gone")
    with vmsee.opened(asked) as desk:
        desk.delete_orphan(what, name, place, say)
    return answer(asked, {"deleted": {"what": what, "name": name, "place": place}}, f"the {what} {name} is gone")


def ssh(asked: Asked) -> int:
    """A shell on a machine, or a command there; its exit code."""
    import subprocess

    from engine import machines
    from vmops import ssh as shells

    there = workspace(asked)
    words = asked.command[1:] if asked.command[:1] == ["--"] else asked.command
    with machines.explained():
        host = machines.host(there, _target(asked))
        argv = shells.command(host, words) if words else shells.shell(host)
    return subprocess.call(argv)


def _target(asked: Asked) -> Machine | str:
    """A rented machine, asked of the cloud; or the name of one that is always there."""
    from engine import machines

    if asked.name in machines.settings(workspace(asked)).hosts:
        return str(asked.name)
    with vmsee.opened(asked) as desk:
        return desk.machine(asked.name)


def trust(asked: Asked) -> int:
    """The host key of a machine, known from now on: from the cloud where the machine told it, else as it answers."""
    from engine import machines
    from vmops import hostkeys

    with vmsee.opened(asked) as desk, machines.explained():
        if asked.forget:
            return _forget(asked, desk)
        host, keys = machines.host(workspace(asked), desk.machine(asked.name)), desk.host_keys(asked.name)
        source = "cloud" if keys else "machine"
        if not keys:
            shown = hostkeys.offered(host)
            prints = f"{shown.kind} {shown.fingerprint}"
            confirmed(asked, asked.name, f"{asked.name} at {host.address} shows the key {prints}")
            keys = [shown.line]
        hostkeys.trust(host, *keys)
    told = [hostkeys.parse(key).fingerprint for key in keys]
    value = {"name": asked.name, "known": True, "fingerprints": told, "told_by": source}
    return answer(asked, value, f"known from now on, told by the {source}: {', '.join(told)}")


def _forget(asked: Asked, desk: Desk) -> int:
    from contextlib import suppress

    from engine import machines
    from vmops import hostkeys
    from vmops import ssh as shells
    from vmops.errors import OutsideError

    hostkeys.forget(machines.named(workspace(asked), asked.name))
    with suppress(OutsideError):  # it need not be there; where it is, a connection that stands asks for no key
        shells.disconnect(machines.host(workspace(asked), desk.machine(asked.name)))
    return answer(asked, {"name": asked.name, "known": False}, f"the host key of {asked.name} is forgotten")


def confirmed(asked: Asked, name: str, words: str) -> None:
    """Raise AskError where the name was neither typed nor given by --yes."""
    if asked.yes is None and sys.stdin.isatty() and not asked.json:
        say(words)
        asked.yes = input(f"type {name} to go on: ").strip()
    if asked.yes != name:
        given = "nothing" if asked.yes is None else repr(asked.yes)
        raise AskError(f"{words}: expected its name, got {given}", hint=f"--yes {name} says so without a question")


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
    parser.add_argument("command", metavar="-- COMMAND", nargs=argparse.REMAINDER, help="else a shell")


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
    ("plan", "what create would ask for, in which zones, and what it costs; nothing is asked", _new, vmsee.plan),
    ("create", "a machine of a kind", _create, create),
    ("start", "a stopped machine", _start, start),
    ("stop", "a machine; its disk stays, and costs", _name, stop),
    ("delete", "a machine and its disk", _delete, delete),
    ("ssh", "a shell on a machine, or a command there", _ssh, ssh),
    ("trust", "know a machine by its host key, as the cloud or the machine tells it", _trust, trust),
    ("adopt", "wait for what somebody asked for and did not wait for", _nothing, adopt),
    ("kinds", "the kinds of machines, and what an hour of each costs", _nothing, vmsee.kinds),
    ("quotas", "how much the project may use, and does", _nothing, vmsee.quotas),
    ("serial", "what a machine writes while it starts", _name, vmsee.serial),
    ("orphans", "what costs without use: disks, addresses, machines that nobody knows", _orphans, orphans),
    ("settings", "what configs/machines.yaml says", _settings, vmsee.settings),
)


def _acts() -> tuple[tuple[str, str, Callable[[argparse.ArgumentParser], Any], Do], ...]:
    from engine.commands import vmcosts

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
