"""Classifiers answer the same for a frame whatever stands beside it; votes are exact; trunks are shared bit by bit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.errors import DataError, DeviceError
from engine.files import sha256
from engine.vision import backend, checkpoint, models, sharing
from engine.vision.backend import Backend, of_json
from engine.vision.classifier import Classifier
from engine.vision.classify import GROUP, Classifiers
from engine.vision.consuming import Batch, Row
from engine.vision.data import Preprocessing
from engine.vision.decode import Frame
from engine.vision.voting import vote

CPU = torch.device("cpu")
HOW = Preprocessing(64, "squash", (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
MODEL = "test_resnet"


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def network(seed: int, classes: int, base: int = 0) -> nn.Module:
    """Random weights, with a head by one seed and all before by another."""
    torch.manual_seed(base)
    trunk, made = models.build(MODEL, 2).state_dict(), models.build(MODEL, classes)
    made.load_state_dict({key: trunk[key] for key in trunk if key not in models.head(MODEL)}, strict=False)
    torch.manual_seed(seed)
    for key in models.head(MODEL):
        made.state_dict()[key].normal_(0, 0.3)
    return made.eval()


def classifier(folder: Path, name: str, classes: tuple[str, ...], seed: int) -> Classifier:
    path = folder / f"{name}.pth"
    checkpoint.save(path, network(seed, len(classes)).state_dict())
    return Classifier(name, MODEL, classes, HOW, path, sha256(path))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> list[Classifier]:
    folder = tmp_path_factory.mktemp("weights")
    return [classifier(folder, "pov", ("a", "b", "c"), 1), classifier(folder, "distance", ("near", "far"), 2)]


@pytest.fixture(scope="module")
def pixels() -> Frame:
    return np.random.default_rng(0).integers(0, 256, (37, 64, 64, 3), dtype=np.uint8)


def answers(classifiers: Sequence[Classifier], pixels: Frame, cut: int, how: str = "plain") -> list[Row]:
    consumer = Classifiers(classifiers, CPU, how=how, batch=cut)
    rows: list[Row] = []
    for start in range(0, len(pixels), cut):
        piece = pixels[start : start + cut]
        rows += consumer.frames(Batch(piece, ["v"] * len(piece), range(len(piece)), [0.0] * len(piece)))
    return rows


@pytest.mark.parametrize("how", ["plain", "channels_last"])
def test_a_frame_is_answered_the_same_in_any_batch_and_place(two: list[Classifier], pixels: Frame, how: str) -> None:
    whole = answers(two, pixels, 37, how)
    order = np.random.default_rng(1).permutation(len(pixels))
    assert all(answers(two, pixels, cut, how) == whole for cut in (1, 5, 8, 16))
    assert answers(two, pixels[order], 7, how) == [whole[place] for place in order]


def test_answers_are_those_of_the_network_itself(two: list[Classifier], pixels: Frame) -> None:
    images = torch.from_numpy(((pixels / np.float32(255) - 0.5) / 0.25).astype(np.float32).transpose(0, 3, 1, 2).copy())
    with torch.no_grad():
        scores = two[0].load()(images).double().softmax(1).numpy()
    for row, wanted in zip(answers(two, pixels, 37), scores, strict=True):
        assert row[2:5] == pytest.approx(wanted, abs=6e-5)
        assert row[0] == "abc"[int(np.argmax(wanted))] and row[1] == max(row[2:5])


def test_votes_are_counted_and_ties_go_to_the_higher_mean_probability() -> None:
    rows: list[Row] = [["a", 0.6, 0.6, 0.4, 0.0], ["b", 0.9, 0.1, 0.9, 0.0], ["a", 0.5, 0.5, 0.1, 0.4]]
    assert vote(("a", "b", "c"), rows) == ["a", 0.6667, False, 0.4, 0.4667, 0.1333]
    assert vote(("a", "b", "c"), rows[:2]) == ["b", 0.5, True, 0.35, 0.65, 0.0]
    even: list[Row] = [["b", 0.5, 0.5, 0.5], ["a", 0.5, 0.5, 0.5]]
    assert vote(("a", "b"), even) == ["a", 0.5, True, 0.5, 0.5], "and then to the first class in order"


def test_weights_of_another_head_are_refused(two: list[Classifier]) -> None:
    with pytest.raises(DataError, match="its head is not for x, y"):
        Classifier("pov", MODEL, ("x", "y"), HOW, two[0].path, two[0].sha256).load()


def test_a_network_that_gives_no_numbers_is_an_error_and_no_label(tmp_path: Path, pixels: Frame) -> None:
    broken = classifier(tmp_path, "broken", ("a", "b"), 1)
    state = network(1, 2).state_dict()
    next(iter(state.values())).fill_(float("nan"))
    checkpoint.save(broken.path, state)
    with pytest.raises(DataError, match=r"broken: its network gives no numbers for a frame") as said:
        answers([broken], pixels, 8)
    assert "fp32" in said.value.hint and "broken.pth" in said.value.hint


def test_the_version_changes_with_weights_classes_and_preprocessing(two: list[Classifier]) -> None:
    def version(**changes: object) -> str:
        return Classifiers([Classifier(**{**vars(two[0]), **changes})], CPU, how="plain").version  # type: ignore[arg-type]

    versions = [version(), version(sha256="0"), version(classes=("b", "a", "c")), version(name="other")]
    versions.append(version(preprocessing=Preprocessing(65, "squash", HOW.mean, HOW.std)))
    assert len(set(versions)) == 5 and version() == version()


def batch() -> Tensor:
    return torch.randn(GROUP, 3, 64, 64, generator=torch.Generator().manual_seed(3))


def test_networks_of_one_trunk_share_it_with_the_same_bits() -> None:
    both = [network(1, 3), network(2, 5)]
    made, words = sharing.together([MODEL, MODEL], both, batch())
    assert isinstance(made, sharing.Shared) and "share all layers before fc" in words
    with torch.no_grad():
        assert all(torch.equal(one, net(batch())) for one, net in zip(made(batch()), both, strict=True))


def test_a_buffer_that_differs_is_not_shared() -> None:
    both = [network(1, 3), network(2, 3)]
    first = next(name for name in both[0].state_dict() if "running_mean" in name and name.startswith("layer3"))
    both[1].state_dict()[first].add_(0.1)
    _, words = sharing.together([MODEL, MODEL], both, batch())
    assert "share all layers before layer3" in words


def test_why_nothing_is_shared_is_said() -> None:
    apart, words = sharing.together([MODEL, MODEL], [network(1, 3), network(1, 3, base=9)], batch())
    assert isinstance(apart, sharing.Apart) and "differ from the first layer" in words
    other = models.build("test_efficientnet", 3).eval()
    _, words = sharing.together([MODEL, "test_efficientnet"], [network(1, 3), other], batch())
    assert "the networks differ (test_resnet, test_efficientnet)" in words


def test_the_backend_is_measured_and_can_be_kept() -> None:
    chosen = backend.choose(sharing.Apart([network(1, 3)]), [batch(), batch()], CPU, "fp32", 100, measure_s=0.1)
    assert chosen.backend.precision == "fp32" and "measured frames/s: fp32 " in chosen.words
    assert of_json(chosen.to_json()) == chosen


class Whimsical(nn.Module):
    """Answers otherwise when its pictures lie otherwise in memory."""

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        sign = 1.0 if images.is_contiguous() else -1.0
        return (torch.tensor([[sign, -sign]]).repeat(len(images), 1),)


def test_a_way_that_gives_other_labels_is_not_used_however_fast() -> None:
    chosen = backend.choose(Whimsical(), [batch()], CPU, "fp32", 100, measure_s=0.05)
    assert chosen.backend == Backend("fp32") and "fp32 channels-last is not used: probabilities differ" in chosen.words


def test_half_precision_is_refused_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend.devices, "has_bf16", lambda where: False)
    assert backend.precisions("auto", CPU) == ["fp32"]
    with pytest.raises(DeviceError, match="no fast bf16"):
        backend.precisions("bf16", CPU)
    gpu = torch.device("cuda")
    assert backend.precisions("auto", gpu) == ["fp16"], "a T4"
    monkeypatch.setattr(backend.devices, "has_bf16", lambda where: True)
    assert backend.precisions("auto", gpu) == ["bf16"]
    assert backend.precisions("auto", CPU) == ["fp32", "bf16"]


def test_out_of_memory_halves_the_batch_and_goes_on(
    two: list[Classifier], pixels: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer = Classifiers(two, CPU, how="plain", batch=37)
    wanted = consumer.frames(Batch(pixels, ["v"] * 37, range(37), [0.0] * 37))
    forward, sizes = consumer._forward, list[int]()

    def scarce(images: Tensor) -> tuple[Tensor, ...]:
        sizes.append(len(images))
        if len(images) > 2:
            raise torch.cuda.OutOfMemoryError
        assert forward
        return forward(images)

    monkeypatch.setattr(consumer, "_forward", scarce)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)
    found = consumer.frames(Batch(pixels, ["v"] * 37, range(37), [0.0] * 37))
    assert sizes[:3] == [8, 4, 2] and set(sizes[2:]) == {2}
    assert [row[0] for row in found] == [row[0] for row in wanted]


class Scarce(nn.Module):
    """A network in a device that holds two pictures."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network, self.sizes = network, list[int]()

    def forward(self, images: Tensor) -> Tensor:
        self.sizes.append(len(images))
        if len(images) > 2:
            raise torch.cuda.OutOfMemoryError
        answer: Tensor = self.network(images)
        return answer


def test_memory_that_is_short_before_a_way_was_chosen_halves_the_batch_as_well(
    two: list[Classifier], pixels: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)
    monkeypatch.setattr(backend, "MEASURE_S", 0.01)
    said = list[str]()
    consumer = Classifiers(two[:1], CPU, how="auto", batch=16, say=said.append)
    scarce = Scarce(consumer._networks[0])
    consumer._networks = [scarce]
    found = consumer.frames(Batch(pixels[:16], ["v"] * 16, range(16), [0.0] * 16))
    assert [row[0] for row in found] == [row[0] for row in answers(two[:1], pixels[:16], 16)]
    assert {8, 4, 2} <= set(scarce.sizes) and scarce.sizes[-1] == 2
    assert [words.split(": ")[2][:10] for words in said] == ["4 frames a", "2 frames a"]
