"""All ensemble runs beside each other: the best of each group, and which are duplicates or dominated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.files import read_json, write_atomic
from engine.run import Run, listing
from engine.workspace import Workspace

JOB, FILE = "ensemble", "ensemble_metrics.json"
BAD_LIST, TABLE = "_ensemble_bad_list.txt", "_ensemble_triage.md"
SCORES = {"macro_f1": 1, "accuracy": 1, "nll": -1}  # 1: better when higher
BEST, KEPT, DUPLICATE, DOMINATED = "best", "kept", "duplicate", "dominated"
BAD = (DUPLICATE, DOMINATED)
_PART = re.compile(r"\brun:([A-Za-z0-9_-]+)")


@dataclass(frozen=True)
class Ensemble:
    """An ensemble run that is done.

    Attributes:
        group: which test images: only runs of one group can be compared.
        same: what makes two runs the same one: teachers, weights, space and images.
        words: its teachers with their weights.
    """

    run: Run
    group: str
    same: str
    words: str
    scores: Mapping[str, float]

    def beats(self, other: Ensemble) -> bool:
        """Whether it is nowhere worse, and somewhere better."""
        gains = [sign * (self.scores[name] - other.scores[name]) for name, sign in SCORES.items()]
        return min(gains) >= 0 and max(gains) > 0

    @property
    def rank(self) -> tuple[float, ...]:
        return tuple(sign * self.scores[name] for name, sign in SCORES.items())


@dataclass(frozen=True)
class Judged:
    """What became of an ensemble: `than` is the run that it is a duplicate of or dominated by."""

    ensemble: Ensemble
    verdict: str
    than: str = ""
    referred_by: tuple[str, ...] = ()

    @property
    def bad(self) -> bool:
        """Whether it may go: what something refers to stays."""
        return self.verdict in BAD and not self.referred_by

    @property
    def words(self) -> str:
        said = {DUPLICATE: f"the same as {self.than}", DOMINATED: f"{self.than} is better"}.get(
            self.verdict, self.verdict
        )
        return f"{said}; stays: {', '.join(self.referred_by)} refers to it" if self._stays else said

    @property
    def _stays(self) -> bool:
        return self.verdict in BAD and bool(self.referred_by)

    def to_json(self) -> dict[str, Any]:
        one = self.ensemble
        return {
            "run": one.run.id, "group": one.group, "teachers": one.words, **one.scores, "verdict": self.verdict,
            "than": self.than or None, "referred_by": list(self.referred_by), "listed": self.bad,
        }  # fmt: skip


def judged(workspace: Workspace) -> list[Judged]:
    """All of them, group by group, the best of a group first."""
    known = [one for run in listing(workspace) if run.job == JOB and (one := read(run))]
    referred = references(workspace)
    groups = dict.fromkeys(one.group for one in known)
    return [one for group in groups for one in _group([each for each in known if each.group == group], referred)]


def read(run: Run) -> Ensemble | None:
    """An ensemble run; None where it is not done, or its metrics cannot be read."""
    told = read_json(run.artifacts / FILE)
    try:
        if run.status().state != "done":
            return None
        scores = {name: float(told[name]) for name in SCORES}
        used = [one for one in told["teachers"] if one["weight"] > 0]
        same = sorted([one["weights_sha256"], one["preprocess"], one["weight"]] for one in used)
        words = " + ".join(f"{one['weight']:.3g} {one['name']}" for one in used) + f" ({told['space']})"
        group = f"{told['split']}, {told['images']} images, {told['images_sha256'][:8]}"
        key = json.dumps([same, told["space"] if len(used) > 1 else "", told["images_sha256"]], sort_keys=True)
        return Ensemble(run, group, key, words, scores)
    except (KeyError, TypeError, ValueError):
        return None


def _group(those: Sequence[Ensemble], referred: Mapping[str, Sequence[str]]) -> Iterator[Judged]:
    # Of equals the one that is referred to stays, then the oldest: others were made after it.
    ranked = sorted(those, key=lambda one: (not referred.get(one.run.id), one.run.id))
    ranked.sort(key=lambda one: one.rank, reverse=True)
    first: dict[str, Ensemble] = {}
    for place, one in enumerate(ranked):
        verdict, than = KEPT if place else BEST, ""
        if (twin := first.setdefault(one.same, one)) is not one:
            verdict, than = DUPLICATE, twin.run.id
        elif better := next((other for other in ranked[:place] if other.beats(one)), None):
            verdict, than = DOMINATED, better.run.id
        yield Judged(one, verdict, than, tuple(referred.get(one.run.id, ())))


def references(workspace: Workspace) -> dict[str, list[str]]:
    """Of each run that something refers to what that is: runs made from it, and files of the workspace that name it."""
    found: dict[str, list[str]] = {}
    for run in [*listing(workspace), *listing(workspace, archived=True)]:
        for parent in run.parents():
            found.setdefault(parent, []).append(run.id)
    texts = {path.name: _text(path) for path in [workspace.file, *sorted(workspace.configs.glob("**/*.yaml"))]}
    runs = [run.id for run in listing(workspace)]
    for name, text in texts.items():
        for one in sorted({one for one in runs if one in text} | _named(runs, text)):
            found.setdefault(one, []).append(name)
    return found


def _named(runs: Sequence[str], text: str) -> set[str]:
    """The runs that a text names by a part of their ids which no other one has."""
    fitting = ([run for run in runs if part in run] for part in _PART.findall(text))
    return {those[0] for those in fitting if len(those) == 1}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def folder(workspace: Workspace) -> Path:
    """Where the list and the table are written."""
    return workspace.root / "ensembles"


def write(workspace: Workspace, found: Sequence[Judged]) -> list[Path]:
    """The list of what may go, and the table of all."""
    bad = "".join(f"{one.ensemble.run.id}\t{one.words}\n" for one in found if one.bad)
    places = [folder(workspace) / BAD_LIST, folder(workspace) / TABLE]
    for place, text in zip(places, (bad, _markdown(found)), strict=True):
        write_atomic(place, text)
    return places


def _markdown(found: Sequence[Judged]) -> str:
    lines = ["# Ensembles", ""]
    for group in dict.fromkeys(one.ensemble.group for one in found):
        lines += [f"## {group}", "", f"| run | teachers | {' | '.join(SCORES)} | verdict |",
                  f"| --- | --- |{' --- |' * len(SCORES)} --- |"]  # fmt: skip
        for one in found:
            if one.ensemble.group == group:
                scores = " | ".join(f"{one.ensemble.scores[name]:.4f}" for name in SCORES)
                words = f"**{one.words}**" if one.verdict == BEST else one.words
                lines.append(f"| `{one.ensemble.run.id}` | {one.ensemble.words} | {scores} | {words} |")
        lines.append("")
    return "\n".join(lines)
