"""The jobs ensemble and softlabels with tiny networks of timm: cached logits, alignment, and kills between shards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from engine import manifests, registry, tables
from engine.config import parse
from engine.contents import Contents
from engine.errors import DataError, SpecError
from engine.events import Flag
from engine.files import read_json
from engine.fusing import cache
from engine.stats import calibration, combine
from engine.vision import logits, softlabels, trained
from engine.workspace import Workspace
from tests import lab as labs
from tests import pictured
from tests.jobs import do, metrics, notes, said

ROOT = Path(__file__).resolve().parents[3]
TEACHERS = "teachers=[weights/a.pt,weights/b.pt]"
PLACE = ("manifest=all.csv", "data_root=images", "replicates=100", "batch=8")


@pytest.fixture
def lab(workspace: Workspace) -> Workspace:
    """54 images and two teachers."""
    pictured.images(workspace.root / "images", each=6)
    pictured.teacher(workspace.root / "weights" / "a.pt", 1)
    pictured.teacher(workspace.root / "weights" / "b.pt", 2)
    return workspace


def truth(lab: Workspace, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Logits (2, N, K) of both teachers by the plain way, and labels."""
    rows = manifests.read(lab.root / "all.csv", split)
    paths = [lab.root / "images" / row.image_path for row in rows]
    each = [trained.read(lab.root / "weights" / f"{name}.pt") for name in "ab"]
    found = [logits.all_of(trained.network(one, "cpu"), one.preprocessing, paths, batch=8) for one in each]
    return np.stack(found), np.array([pictured.CLASSES.index(row.label) for row in rows])


def test_a_fixed_ensemble_says_what_its_logits_say(lab: Workspace) -> None:
    run = do(lab, "ensemble", TEACHERS, *PLACE, "weighting=fixed", "weights=[3,1]")
    given, labels = truth(lab, "test")
    fused = combine.fused_logits(given, [0.75, 0.25])
    told = read_json(run.artifacts / "ensemble_metrics.json")
    assert told["nll"] == pytest.approx(calibration.nll(fused, labels), abs=1e-6)
    assert told["accuracy"] == (fused.argmax(1) == labels).mean() == metrics(run)["accuracy"]
    assert [one["weight"] for one in told["teachers"]] == [0.75, 0.25]
    predicted = [row["prediction"] for row in tables.read(run.artifacts / "predictions.csv")]
    assert predicted == [pictured.CLASSES[n] for n in fused.argmax(1)]


def test_a_sweep_takes_the_best_on_validation_and_its_table_has_the_whole_simplex(lab: Workspace) -> None:
    run = do(lab, "ensemble", TEACHERS, *PLACE, "step=0.25", "choose=nll")
    table = tables.read(run.artifacts / "sweep.csv")
    assert len(table) == 5
    best = min(table, key=lambda row: float(row["nll"]))
    assert [row["chosen"] for row in table].count("1") == 1 and best["chosen"] == "1"
    told = read_json(run.artifacts / "ensemble_metrics.json")
    assert told["weights"] == [float(best["weight_test_resnet-1"]), float(best["weight_test_resnet-2"])]
    assert told["weighting"]["split"] == "val"


def test_weights_that_were_chosen_on_the_test_split_are_flagged(lab: Workspace) -> None:
    run = do(lab, "ensemble", TEACHERS, *PLACE, "weighting=fit", "validation=test")
    assert "chosen_on_test" in [flag.name for flag in said(run, Flag)]


def test_logits_are_computed_once_for_the_same_weights_images_and_preprocessing(lab: Workspace) -> None:
    do(lab, "ensemble", TEACHERS, *PLACE, "weighting=equal")
    made = {path: path.stat().st_mtime_ns for path in (lab.cache / "logits").rglob("*.npy")}
    run = do(lab, "ensemble", TEACHERS, *PLACE, "weighting=fixed", "weights=[1,0]", "space=prob")
    assert "18 logits are known already" in notes(run)
    assert {path: path.stat().st_mtime_ns for path in (lab.cache / "logits").rglob("*.npy")} == made
    pictured.picture(lab.root / "images/test/000.png", np.random.default_rng(9), 0)
    do(lab, "ensemble", TEACHERS, *PLACE, "weighting=equal")
    assert len(list((lab.cache / "logits").iterdir())) == 4  # a picture is another one: two teachers more


def test_a_teacher_with_other_classes_is_named_and_refused(lab: Workspace) -> None:
    pictured.teacher(lab.root / "weights" / "b.pt", 2, ("angry", "happy", "calm"))
    with pytest.raises(DataError, match=r"weights/b.pt\) has other classes .*more: calm; lacking: sad"):
        do(lab, "ensemble", TEACHERS, *PLACE)


def test_a_teacher_with_its_classes_in_another_order_is_brought_into_order(lab: Workspace) -> None:
    weights = trained.read(lab.root / "weights" / "b.pt")
    straight = read_json(do(lab, "ensemble", TEACHERS, *PLACE, "weighting=equal").artifacts / "ensemble_metrics.json")
    order, head = [2, 0, 1], trained.models.head(weights.model)
    state = {key: value[order] if key in head else value for key, value in weights.state.items()}
    turned = trained.replace(weights, classes=tuple(weights.classes[n] for n in order), state=state)
    trained.save(lab.root / "weights" / "b.pt", turned)
    run = do(lab, "ensemble", TEACHERS, *PLACE, "weighting=equal")
    assert read_json(run.artifacts / "ensemble_metrics.json")["nll"] == pytest.approx(straight["nll"], abs=1e-5)
    assert "another order" in notes(run)


