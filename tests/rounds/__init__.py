"""Rounds as the round job leaves them behind, written by hand: their files, and nothing that computed them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.rounds import FILES
from engine.workspace import Workspace

HERE = Path(__file__).parent
VARIABLES = {"perspective": ["first_person", "second_person", "third_person"], "distance": ["near", "far", "away"]}
AT = 1_780_000_000.0


def a_round(workspace: Workspace, number: int, *, start: str = "", **changes: Any) -> Path:
    """Write a whole round, which goes on from the one before it; its folder. `overfits` makes it do so."""
    folder = workspace.rounds / f"round_{number:02d}"
    (folder / "weights").mkdir(parents=True)
    test_set = workspace.rounds / "test_set.csv"
    if not test_set.exists():
        test_set.write_text((HERE / "test_set.csv").read_text())
    for variable in VARIABLES:
        (folder / "weights" / f"{variable}.pth").write_bytes(_weights(variable, number))
    found = metrics(number, start or ("chain" if number else "base"), changes.pop("overfits", False))
    (folder / "metrics.json").write_text(json.dumps({**found, **changes}))
    (folder / "queue.csv").write_text((HERE / "queue.csv").read_text().replace("ROUND", str(number)))
    said = {"format": 1, "round": number, "run": run_id(number), "as_of": AT, "published_at": AT + 100 * number}
    (folder / "round.json").write_text(json.dumps(said))
    for name in FILES:
        (folder / name).touch()
    return folder


def run_id(number: int) -> str:
    """The run that made a round."""
    return f"20260203-10152{number}-round-000{number}"


def metrics(number: int, start: str, overfits: bool = False) -> dict[str, Any]:
    """What metrics.json holds."""
    found: dict[str, Any] = json.loads((HERE / "metrics.json").read_text())
    one = found["variables"].pop("one")
    found |= {"round": number, "parent": number - 1 if number else None}
    found["test_set"]["sha256"] = hashlib.sha256((HERE / "test_set.csv").read_bytes()).hexdigest()
    found["variables"] = {name: _variable(one, name, number, start, overfits) for name in VARIABLES}
    return found


def _variable(template: Mapping[str, Any], name: str, number: int, start: str, overfits: bool) -> dict[str, Any]:
    f1 = 0.55 + 0.05 * number - 0.1 * (name == "distance")
    made: dict[str, Any] = json.loads(json.dumps(template))
    made["classes"] = VARIABLES[name]
    made["test"] |= {"macro_f1": f1, "accuracy": f1 + 0.05}
    made["test"]["intervals"] = {"macro_f1": [f1 - 0.16, f1 + 0.14], "accuracy": [f1 - 0.1, f1 + 0.18]}
    made["test"]["by_class"] = dict.fromkeys(VARIABLES[name], made["test"]["by_class"]["one"])
    made["training"] = {"kept": start, "starts": {start: made["training"]["starts"]["one"]}}
    made["lineage"] = _lineage(name, number, start)
    made["guidance"] = [one for one in made["guidance"] if number or one["name"] == "overfitting"]
    if overfits:
        made["guidance"][-1] |= {"verdict": "yes", "value": 0.37, "says": "train macro-F1 is 0.370 over validation"}
    return made if number else made | dict.fromkeys(("gain", "stop_set", "arms"))


def _lineage(name: str, number: int, start: str) -> dict[str, Any]:
    before = {"file": "weights/resnet50_v7.pth", "sha256": "77" * 32, "round": None, "head": "new"}
    if start == "chain":
        file, sha256 = f"rounds/round_{number - 1:02d}/weights/{name}.pth", sha(name, number - 1)
        before = {"file": file, "sha256": sha256, "round": number - 1, "head": "given"}
    return {"file": f"weights/{name}.pth", "sha256": sha(name, number), "start": start, "from": before}


def sha(name: str, number: int) -> str:
    """The hash of a round's weights."""
    return hashlib.sha256(_weights(name, number)).hexdigest()


def _weights(name: str, number: int) -> bytes:
    return f"{name} of round {number}".encode()
