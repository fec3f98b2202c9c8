"""A report of runs: every number is read from an artifact and carries its origin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine import references
from engine.compare.side import sign
from engine.errors import DataError
from engine.files import write_atomic
from engine.record import Recorder
from engine.reports import document, filled, gather, html, markdown
from engine.reports.check import check
from engine.reports.document import Block, Heading, Picture
from engine.reports.origin import Reader
from engine.run import Run, find
from engine.specs.report import Report
from engine.stats import pictures


def run(spec: Report, out: Recorder) -> None:
    """Read what the runs made, write it down, and read it again."""
    out.phase("read")
    runs = [find(out.workspace, one.removeprefix("run:")) for one in spec.runs]
    reader = Reader(lambda reference: references.resolve(out.workspace, reference))
    blocks: list[Block] = [Heading(1, spec.title or "Report"), *gather.overview(runs)]
    blocks += filled.blocks(spec.text, runs, reader)
    blocks += gather.results(runs, reader, spec.numbers)
    blocks += _pictures(out, runs, reader) if spec.pictures else []
    out.phase("write")
    _write(out, blocks)


def _write(out: Recorder, blocks: Sequence[Block]) -> None:
    found = document.numbers(blocks)
    if not found:
        raise DataError("these runs made no number", hint="only numbers in JSON and CSV artifacts are told")
    places = {name: out.artifact(f"report.{name}", f"the report, {name}") for name in ("md", "html")}
    write_atomic(places["md"], markdown.text(blocks))
    write_atomic(places["html"], html.text(blocks, places["html"].parent, _link))
    told = [{"text": one.text, "value": one.value, "file": one.origin.file, "key": one.origin.key} for one in found]
    out.write_json("numbers.json", {"format": 1, "numbers": told}, "every number of the report with its origin")
    for place in places.values():
        if faults := check(out.workspace, place).faults:
            raise DataError(f"{place.name}: {faults[0].text} {faults[0].words}", hint="an artifact changed meanwhile")
    out.metric("numbers", len(found))
    out.finding("report", f"{len(found)} numbers; footplate report check {places['md']} reads them again")


def _link(reference: str) -> str:
    """From the report to an artifact, or to a file of the workspace, as a browser finds it."""
    if not reference.startswith("run:"):
        return f"../../../{reference}"
    run_id, _, name = reference.removeprefix("run:").partition("/")
    return f"../../{run_id}/artifacts/{name}"


def _pictures(out: Recorder, runs: Sequence[Run], reader: Reader) -> list[Block]:
    """Confusion matrices, and reliability diagrams, of whatever has them."""
    found = [
        (f"{sign(place)} {name.removesuffix('.json')}", reader.whole(gather.reference(run, name)))
        for place, run in enumerate(runs)
        for name in gather.files(run)
        if name.endswith(".json")
    ]
    blocks: list[Block] = []
    tables = {name: whole for name, whole in found if _has(whole, "confusion", "classes")}
    for number, (name, whole) in enumerate(tables.items(), start=1):
        picture = pictures.confusion({"": np.array(whole["confusion"])}, whole["classes"], name)
        blocks.append(_picture(out, f"confusion_{number}.png", f"{name}: labels against predictions", picture))
    bins = {name: whole["bins"] for name, whole in found if _has(whole, "bins")}
    if bins:
        picture = pictures.reliability(bins, "confidence against accuracy")
        blocks.append(_picture(out, "reliability.png", "confidence against accuracy", picture))
    return [Heading(2, "Pictures"), *blocks] if blocks else []


def _has(whole: Any, *keys: str) -> bool:
    return isinstance(whole, dict) and all(isinstance(whole.get(key), list) and whole[key] for key in keys)


def _picture(out: Recorder, name: str, about: str, data: bytes) -> Picture:
    write_atomic(out.artifact(name, about), data)
    return Picture(name, about)
