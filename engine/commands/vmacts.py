"""What `footplate vm` does to machines: create, start, stop, delete, adopt, and orphans."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.commands import vmplan, vmsee
from engine.commands.verb import Asked, answer, confirmed, say
from engine.errors import AskError

if TYPE_CHECKING:
    from vmops.desk import Desk
    from vmops.provider import Machine


def create(asked: Asked) -> int:
    """One machine, or several at once; what is there already is left as it is."""
    if asked.dry_run:
        return vmplan.plan(asked)
    from concurrent.futures import ThreadPoolExecutor

    names = _names(asked.name, asked.count)
    with ThreadPoolExecutor(len(names)) as pool, vmsee.opened(asked) as desk:  # ctrl-c ends the desk, and so the pool
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
