"""The files of a gold set: `gold.csv`, as fine-tuning reads it, and beside it what was left out and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine import tables
from engine.annotations import frames
from engine.annotations.decision import Unit
from engine.annotations.frames import KEY
from engine.annotations.gold import RULE, Gold
from engine.errors import DataError

LEFT_OUT = (*KEY, "variable", "why", "labels")
Carried = Mapping[Unit, Mapping[str, str]]  # of each frame the further columns of frames.csv, in the file's order


def carried(file: Path) -> dict[Unit, dict[str, str]]:
    """What `frames.csv` says of each frame beside its name, such as its scene; nothing where there is no such file.

    Raises:
        DataError: it is there and no table of frames.
    """
    if not file.exists():
        return {}
    return {unit: {name: value for name, value in row.items() if name not in KEY}
            for unit, row in frames.rows(file).items()}  # fmt: skip


def beside(path: Path) -> Path:
    """Where what was left out is told: gold.csv → gold_left_out.csv."""
    return path.with_name(f"{path.stem}_left_out{path.suffix}")


def write(path: Path, gold: Gold, extra: Carried) -> int:
    """Write both files whole; how many frames are gold.

    Raises:
        DataError: there are none, which would leave nothing to fine-tune on; what is there stays.
    """
    units = _in_order(gold.units(), extra)
    if not units:
        raise DataError(
            f"{path}: not written: no frame is settled yet", hint="two coders have to agree on some; footplate gold"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with tables.writer(beside(path), LEFT_OUT) as table:
        for one in gold.left_out():
            table.write(*one.unit, one.variable, one.why, "|".join(one.given))
    columns = _columns(gold, extra)
    with tables.writer(path, [*KEY, *columns, *_own(gold)]) as table:
        for unit in units:
            known = extra.get(unit, {})
            table.write(*unit, *(known.get(name, "") for name in columns), *_cells(gold, unit))
    return len(units)


def _in_order(units: Sequence[Unit], extra: Carried) -> list[Unit]:
    """As frames.csv has them; what it does not have comes last."""
    place = {unit: at for at, unit in enumerate(extra)}
    return sorted(units, key=lambda unit: (place.get(unit, len(place)), unit))


def _columns(gold: Gold, extra: Carried) -> list[str]:
    """The columns that are carried through."""
    own = set(_own(gold))
    return [name for name in next(iter(extra.values()), {}) if name not in own]


def _own(gold: Gold) -> list[str]:
    return [*gold.variables, *(f"{name}_origin" for name in gold.variables)]


def _cells(gold: Gold, unit: Unit) -> list[str]:
    found = [gold.verdicts[name].get(unit) for name in gold.variables]
    labels = [one.label if one else "" for one in found]
    return [*labels, *(one.origin if one else "" for one in found)]


def to_json(gold: Gold) -> dict[str, Any]:
    """Counts, origins, and the class mix of what was left out beside that of what is gold; for programs."""
    return {"rule": RULE, "frames": len(gold.units()), "variables": {name: _variable(gold, name)
                                                                     for name in gold.variables}}  # fmt: skip


def _variable(gold: Gold, name: str) -> dict[str, Any]:
    return {
        "gold": gold.count(name), "origins": gold.origins(name), "why_not": gold.whys(name),
        "overruled": gold.overruled(name), "mix": [vars(share) for share in gold.mix(name)],
    }  # fmt: skip
