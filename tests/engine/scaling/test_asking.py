"""What a network takes and gives is known, or it is said what is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from engine.errors import DataError, SpecError
from engine.inferring import asking
from engine.record import Recorder
from engine.specs.infer import Infer


class Here:
    """As much of a recorder as is asked."""

    def __init__(self, root: Path) -> None:
        self.root, self.flags = root, dict[str, str]()

    def resolve(self, reference: str) -> Path:
        return self.root / reference.removeprefix("run:")

    def flag(self, name: str, text: str) -> None:
        self.flags[name] = text


CARD = {"model": "resnet18", "classes": ["a", "b"]}
HOW = {"size": 64, "resize": "crop", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}


def asked(root: Path, *entries: Any) -> list[Any]:
    return heard(root, *entries)[0]


def heard(root: Path, *entries: Any) -> tuple[list[Any], dict[str, str]]:
    here = Here(root)
    return asking.classifiers(Infer.model_validate({"models": entries}), cast(Recorder, here)), here.flags


def test_the_card_beside_weights_tells_everything(tmp_path: Path) -> None:
    (tmp_path / "pov.pth").write_bytes(b"w")
    (tmp_path / "pov.json").write_text(json.dumps({**CARD, "preprocess": HOW}))
    [one] = asked(tmp_path, "pov.pth")
    assert (one.name, one.model, one.classes, one.preprocessing.resize) == ("pov", "resnet18", ("a", "b"), "crop")


def test_the_spec_goes_before_the_card(tmp_path: Path) -> None:
    (tmp_path / "pov.pth").write_bytes(b"w")
    (tmp_path / "pov.json").write_text(json.dumps({**CARD, "preprocess": HOW}))
    [one] = asked(tmp_path, {"weights": "pov.pth", "name": "view", "classes": ["x", "y"]})
    assert (one.name, one.classes, one.preprocessing.size) == ("view", ("x", "y"), 64)


def test_all_weights_of_a_finetune_run_are_called_by_their_variables(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    for name in ("pov_resnet18_v8", "distance_resnet18_v8"):
        (tmp_path / "1" / f"{name}.pth").write_bytes(name.encode())
        (tmp_path / "1" / f"{name}.json").write_text(json.dumps({**CARD, "preprocess": HOW}))
    variables = {"perspective": {"saved": "pov_resnet18_v8.pth"}, "distance": {"saved": "distance_resnet18_v8.pth"}}
    (tmp_path / "1" / "v8_comparison.json").write_text(json.dumps({"variables": variables}))
    assert [one.name for one in asked(tmp_path, "run:1")] == ["distance", "perspective"]


def test_weights_that_were_kept_though_no_better_are_flagged(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    reports = {}
    for name, improved in (("pov", True), ("distance", False)):
        (tmp_path / "1" / f"{name}.pth").write_bytes(name.encode())
        (tmp_path / "1" / f"{name}.json").write_text(json.dumps({**CARD, "preprocess": HOW}))
        reports[name] = {"saved": f"{name}.pth", "improved": improved}
    (tmp_path / "1" / "v8_comparison.json").write_text(json.dumps({"variables": reports}))
    found, flags = heard(tmp_path, "run:1")
    assert len(found) == 2 and list(flags) == ["no_better"] and flags["no_better"].startswith("distance: ")


def test_what_nothing_tells_has_to_be_named(tmp_path: Path) -> None:
    (tmp_path / "pov.pth").write_bytes(b"w")
    (tmp_path / "pov.json").write_text(json.dumps({"model": "resnet18"}))
    with pytest.raises(SpecError) as error:
        asked(tmp_path, "pov.pth")
    assert [fault.partition(":")[0] for fault in error.value.faults] == ["models[0].classes", "models[0].preprocess"]
    assert "{weights: pov.pth, classes: …, preprocess: …}" in error.value.hint


def test_a_run_that_kept_no_weights_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    with pytest.raises(DataError, match="keeps them only where leave-one-out improved"):
        asked(tmp_path, "run:1")


def test_two_classifiers_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pov.pth").write_bytes(b"w")
    (tmp_path / "pov.json").write_text(json.dumps({**CARD, "preprocess": HOW}))
    with pytest.raises(SpecError, match="two are called 'pov'"):
        asked(tmp_path, "pov.pth", "pov.pth")
