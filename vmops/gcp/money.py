"""Before something that costs is asked for: what it costs, and whether the budget allows it."""

from __future__ import annotations

import time

from vmops import budget, ledger
from vmops.errors import OverBudget
from vmops.gcp.cloud import Cloud
from vmops.prices import Shape
from vmops.provider import Say


def afford(cloud: Cloud, shape: Shape, zone: str, max_hours: float, *, disk: bool, over: bool) -> str:
    """What is to be said of the month's budget; OverBudget where it would not hold and `over` does not say go on."""
    now = time.time()
    costs = ledger.cost(cloud.folder, cloud.machines(), cloud.prices, now)
    asked = budget.wish(cloud.prices.rates(shape, zone), max_hours, now, disk=disk)
    return budget.check(costs, cloud.settings.budget, asked, over=over)


def must_afford(
    cloud: Cloud, act: str, name: str, shape: Shape, zone: str, max_hours: float, *, over: bool, say: Say
) -> None:
    """The same before an act: what is refused and what is gone over goes into the audit."""
    if cloud.settings.budget.month_usd is None:
        return
    try:
        words = afford(cloud, shape, zone, max_hours, disk=act == "create", over=over)
    except OverBudget as error:
        cloud.refused(name, act, error)
        raise
    if words:
        say(words)
        if over:
            cloud.note("went_over_budget", name, asked=act, said=words)
