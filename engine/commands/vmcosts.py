"""What `footplate vm` tells of money: what machines cost, and the month's budget."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands import vmaudit, vmprices
from engine.commands.verb import Asked, Verb, answer, say, table, workspace
from engine.commands.vmwords import clipped, folded, shown
from engine.errors import AskError
from engine.files import write_atomic

if TYPE_CHECKING:
    from engine.workspace import Workspace
    from vmops.ledger import Cost, Costs
    from vmops.provider import Machine

_BUDGET = re.compile(r"^([^#\n]*\bmonth_usd:[ \t]*)[^\s,}#]+", re.MULTILINE)


def costs(asked: Asked) -> int:
    """What machines cost: now, so far, today, this month, and still to come of it."""
    from engine import machines
    from vmops import budget, ledger, prices

    there = workspace(asked)
    settings = machines.settings(there)
    with machines.explained():
        seen = None if asked.offline else _seen(there)
        told = ledger.cost(there.machines, seen, prices.load(there.machines))
        said = budget.check(told, settings.budget)
    month = settings.budget.month_usd
    value = {**ledger.to_json(told), "budget": {"month_usd": month, "said": said}, "asked_the_cloud": seen is not None}
    return answer(asked, value, _told(asked, told, said) if told.machines else "no machine has cost anything yet")


def _seen(there: Workspace) -> list[Machine] | None:
    """What the cloud tells; None, and why, where it cannot be asked."""
    from engine import machines
    from vmops import logins
    from vmops.errors import Denied, Unavailable

    try:
        logins.checked(machines.settings(there))
        with machines.desk(there) as desk:
            return desk.machines()
    except (Unavailable, Denied) as error:
        say(f"the cloud could not be asked, so this is from what was last seen: {error.message}")
        return None


def _told(asked: Asked, told: Costs, said: str) -> str:
    from vmops.bill import dollars

    alive = [one for one in told.machines if one.state != "gone"]
    gone = [one for one in told.machines if one.state == "gone" and one.month]
    rows = [_row(one) for one in (*alive, *gone)]
    rows.append(("all", "", *(dollars(value) for value in _numbers(told))))
    older = len(told.machines) - len(alive) - len(gone)
    lines = [shown(asked, table(rows, ("NAME", "STATE", "$/H", "TODAY", "MONTH", "SO FAR", "TO COME")))]
    lines += [_parts(told.machines)]
    lines += ["simulated: nothing of this is paid"] * told.simulated
    lines += [f"{older} more are gone, and cost nothing this month"] * bool(older)
    lines += [f"! {one.name}: {words}" for one in (*alive, *gone) for words in one.words]
    lines += [f"! {words}" for words in (*told.words, said) if words]
    return "\n".join(folded(lines))


def _row(one: Cost) -> tuple[str, ...]:
    from vmops.bill import dollars

    return clipped(one.name), one.state, *(dollars(value) for value in _numbers(one))


def _numbers(one: Cost | Costs) -> tuple[Decimal, ...]:
    return one.hourly, one.today, one.month, one.so_far, one.ahead


def _parts(found: Iterable[Cost]) -> str:
    from vmops.bill import dollars

    sums: dict[str, Decimal] = {}
    for one in found:
        for part, usd in one.parts.items():
            sums[part] = sums.get(part, Decimal(0)) + usd
    names = {"machine": "processors and memory", "gpu": "GPUs", "disk": "disks", "address": "addresses"}
    return "so far: " + ", ".join(f"{names[part]} {dollars(usd)}" for part, usd in sums.items())


def budget(asked: Asked) -> int:
    """The month's budget, what of it is spent and bound to come; with USD another one."""
    from engine import machines
    from vmops import audit, ledger
    from vmops import budget as budgets
    from vmops import prices as known

    there = workspace(asked)
    if asked.usd is not None:
        _settle(machines.file(there), asked.usd)
        audit.append(there.machines, "set_budget", month_usd=asked.usd)
    settled = machines.settings(there).budget
    with machines.explained():
        told = ledger.cost(there.machines, None, known.load(there.machines))
        said = budgets.check(told, settled)
    value = {
        "month_usd": settled.month_usd, "warn_at": settled.warn_at, "refuse": settled.refuse,
        "spent": float(round(told.month, 6)), "to_come": float(round(told.ahead, 6)), "said": said,
    }  # fmt: skip
    return answer(asked, value, "\n".join(folded(_budgeted(told, settled, said))))


def _budgeted(told: Costs, settled: Any, said: str) -> list[str]:
    from vmops.bill import dollars

    if settled.month_usd is None:
        return ["no budget is settled: footplate vm budget USD settles one"]
    what = "refuses what would not fit" if settled.refuse else "refuses nothing"
    return [
        f"{dollars(Decimal(str(settled.month_usd)))} a month (UTC), warns at {settled.warn_at:.0%}, {what}",
        f"{dollars(told.month)} spent this month, at most {dollars(told.ahead)} to come of what is there",
        *([f"! {said}"] if said else []),
    ]


def _settle(path: Path, usd: float) -> None:
    """Write another budget into the settings, and leave all else there as somebody wrote it."""
    try:
        old = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise AskError(f"{path} is not there", hint="footplate vm settings --write makes it") from None
    new, count = _BUDGET.subn(rf"\g<1>{usd:g}", old)
    if count != 1:
        raise AskError(f"{path}: expected one key month_usd, found {count}", hint="write budget: {month_usd: …} there")
    write_atomic(path, new)


def _dollars(text: str) -> float:
    from vmops.prices import usd

    value = usd(text.removeprefix("$"))
    if value is None:
        raise argparse.ArgumentTypeError(f"expected dollars of 0 or more, got {text!r}")
    return float(value)


def _costs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--offline", action="store_true", help="from what was last seen, without asking the cloud")


def _budget(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("usd", metavar="USD", nargs="?", type=_dollars, help="so much a month from now on")


VERBS = (
    Verb("costs", "what machines cost: now, today, this month, and still to come", _costs, costs),
    vmprices.VERB,
    Verb("budget", "the month's budget, and what of it is spent", _budget, budget),
    vmaudit.VERB,
)
