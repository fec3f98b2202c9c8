"""What `footplate vm plan` tells: what would be asked for, where, what it costs, and what ends it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from engine.commands.verb import Asked, answer
from engine.commands.vmsee import opened, plain, usd
from engine.commands.vmwords import folded

if TYPE_CHECKING:
    from vmops.provider import Allowance, Offer, Plan


def plan(asked: Asked) -> int:
    """What create would ask for, and what it costs."""
    with opened(asked) as desk:
        made = desk.plan(asked.kind, asked.name, over_budget=asked.over_budget)
    words = [*folded(planned(made)), "the request:", json.dumps(made.body, indent=2)]
    return answer(asked, plain(made), "\n".join(words))


def planned(made: Plan) -> list[str]:
    """A plan in sentences, the request aside."""
    hourly = f"{usd(made.hourly_usd)} an hour (spot {usd(made.spot_usd)}, standard {usd(made.standard_usd)})"
    date = made.prices.rpartition(", ")[2]
    there = [f"{made.name} is there already, {made.there.state}, in {made.there.zone}"] if made.there else []
    return [
        *(["simulated: the cloud is on this computer"] if made.simulated else []),
        f"{made.name}: {made.kind.name}, {hourly}; prices of {date}: footplate vm prices",
        *there,
        *(f"would be refused: {words}" for words in made.problems),
        made.choice,
        *made.limits,
        "zones, in this order: " + ", ".join(_offer(one) for one in made.zones),
        "quotas, in use and limit: " + ", ".join(_allowed(one) for one in made.quotas),
    ]


def _allowed(one: Allowance) -> str:
    return f"{one.metric} {one.usage:g} of {one.limit:g}{'' if one.enough else f', {one.asked:g} MORE ASKED'}"


def _offer(one: Offer) -> str:
    out = f", none left {time.strftime('%H:%M', time.localtime(one.out_at))}" if one.out_at else ""
    return f"{one.zone} ({usd(one.hourly_usd)}{out}{', no quota' if one.quota else ''})"
