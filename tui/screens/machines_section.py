"""The part of the Overview about machines: what is rented, what it does, and what it costs now."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from tui import machinewords, machining
from tui.entries import Entry
from tui.services.machines import Found
from tui.widgets.table import Table
from tui.widgets.words import Words

ID = "rented"
SHOWN = ("name", "state", "gpu", "runs", "up", "hourly", "today")


class MachinesSection(Vertical):
    """A row for each machine."""

    def __init__(self) -> None:
        super().__init__(classes="section", id=f"section-{ID}")

    def compose(self) -> ComposeResult:
        yield Words("Machines", classes="section-title", id=f"title-{ID}")
        yield Table([column for column in machining.COLUMNS if column.key in SHOWN], id=ID)

    def show(self, found: Found, entries: Sequence[Entry], now: float) -> None:
        """Show how they stand; those to which there is only ssh are on their own screen."""
        rows = machining.rows(found, entries, {}, now)
        places = [place for place, column in enumerate(machining.COLUMNS) if column.key in SHOWN]
        names = [one.name for one in found.machines]
        table = self.query_one(Table)
        table.show(names, lambda name: [rows[name][place] for place in places])
        table.display = bool(names)
        table.styles.max_height = max(1, len(names)) + 1
        told = " · ".join([*["SIMULATED"] * found.simulated, *machinewords.money(found)])
        trouble = f"\n✗ {found.trouble}" if found.trouble else ""
        said = Content.assemble("Machines  ", (told, "not bold $dim"), (trouble, "not bold $warning"))
        title = self.query_one(f"#title-{ID}", Words)
        title.styles.height = 2 if trouble else 1
        title.show(said)