@pytest.mark.parametrize(
    ("override", "words"),
    [("teachers=[weights/a.pt,weights/a.pt]", "has the same weights"), ("test=exam", "no rows of split 'exam'"),
     ("weighting=fixed", "expected 2 numbers"), ("weights=[3,1]", "say weighting=fixed")],
)  # fmt: skip
def test_what_cannot_be_fused_is_said(lab: Workspace, override: str, words: str) -> None:
    with pytest.raises((DataError, SpecError), match=words):
        do(lab, "ensemble", TEACHERS, *PLACE, override)


def test_a_label_that_no_teacher_knows_is_named_with_its_line(lab: Workspace) -> None:
    with (lab.root / "all.csv").open("a") as file:
        file.write("test/000.png,calm,test,web\n")
    with pytest.raises(DataError, match=r"unseen label: line 56: 'calm' \(test/000.png\)"):
        do(lab, "ensemble", TEACHERS, *PLACE)


def test_soft_labels_of_an_ensemble_are_its_logits_image_by_image(lab: Workspace) -> None:
    made = do(lab, "ensemble", TEACHERS, *PLACE, "weighting=fixed", "weights=[3,1]")
    run = do(lab, "softlabels", f"ensemble=run:{made.id}/ensemble_metrics.json", *PLACE[:2], "batch=8")
    rows = manifests.read(lab.root / "all.csv", "train")[::-1]
    hashes = Contents(lab.cache / "contents.sqlite").hashes(lab.root / "images", [row.image_path for row in rows])
    found = softlabels.open(run.artifacts).aligned(rows, hashes, pictured.CLASSES)
    given, _ = truth(lab, "train")
    np.testing.assert_allclose(found[::-1], combine.fused_logits(given, [0.75, 0.25]), rtol=2e-3, atol=2e-3)
    meta = read_json(run.artifacts / "meta.json")
    assert meta["weights"] == [0.75, 0.25] and list(meta["clahe"].values()) == [None, None]


def test_soft_labels_of_an_ensemble_whose_teacher_was_trained_on_are_refused(lab: Workspace) -> None:
    made = do(lab, "ensemble", TEACHERS, *PLACE, "weighting=equal")
    pictured.teacher(lab.root / "weights" / "b.pt", 3)
    with pytest.raises(DataError, match=r"test_resnet-2 \(weights/b.pt\): its weights are not those"):
        do(lab, "softlabels", f"ensemble=run:{made.id}/ensemble_metrics.json", *PLACE[:2])


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from engine.fusing import cache
    from engine.workspace import Workspace
    from tests.jobs import do
    cache.SHARD = 4
    kept, left = cache.Kept.keep, int(sys.argv[2])
    def keep(self, number, logits):
        global left
        kept(self, number, logits)
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
    cache.Kept.keep = keep
    do(Workspace(Path(sys.argv[1])), "softlabels", *sys.argv[3:])
"""


@pytest.mark.parametrize(
    ("override", "words"),
    [(TEACHERS, "ensemble names some as well"), ("weights=[1,1]", "those of the ensemble are taken"),
     ("ensemble=", "name run:ID/ensemble_metrics.json here")],
)  # fmt: skip
def test_teachers_are_named_once_or_it_is_said_which_key_is_too_many(override: str, words: str) -> None:
    named = ("ensemble=run:a/ensemble_metrics.json", "manifest=all.csv")
    with pytest.raises(SpecError, match=words):
        parse(registry.job("softlabels").spec_class(), "", "spec.yaml", [*named, override])


def test_a_folder_of_logits_whose_maker_was_killed_at_once_is_used(lab: Workspace) -> None:
    do(lab, "ensemble", TEACHERS, *PLACE, "weighting=equal")
    for folder in (lab.cache / "logits").iterdir():
        (folder / "meta.json").unlink()
    do(lab, "ensemble", TEACHERS, *PLACE, "weighting=equal")


def test_shards_that_are_there_are_not_computed_again(lab: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "SHARD", 4)
    words = ("teachers=[weights/a.pt]", "manifest=all.csv", "data_root=images", "batch=4")
    whole, shards = labs.made(do(lab, "softlabels", *words)), sorted((lab.cache / "logits").rglob("*.npy"))
    before = shards[0].stat().st_mtime_ns
    shards[1].unlink()
    assert labs.made(do(lab, "softlabels", *words)) == whole
    assert shards[0].stat().st_mtime_ns == before and shards[1].is_file()


@pytest.mark.slow
def test_killed_after_any_shard_the_soft_labels_come_out_the_same(
    lab: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("teachers=[weights/a.pt]", "manifest=all.csv", "data_root=images", "batch=4")
    code = [sys.executable, "-c", textwrap.dedent(KILLED), str(lab.root), "2", *words]
    died = subprocess.run(code, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=100, check=False)
    assert died.returncode == -signal.SIGKILL
    assert len(list((lab.cache / "logits").rglob("*.npy"))) == 2
    monkeypatch.setattr(cache, "SHARD", 4)
    resumed = labs.made(do(lab, "softlabels", *words))
    for path in (lab.cache / "logits").rglob("*.npy"):
        path.unlink()
    assert labs.made(do(lab, "softlabels", *words)) == resumed
