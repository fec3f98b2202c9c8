"""One of the runs that are compared: everything about it that can be held against another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import labels
from engine.compare import parts
from engine.compare.parts import Part
from engine.errors import AskError
from engine.fields import measured
from engine.labels import Labels
from engine.run import Run, find
from engine.status import Status
from engine.workspace import Workspace

MOST = 8
LABELS = ("title", "tags")  # told of each run anyway


@dataclass(frozen=True)
class Side:
    """A run; the first of several is the reference. Texts by flat keys: `train.lr`, `packages.torch`."""

    run: Run
    status: Status
    labels: Labels
    spec: Mapping[str, str]
    code: Mapping[str, str]
    environment: Mapping[str, str]
    faults: tuple[str, ...] = ()  # what of it could not be read, and in which file
    stage: str = ""  # where it is but one stage of the run

    @property
    def id(self) -> str:
        """What tells it from all others: the run's id, with the stage after a colon."""
        return Part(self.run, self.stage).id

    @property
    def metrics(self) -> Mapping[str, float]:
        """Its results; while there are none, where its curves stand."""
        found = measured(self.status)
        begin = f"{self.stage}." if self.stage else ""
        return {name.removeprefix(begin): value for name, value in found.items() if name.startswith(begin)}


def sign(place: int) -> str:
    """The sign of a side: a, b, c."""
    return chr(ord("a") + place)


def left_out(workspace: Workspace, names: Sequence[str]) -> str:
    """What one run holds beyond those that can stand side by side, in words; empty where nothing is left out."""
    inside = _inside(workspace, names)[MOST:]
    those = ", ".join(part.id for part in inside)
    return f"left out, since {MOST} stand side by side: {those}" if inside else ""


def chosen(workspace: Workspace, names: Sequence[str]) -> list[Part]:
    """The runs of these ids, or parts of ids, or their stages (RUN:kd); of one run alone what is within it.

    Raises:
        AskError: fewer than two, more than can stand side by side, or one of them twice.
    """
    if inside := _inside(workspace, names):
        return inside[:MOST]
    if not 2 <= len(names) <= MOST:
        alone = "it has neither stages nor a sweep; " * (len(names) == 1)
        hint = f"{alone}name 2 to {MOST}; the first is the reference"
        raise AskError(f"{len(names)} runs cannot be compared", hint=hint)
    runs = [parts.named(workspace, name) for name in names]
    for place, run in enumerate(runs):
        if run in runs[:place]:
            both = " and ".join(dict.fromkeys((names[runs.index(run)], names[place])))
            raise AskError(f"{both}: the same run twice, {run.id}", hint="name each run once")
    return runs


def _inside(workspace: Workspace, names: Sequence[str]) -> list[Part]:
    """What one run alone holds; nothing where there are several, or where it holds but one."""
    found = parts.within(workspace, find(workspace, names[0].partition(":")[0])) if len(names) == 1 else []
    return found if len(found) > 1 else []


def read(part: Part) -> Side:
    """Read a run; what is damaged is named, and the rest compared."""
    run = part.run
    spec, faults = _spec(run)
    code = run.record().get("code")
    return Side(
        run, run.status(), labels.read(run), spec, _code(code if isinstance(code, dict) else {}),
        dict(flat(run.environment())), tuple(faults), part.stage,
    )  # fmt: skip


def _spec(run: Run) -> tuple[dict[str, str], list[str]]:
    from engine import yamltext  # PyYAML, which a look at runs does not need

    try:
        values = yamltext.load(run.spec_text())[0]
        return {key: text for key, text in flat(values) if key not in LABELS}, []
    except yamltext.Unreadable as error:
        where = f", line {error.line}" if error.line else ""
        return {}, [f"{run.id}: {run.spec.name}{where}: {error.message}"]


def _code(code: Mapping[str, Any]) -> dict[str, str]:
    edited = str(code.get("diff_sha256") or "")
    return {
        "version": str(code.get("version", "")),
        "commit": str(code.get("commit", ""))[:12],
        "edits since the commit": edited[:12] or ("none" if code.get("commit") else ""),
        "sha256": str(code.get("sha256", ""))[:16],
    }


def flat(values: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Each value of nested ones by its flat key; a list of plain values is one value."""
    if isinstance(values, Mapping) and (values or not place):
        for key, value in values.items():
            yield from flat(value, f"{place}.{key}" if place else str(key))
    elif isinstance(values, list) and any(isinstance(value, (dict, list)) for value in values):
        for number, value in enumerate(values):
            yield from flat(value, f"{place}.{number}")
    else:
        yield place, values if isinstance(values, str) else json.dumps(values, ensure_ascii=False)
