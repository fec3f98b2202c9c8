"""Classifiers as consumers: those that see the same pixels together, each run as it was when the run began."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from engine.files import read_json, write_json
from engine.record import Recorder
from engine.specs.infer import Infer
from engine.vision import backend, device
from engine.vision.backend import Chosen
from engine.vision.classifier import Classifier
from engine.vision.classify import Classifiers
from engine.vision.data import Preprocessing


def consumers(spec: Infer, out: Recorder, asked: Sequence[Classifier], videos: int) -> list[Classifiers]:
    """One consumer for each preprocessing."""
    where = device.settle(out.device, spec.compute.threads)
    groups: dict[Preprocessing, list[Classifier]] = {}
    for one in asked:
        groups.setdefault(one.preprocessing, []).append(one)
    if len(groups) > 1:
        names = "; ".join(", ".join(one.name for one in group) for group in groups.values())
        out.note(f"preprocessing differs between {names}: frames are resized for each, and no layers are shared")
    return [_consumer(spec, out, where, number, group, videos) for number, group in enumerate(groups.values())]


def _consumer(
    spec: Infer, out: Recorder, where: torch.device, number: int, group: Sequence[Classifier], videos: int
) -> Classifiers:
    file = out.work / f"backend-{number}.json"
    names, hardware = ", ".join(one.name for one in group), device.facts(where)["hardware"]
    kept = read_json(file)
    if kept and kept.get("hardware") != hardware:
        out.flag(
            "hardware", f"{names}: begun on {kept.get('hardware')}, goes on with {hardware}: last digits may differ"
        )
        kept = {}

    def settled(chosen: Chosen, sharing: str) -> None:
        write_json(file, {**chosen.to_json(), "hardware": hardware})
        out.note(f"{names}: {chosen.backend} on {where} ({hardware}); {chosen.words}")
        if sharing:
            out.note(f"{names}: {sharing}")

    return Classifiers(
        group,
        where,
        precision=spec.compute.precision,
        how=spec.compute.backend,
        batch=0 if spec.batch == "auto" else spec.batch,
        frames=videos * spec.frames_per_video,
        chosen=backend.of_json(kept) if kept else None,
        settled=settled,
        check=out.checkpoint,
        say=out.note,
    )
