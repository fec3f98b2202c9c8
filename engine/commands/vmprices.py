"""The verb `footplate vm prices`: what things cost, and newer prices from a file."""

from __future__ import annotations

import argparse
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands.verb import Asked, Verb, answer, say, table, workspace
from engine.commands.vmwords import folded, shown

if TYPE_CHECKING:
    from engine.workspace import Workspace
    from vmops.prices import Prices

SHOWN = "n1-standard-4"


def prices(asked: Asked) -> int:
    """The price list; --refresh FILE brings newer prices."""
    from engine import machines
    from vmops import prices as known

    there = workspace(asked)
    with machines.explained():
        held = _refreshed(there, Path(asked.refresh)) if asked.refresh else known.load(there.machines)
    value = {
        "date": held.date, "source": held.source, "file": str(held.file),
        "usd": {place: {thing: {model: float(usd) for model, usd in models.items()} for thing, models in things.items()}
                for place, things in held.table.items()},
    }  # fmt: skip
    return answer(asked, value, "\n".join(folded(_list(asked, held))))


def _refreshed(there: Workspace, path: Path) -> Prices:
    from vmops import audit, ledger, pricefiles

    there.must_be_writable()
    held, brought = pricefiles.refresh(there.machines, path)
    audit.append(there.machines, "refreshed_prices", date=held.date, source=brought.source, prices=len(brought.rows))
    ledger.reprice(there.machines, held)
    for words in brought.rejected:
        say(f"rejected: {words}")
    others = f", {brought.passed_over} of things that are not ours" if brought.passed_over else ""
    say(f"{len(brought.rows)} prices taken, {len(brought.rejected)} rejected{others}")
    return held


def _list(asked: Asked, held: Prices) -> list[str]:
    from vmops.prices import EVERYWHERE
    from vmops.provider import Kind

    kind = Kind("", SHOWN, "nvidia-tesla-t4", 1)
    rows = []
    for region in held.table:
        if region != EVERYWHERE:
            dear, cheap = held.rates(kind, region, spot=False), held.rates(kind, region, spot=True)
            disk = held.price("pd-balanced", region)
            rows.append((region, *map(_usd, (dear.machine, cheap.machine, dear.gpu, cheap.gpu, disk))))
    header = ("REGION", SHOWN.upper(), "SPOT", "T4", "T4 SPOT", "PD-BALANCED")
    both = [_usd(held.price("address", "", spot)) for spot in (False, True)]
    return [
        shown(asked, table(rows, header)),
        f"dollars an hour, of the disk a GB and month; an address {both[0]} an hour, of a spot machine {both[1]}",
        f"as of {held.date}: {held.source}",
    ]


def _usd(value: Decimal | None) -> str:
    return "?" if value is None else f"{value:.4f}".rstrip("0").ljust(4, "0")


def _prices(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--refresh", metavar="FILE", help="take prices from it: YAML, CSV, or Cloud Billing's SKUs")


VERB = Verb("prices", "the price list, with its date and source", _prices, prices)
