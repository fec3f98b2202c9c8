"""Leave-one-out with a kept trunk against the plain loop, bit for bit; starts, folds and weights found again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bench import plain_loop
from engine.errors import AskError
from engine.files import read_json
from engine.vision import checkpoint, loocv, models, plan, weights
from engine.vision.data import Augmentation
from engine.vision.loocv import Study
from engine.vision.plan import Compute, Plan
from tests.engine.vision import small

RESNET, LITE = ("layer4", "fc"), ("blocks.6", "conv_head", "bn2", "classifier")
NETWORKS = [("test_resnet", RESNET, 64), ("resnet18", RESNET, 224), ("tf_efficientnet_lite0", LITE, 224)]


def one_fold(given: Plan, fold: int) -> plain_loop.Fold:
    study = Study(given)
    study.fold(fold, lambda *_: None)
    found = read_json(given.result(fold))
    return plain_loop.Fold(
        found["losses"], torch.tensor(found["scores"], dtype=torch.float64), study.split.model.state_dict()
    )


def assert_same(one: plain_loop.Fold, other: plain_loop.Fold) -> None:
    assert one.losses == other.losses
    assert torch.equal(one.scores, other.scores)
    assert checkpoint.digest(one.state) == checkpoint.digest(other.state)


@pytest.mark.parametrize(("model", "learning", "size"), NETWORKS)
def test_a_kept_trunk_gives_the_bits_of_the_plain_loop(
    model: str, learning: tuple[str, ...], size: int, tmp_path: Path
) -> None:
    given = small.plan(tmp_path, model, learning[0], size=size)
    assert_same(one_fold(given, 4), plain_loop.run(given, 4, learning))


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("augmentation", [Augmentation(), Augmentation(flip=True, rotate_degrees=9.0)])
def test_keeping_the_trunks_output_or_not_gives_the_same_bits(
    precision: str, augmentation: Augmentation, tmp_path: Path
) -> None:
    compute = Compute("cpu", precision, 1, {})
    given = small.plan(tmp_path, "test_efficientnet", "blocks.4", compute=compute, augmentation=augmentation)
    live = plan.uncached(given)
    live.save()
    loocv.start(live)
    assert_same(one_fold(given, 4), one_fold(live, 4))


def test_a_fold_hangs_on_nothing_that_was_done_before_it(tmp_path: Path) -> None:
    given = small.plan(tmp_path, "test_resnet", "layer4")
    alone = one_fold(given, 4)
    study = Study(given)
    study.before()
    study.fold(0, lambda *_: None)
    study.whole(lambda *_: None)
    study.fold(4, lambda *_: None)
    found = read_json(given.result(4))
    again = plain_loop.Fold(
        found["losses"], torch.tensor(found["scores"], dtype=torch.float64), study.split.model.state_dict()
    )
    assert_same(alone, again)


def test_dropout_is_the_same_wherever_a_fold_is_done(tmp_path: Path) -> None:
    given = small.plan(tmp_path, "torchvision:mobilenet_v3_small", "features.11")
    alone = one_fold(given, 4)
    torch.rand(5)
    assert_same(alone, one_fold(given, 4))


def test_the_left_out_frames_never_reach_training(tmp_path: Path) -> None:
    given = small.plan(tmp_path, "test_resnet", "layer4")
    other = replace(given, labels=(*given.labels[:4], 2, *given.labels[5:]))
    other.save()
    loocv.start(other)
    assert given.labels[4] != other.labels[4]
    assert_same(one_fold(given, 4), one_fold(other, 4))


def test_before_tells_the_given_weights_scores_and_the_heads_inputs(tmp_path: Path) -> None:
    given = small.plan(tmp_path, "test_resnet", "layer4")
    study = Study(given)
    study.before()
    with np.load(given.before) as found:
        model = study.split.model.eval()
        images = study.live.images(range(9), None)
        with torch.no_grad():
            pooled = study.split.model.forward_head(study.split.model.forward_features(images), pre_logits=True)
            scores = model(images).softmax(1)
        assert np.allclose(found["scores"], scores, atol=1e-6)
        assert np.allclose(found["features"], pooled, atol=1e-5)


def test_the_whole_training_leaves_weights_that_load_into_the_network(tmp_path: Path) -> None:
    given = small.plan(tmp_path, "test_resnet", "layer4")
    Study(given).whole(lambda *_: None)
    model = models.build("test_resnet", 3)
    assert weights.load(model, weights.read(given.whole), models.head("test_resnet"), given.whole)
    assert checkpoint.digest(model.state_dict()) != checkpoint.digest(checkpoint.load(given.start))


# --- starts ------------------------------------------------------------------------------------------------------


def with_weights(tmp_path: Path, classes: int) -> Plan:
    torch.manual_seed(9)
    path = tmp_path / "given.pth"
    checkpoint.save(path, models.build("test_resnet", classes).state_dict())
    plain = small.plan(tmp_path, "test_resnet", "layer4")
    given = replace(plain, weights_sha256="w", places=replace(plain.places, weights=str(path)))
    given.save()
    return given


def test_a_start_has_the_given_trunk_and_a_head_for_our_classes(tmp_path: Path) -> None:
    given = with_weights(tmp_path, classes=10)
    loocv.start(given)
    assert given.facts()["head"] == "new"
    state = checkpoint.load(given.start)
    assert torch.equal(state["conv1.0.weight"], weights.read(tmp_path / "given.pth")["conv1.0.weight"])
    assert state["fc.weight"].shape[0] == 3 and not state["fc.weight"].any()


def test_a_head_with_as_many_classes_is_taken_unless_a_file_says_that_they_are_others(tmp_path: Path) -> None:
    given = with_weights(tmp_path, classes=3)
    loocv.start(given)
    assert given.facts()["head"] == "given"
    given.start.unlink()
    (tmp_path / "given.json").write_text('{"classes": ["stripes", "dark", "noise"]}')
    loocv.start(given)
    assert given.facts()["head"] == "new"


def test_a_start_that_is_there_is_left_alone(tmp_path: Path) -> None:
    given = small.plan(tmp_path, "test_resnet", "layer4")
    before = given.start.stat().st_mtime_ns
    loocv.start(given)
    assert given.start.stat().st_mtime_ns == before


def test_a_stage_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AskError, match="layer9"):
        small.plan(tmp_path, "test_resnet", "layer9")


# --- plans -------------------------------------------------------------------------------------------------------


def test_a_plan_reads_back_as_it_was_written(tmp_path: Path) -> None:
    given = small.plan(tmp_path, "test_resnet", "layer4")
    assert plan.load(given.path) == given
    assert plan.load(given.path).folder == given.folder


def test_a_plan_has_another_folder_when_anything_but_a_place_changes(tmp_path: Path) -> None:
    given = small.plan(tmp_path, "test_resnet", "layer4")
    assert replace(given, places=replace(given.places, cache="/else")).fingerprint() == given.fingerprint()
    for change in (
        {"seed": 4},
        {"frames_sha256": "x"},
        {"training": replace(given.training, lr=2e-3)},
        {"labels": (0,)},
    ):
        assert replace(given, **change).fingerprint() != given.fingerprint()
