"""The jobs teacher and distill with tiny networks: what they leave and what they refuse."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine import tables
from engine.config import parse
from engine.errors import DataError, SpecError
from engine.events import Finding, Flag, Metric
from engine.files import read_json
from engine.inferring import asking
from engine.record import Recorder
from engine.registry import job
from engine.run import create
from engine.stats import calibration
from engine.vision import logits, trained
from engine.workspace import Workspace
from tests import pictured
from tests.engine.teaching.asked import ALL, CE, EACH, TEACHER, TINY
from tests.jobs import do, metrics, notes, said
from tests.lab import made

# --- what they leave ----------------------------------------------------------------------------------------------


def test_a_teacher_leaves_weights_that_know_how_they_want_their_images(lab: Workspace) -> None:
    run = do(lab, "teacher", *TEACHER, "preprocess.clahe={clip: 3, tiles: 4}")
    assert set(made(run)) == EACH | {"predictions.csv"}
    found = trained.read(run.artifacts / "best.pt")
    assert (found.model, found.classes, found.epochs) == ("test_resnet", pictured.CLASSES, 2)
    clahe = found.preprocessing.clahe
    assert clahe is not None and (clahe.clip, clahe.tiles) == (3, 4)
    lonely = lab.root / "elsewhere.pt"
    lonely.write_bytes((run.artifacts / "best.pt").read_bytes())
    assert trained.read(lonely).preprocessing == found.preprocessing
    out = Recorder(lab, create(lab, "infer", "", record={}), attempt=1, device="cpu")
    (one,) = asking.classifiers(parse(job("infer").spec_class(), "models: [elsewhere.pt]", "spec.yaml"), out)
    out.close()
    assert (one.preprocessing, one.classes) == (found.preprocessing, found.classes)


def test_what_is_told_of_a_teacher_is_what_its_weights_say(lab: Workspace) -> None:
    run = do(lab, "teacher", *TEACHER)
    told, calibrated = (read_json(run.artifacts / f"{n}.json") for n in ("reliabilitymetrics", "calibration"))
    one = trained.read(run.artifacts / "best.pt")
    network = trained.network(one, torch.device("cpu"))
    given = {}
    for split in ("val", "test"):
        rows = [row for row in tables.read(lab.root / "all.csv") if row["split"] == split]
        paths = [lab.root / "images" / row["image_path"] for row in rows]
        truth = np.array([pictured.CLASSES.index(row["label"]) for row in rows])
        given[split] = logits.all_of(network, one.preprocessing, paths, batch=8).astype(float), truth
    said_of, labels = given["test"]
    fitted = calibration.fit_temperature(*given["val"])
    assert told["accuracy"] == pytest.approx((said_of.argmax(1) == labels).mean())
    assert told["nll"] == pytest.approx(calibration.nll(said_of, labels), abs=1e-5)
    assert told["ece"] == pytest.approx(calibration.ece(calibration.softmax(said_of), labels), abs=1e-5)
    assert calibrated["fitted_temperature"] == pytest.approx(fitted.temperature, rel=1e-4)
    used = 1.0 if fitted.at_bound else fitted.temperature
    assert told["ece_scaled"] == pytest.approx(calibration.ece(calibration.softmax(said_of, used), labels), abs=1e-4)
    assert (told["split"], told["images"]) == ("test", 18)
    assert (
        sum(one["frames"] for one in calibrated["bins"])
        == sum(one["frames"] for one in calibrated["bins_before"])
        == 18
    )


def test_a_student_goes_through_three_stages_whose_epochs_go_on(taught: Workspace) -> None:
    run = do(taught, "distill", *TINY, f"stages={ALL}", "softlabels=soft")
    stages = ("ce", "kd", "dkd")
    each = {f"{stage}/{name}" for stage in stages for name in EACH}
    assert set(made(run)) == each | {"predictions.csv", "stages.json"}
    lines = [read_json(run.artifacts / stage / "history.json") for stage in stages]
    assert [(one["first_epoch"], one["last_epoch"]) for one in lines] == [(1, 1), (2, 3), (4, 4)]
    found = read_json(run.artifacts / "stages.json")["stages"]
    assert [(one["stage"], sorted(one["gained"])) for one in found] == [
        ("ce", []),
        ("kd", ["ce"]),
        ("dkd", ["ce", "kd"]),
    ]
    assert {"ce.accuracy", "kd.ece_scaled", "dkd.temperature", "dkd.macro_f1"} <= set(metrics(run))
    curve = [event.step for event in said(run, Metric) if event.name == "kd.loss"]
    assert curve == [2, 3]
    variables = [row["variable"] for row in tables.read(run.artifacts / "predictions.csv")]
    assert [variables.count(stage) for stage in stages] == [18, 18, 18]
    told = [event.name for event in said(run, Finding)]
    assert told == [*stages, "kd against ce", "dkd against ce", "dkd against kd"]


def test_dkd_asked_for_10_epochs_after_15_of_kd_runs_10(taught: Workspace) -> None:
    """Once such a stage ran none, and ended well with an empty folder."""
    weights = taught.root / "kd.pt"
    one = trained.read(taught.root / "weights" / "a.pt")
    trained.save(weights, replace(one, epoch=12, epochs=15))
    stages = 'stages={"dkd": {"epochs": 10}}'
    run = do(taught, "distill", *TINY, stages, "softlabels=soft", "model.weights=kd.pt", "train.batch=18")
    story = read_json(run.artifacts / "dkd" / "history.json")
    assert [line["epoch"] for line in story["history"]] == list(range(16, 26))
    assert {f"dkd/{name}" for name in EACH} <= set(made(run))


def test_a_student_without_teachers_asks_for_no_soft_labels(lab: Workspace) -> None:
    run = do(lab, "distill", *TINY, f"stages={CE}")
    assert "soft labels" not in notes(run) and "ce/best.pt" in made(run)


def test_without_a_test_split_scores_are_of_validation_and_that_is_flagged(lab: Workspace) -> None:
    run = do(lab, "distill", *TINY, f"stages={CE}", "splits.test=")
    assert "no_test_split" in [flag.name for flag in said(run, Flag)]
    assert read_json(run.artifacts / "ce" / "reliabilitymetrics.json")["split"] == "val"


# --- what they refuse ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (('stages={"dkd": {"epochs": 0}}', "softlabels=soft"), "stages.dkd.epochs: expected a whole number above 0"),
        (('stages={"kd": {"epochs": 1}}',), "softlabels: stage 'kd' learns from a teacher"),
        (('stages={"warm": {"epochs": 1}}',), "stages.warm.loss: expected one of ce, focal, kd, dkd"),
        (('stages={"ce": {"epochs": 1, "temperature": 4}}',), "stages.ce.temperature: this loss takes no numbers"),
        (('stages={"kd": {"epochs": 1, "alpha": [0.5, 2]}}', "softlabels=s"), "stages.kd.alpha: expected at most 1"),
        (("train.batch=8", "train.accumulate=5"), "accumulate: expected at most 4, half of batch"),
        (
            ('stages={"kd": {"epochs": 1, "temperature": [2, 2]}}', "softlabels=s"),
            "stages.kd.temperature: expected each",
        ),
        (("stages={}",), "stages: expected one at least"),
        (("train.lr_warmup_epochs=2",), "stages.ce.epochs: 1 end before lr has risen, which takes 2"),
    ],
)
def test_a_spec_that_makes_no_sense_is_refused_before_anything_runs(words: tuple[str, ...], fault: str) -> None:
    with pytest.raises(SpecError, match=re.escape(fault)):
        parse(job("distill").spec_class(), f"stages: {CE}", "spec.yaml", words)


def test_missing_images_stop_the_run_or_are_told(lab: Workspace) -> None:
    for number in range(12):
        (lab.root / "images" / "train" / f"{number:03d}.png").unlink()
    with pytest.raises(DataError, match=r"12 of 54 images are not below .*: line 2: train/000\.png; .*009\.png\n"):
        do(lab, "teacher", *TEACHER)
    run = do(lab, "teacher", *TEACHER, "missing=skip")
    assert "skipped: 12 of 54" in notes(run) and metrics(run)["missing_images"] == 12


def test_a_label_that_training_never_saw_is_named_with_its_line(lab: Workspace) -> None:
    place = lab.root / "all.csv"
    place.write_text(place.read_text().replace("test/000.png,angry", "test/000.png,bored"))
    with pytest.raises(DataError, match=r"1 rows with an unseen label: line \d+: 'bored' \(test/000\.png\)"):
        do(lab, "teacher", *TEACHER)


def test_soft_labels_of_other_images_are_refused(taught: Workspace) -> None:
    pictured.picture(taught.root / "images" / "train" / "003.png", np.random.default_rng(5), 0)
    stages = 'stages={"kd": {"epochs": 1}}'
    with pytest.raises(DataError, match=r"1 of 18 images have no soft labels: .*train/003\.png: its file is another"):
        do(taught, "distill", *TINY, stages, "softlabels=soft")


def test_dkd_of_two_classes_is_refused_by_its_stage(lab: Workspace) -> None:
    place = lab.root / "all.csv"
    place.write_text("".join(line for line in place.read_text().splitlines(True) if ",sad," not in line))
    pictured.teacher(lab.root / "t.pt", 0, classes=("angry", "happy"))
    soft = do(lab, "softlabels", "teachers=[t.pt]", "manifest=all.csv", "data_root=images")
    stages = 'stages={"dkd": {"epochs": 1}}'
    with pytest.raises(SpecError, match=r"stages\.dkd: with 2 classes it is plain KD"):
        do(lab, "distill", *TINY, stages, f"softlabels=run:{soft.id}")
