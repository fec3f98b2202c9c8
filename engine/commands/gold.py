"""The verb gold: which frames are settled, what was left out, and the files of both."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.annotations import goldfile, goldwords
from engine.annotations import sensitivity as second
from engine.annotations.decision import CODED
from engine.annotations.given import codebook, uncompared
from engine.annotations.gold import ADJUDICATED, AGREED, RULE, Gold, of_log
from engine.annotations.log import Log
from engine.annotations.moment import moment
from engine.annotations.sensitivity import Sensitivity
from engine.commands.verb import Asked, Table, Verb, answer, say, table, workspace
from engine.workspace import Workspace

HERE = Path()


def gold(asked: Asked) -> int:
    """Frames whose label is settled; into a file where one is named."""
    here = workspace(asked)
    as_of = moment(asked.as_of) if asked.as_of else None
    with Log.open(here.labels, readonly=True) as log:
        found = of_log(log, codebook(here.settings), adjudicated=asked.adjudicated, as_of=as_of)
        decisions = log.newest(kinds=CODED, as_of=as_of)
        opinions = second.sensitivity(decisions, found) if asked.sensitivity else []
    written = _written(asked, here, found)
    value = {"adjudicated": asked.adjudicated, "as_of": as_of, **written, **goldfile.to_json(found)}
    if asked.sensitivity:
        value["sensitivity"] = second.to_json(opinions)
    missing = "" if found.units() else uncompared(decisions, codebook(here.settings))
    return answer(asked, value, missing or _words(asked, found, opinions))


def _written(asked: Asked, here: Workspace, found: Gold) -> dict[str, Any]:
    """Where it was written; with `--out` alone that is the workspace's gold.csv."""
    if asked.out is None:
        return {"file": None, "left_out_file": None}
    path = here.gold if asked.out == HERE else asked.out
    count = goldfile.write(path, found, goldfile.carried(here.frames))
    say(f"written: {path} ({count} frames) and {goldfile.beside(path).name}")
    return {"file": str(path), "left_out_file": str(goldfile.beside(path))}


def _words(asked: Asked, found: Gold, opinions: Sequence[Sensitivity]) -> str:
    halves = goldwords.parts(share.left_out for name in found.variables for share in found.mix(name))
    parts = [_said(asked, counts(found)), "\n".join(filter(None, (_said(asked, mix(found)), halves))), RULE]
    parts += ["\n  ".join([f"{one.variable}, a second opinion:", *second_opinion(one)]) for one in opinions]
    if asked.sensitivity and not opinions:
        parts.append("no second opinion: no variable has labels of two coders yet")
    return "\n\n".join([*parts, *([second.METHOD] if opinions else [])])


def _said(asked: Asked, made: Table) -> str:
    return made.plain() if asked.plain else str(made)


def counts(found: Gold) -> Table:
    """Of each variable how many frames are gold, and why others are not."""
    rows = []
    for name in found.variables:
        origins, whys = found.origins(name), found.whys(name)
        why = "; ".join(goldwords.reasons(whys.items())) or "nothing"
        rows.append((name, str(found.count(name)), str(origins[AGREED]), str(origins[ADJUDICATED]), why))
    return table(rows, ("VARIABLE", "GOLD", "AGREED", "ADJUDICATED", "NOT GOLD"))


def mix(found: Gold) -> Table:
    """The classes of what is gold, beside those of what was left out."""
    rows = []
    for name in found.variables:
        shares = found.mix(name)
        gold_, rest = (sum(values) or 1 for values in zip(*((one.gold, one.left_out) for one in shares), strict=True))
        rows += [(name, one.label, _part(one.gold, gold_), _part(one.left_out, rest)) for one in shares]
    return table(rows, ("VARIABLE", "LABEL", "OF GOLD", "OF LEFT OUT"))


def _part(count: float, total: float) -> str:
    return f"{count:.3g} ({count / total:.0%})"


def second_opinion(one: Sensitivity) -> list[str]:
    """What the model would change, in sentences."""
    changed = "; ".join(f"{_frame(each)}: {each.gold} → {each.label} ({each.probability:.2f})" for each in one.changed)
    said = [
        f"{len(one.changed)} gold labels would change{': ' + changed if changed else ''}",
        f"of {len(one.unsure)} gold labels it is not sure (less than {second.SURE:.0%})",
        f"of {len(one.regained)} frames that were left out it is sure",
    ]
    return [*said, *(f"beware: {warning}" for warning in one.warnings)]


def _frame(one: second.Opinion) -> str:
    return f"{one.unit.video_id} {one.unit.frame_index}"


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--adjudicated", action="store_true", help="adjudicated frames join those that coders agree on")
    parser.add_argument("--as-of", metavar="TIME", help="as the log was then: 2026-11-22, 2026-11-22T14:30, seconds")
    parser.add_argument(
        "--out", nargs="?", type=Path, const=HERE, metavar="FILE", help="write it: into FILE, else gold.csv"
    )
    parser.add_argument(
        "--sensitivity", action="store_true", help="beside it what Dawid and Skene's model makes of the same labels"
    )


VERBS = (Verb("gold", "frames whose label is settled, and what was left out", _arguments, gold),)
