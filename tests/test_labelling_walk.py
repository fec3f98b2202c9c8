"""docs/labelling.md tells the truth: its commands are run one after the other, on videos and labels made here."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine import tables
from tests.engine.vision import small
from tests.lab import Answer, shell
from tests.test_docs import DOCUMENTS, commands

VIDEOS, FRAMES = 9, 40
LABELS = {
    "perspective": ("first_person", "second_person", "third_person"),
    "distance": ("personal", "social", "public"),
}
SCREENS, TRAINING = ("footplate label",), ("footplate run round", "footplate run finetune")
QUICK = """
model: {name: resnet18}
preprocess: {size: 32}
sets: {stop: 4}
train: {epochs: 1, augment: {flip: false, rotate_degrees: 0, colour_jitter: 0}}
query: {frames: 6, apart_s: 0}
replicates: 200
"""


class Walk:
    """Somebody who types what the document says."""

    def __init__(self, root: Path) -> None:
        self.root, self.here = root, root
        self.said: dict[str, Answer] = {}

    def type(self, command: str) -> None:
        """Do one command; what a person would have done beside it is done as well."""
        if command == "footplate annotations import labels.csv":
            self.label()
        words = command.split()
        if words[0] == "cd":
            self.here = self.here / words[1]
            videos(self.here / "videos")
        elif words[1] == "adjudicate":
            self.said[command] = shell(*self._settled(), cwd=self.here)
        else:
            self.said[command] = shell(*words[1:], cwd=self.here, patience_s=300.0)

    def label(self) -> None:
        """Label all frames but every seventh, as ana and as ben, who now and then see something else."""
        with (self.here / "labels.csv").open("w", newline="") as file:
            table = csv.writer(file)
            table.writerow(["annotator", "video_id", "frame_index", *LABELS])
            for coder, other in (("ana", 5), ("ben", 11)):
                for place, row in enumerate(tables.read(self.here / "frames.csv")):
                    kind = int(row["video_id"][-2:]) + (place % other == 0)
                    if place % 7:
                        values = (labels[kind % len(labels)] for labels in LABELS.values())
                        table.writerow([coder, row["video_id"], row["frame_index"], *values])

    def _settled(self) -> list[str]:
        found = json.loads(shell("disagreements", "--json", cwd=self.here).out)
        one = found["units"][0]
        unit = (one["video_id"], str(one["frame_index"]))
        return ["adjudicate", *unit, one["variable"], LABELS[one["variable"]][0], "--reason", "nearer", "--by", "cara"]


def videos(folder: Path) -> None:
    """Videos that look unlike each other."""
    random = np.random.default_rng(0)
    for number in range(VIDEOS):
        field = random.integers(0, 200, (6, 8, 3))
        frames = [np.kron(field, np.ones((12, 12, 1))).astype(np.uint8) + time for time in range(FRAMES)]
        small.video(folder / f"clip{number:02}.mp4", frames)


def typed(*without: str) -> Iterator[str]:
    """The commands of the document, but for some."""
    return (line for line in commands(DOCUMENTS["labelling"]) if not line.startswith(without))


def test_a_study_is_made_labelled_and_settled_by_the_commands_of_the_document(tmp_path: Path) -> None:
    walk = Walk(tmp_path)
    for command in typed(*SCREENS, *TRAINING):
        walk.type(command)
    assert {command: answer.err for command, answer in walk.said.items() if answer.code} == {}
    assert "of 60 overlap frames double-coded" in walk.said["footplate annotations progress"].out
    assert "alpha, nominal" in walk.said["footplate agreement"].out
    gold = tables.read(walk.here / "gold.csv")
    origins = {row[f"{name}_origin"] for row in gold for name in LABELS}
    assert origins - {""} == {"agreed", "adjudicated"}
    assert "no rounds yet" in walk.said["footplate rounds"].out


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_rounds_follow_by_the_commands_of_the_document(tmp_path: Path) -> None:
    walk = Walk(tmp_path)
    for command in typed(*SCREENS, "footplate run finetune"):
        walk.type(command)
        if command.startswith("footplate init"):
            (tmp_path / "study" / "configs" / "round.yaml").write_text(QUICK)
    assert {command: answer.err for command, answer in walk.said.items() if answer.code} == {}
    found = json.loads(shell("rounds", "--json", cwd=walk.here).out)
    assert [one["round"] for one in found["rounds"]] == [0, 1] and found["faults"] == []
