"""The loop of training: it goes on to the same weights, keeps the best, does with less memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.errors import DataError, DeviceError
from engine.vision import checkpoint, trained
from engine.vision.training import loading, objectives, stepping
from engine.vision.training.epochs import Epochs
from engine.vision.training.objectives import Known, Terms
from engine.vision.training.recipe import Recipe
from engine.vision.training.state import State
from tests.engine.teaching import learnt
from tests.engine.teaching.learnt import RECIPE, Heard, Killed

ALL = replace(RECIPE, ema=0.9, mixup=0.3, label_smoothing=0.1, balance="sampling", clip_norm=1.0, accumulate=2)


@pytest.mark.parametrize("how", [ALL, replace(ALL, save_steps=2, optimizer="sgd", schedule="step", step_epochs=1)])
def test_a_training_killed_after_every_step_ends_with_the_same_weights(tmp_path: Path, how: Recipe) -> None:
    data = learnt.data(tmp_path, augmented=True)
    learnt.fit(tmp_path / "whole", data, how)
    kills = 0
    while not (tmp_path / "cut" / "fit.json").exists():
        heard = Heard(at=3)
        try:
            learnt.fit(tmp_path / "cut", data, how, heard=heard)
        except Killed:
            kills += 1
    assert kills >= 2
    assert learnt.made(tmp_path / "cut") == learnt.made(tmp_path / "whole")


def test_a_kill_between_best_weights_and_state_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = learnt.data(tmp_path)
    learnt.fit(tmp_path / "whole", data)

    def die(_: State) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(State, "save", die)
        learnt.fit(tmp_path / "cut", data, replace(RECIPE, save_steps=0))
    assert (tmp_path / "cut" / "best.pt").exists() and not (tmp_path / "cut" / "state.pt").exists()
    learnt.fit(tmp_path / "cut", data)
    assert learnt.made(tmp_path / "cut") == learnt.made(tmp_path / "whole")


def test_a_training_that_is_over_is_not_done_again(tmp_path: Path) -> None:
    data, heard = learnt.data(tmp_path), Heard()
    story = learnt.fit(tmp_path / "fit", data)
    assert learnt.fit(tmp_path / "fit", data, heard=heard) == story
    assert heard.steps == 0


def test_the_best_weights_are_those_of_the_best_epoch_and_an_equal_one_later_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([0.5, 0.8, 0.8, 0.3])
    monkeypatch.setattr(
        Epochs, "_judged", lambda _: {"accuracy": next(scores), "macro_f1": 0.0, "nll": 1.0}
    )  # fmt: skip
    story = learnt.fit(tmp_path / "fit", learnt.data(tmp_path), replace(RECIPE, epochs=4))
    assert (story["best_epoch"], story["accuracy"]) == (2, 0.8)
    best, last = (trained.read(tmp_path / "fit" / f"{name}.pt") for name in ("best", "last"))
    assert (best.epoch, best.epochs, last.epoch) == (2, 4, 4)
    assert checkpoint.digest(best.state) != checkpoint.digest(last.state)


def test_epochs_are_those_to_run_and_their_numbers_go_on(tmp_path: Path) -> None:
    heard = Heard()
    how = replace(RECIPE, epochs=3, name="dkd")
    story = learnt.fit(tmp_path / "fit", learnt.data(tmp_path), how, heard=heard, first_epoch=15)
    assert [line["epoch"] for line in heard.lines] == [16, 17, 18]
    assert (story["epochs"], story["first_epoch"], story["last_epoch"]) == (3, 16, 18)
    assert trained.read(tmp_path / "fit" / "last.pt").epochs == 18


def test_a_training_of_no_epochs_is_an_error_and_leaves_no_story(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="0 epochs would train nothing"):
        learnt.fit(tmp_path / "fit", learnt.data(tmp_path), replace(RECIPE, epochs=0))
    assert not (tmp_path / "fit").exists()


def test_a_picture_that_cannot_be_read_is_named_by_its_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"train/007\.png: cannot be read as a picture"):
        learnt.fit(tmp_path / "fit", learnt.data(tmp_path, broken="train/007.png"))


def test_processes_that_are_spawned_load_the_same_pictures_and_tell_what_they_cannot_read(tmp_path: Path) -> None:
    data = learnt.data(tmp_path, augmented=True)
    wanted = [[(0, 3), (5, 3)], [(17, 3)]]
    spawned = loading.Loading(data.train, 1)
    here, there = (list(load(wanted)) for load in (loading.Loading(data.train, 0), spawned))
    for (frames, numbers), (others, same) in zip(here, there, strict=True):
        assert torch.equal(frames, others) and torch.equal(numbers, same)
    (tmp_path / "images" / "train" / "001.png").write_text("no picture")
    with pytest.raises(DataError, match=r"001\.png: cannot be read") as found:
        list(spawned([[(1, 0)]]))
    assert found.value.hint == "replace it, or drop its row"


# --- memory -------------------------------------------------------------------------------------------------------


def hungry(most: int) -> objectives.Objective:
    """A loss for which memory is enough for so many pictures only."""

    def lost(logits: Tensor, known: Known, terms: Terms) -> Tensor:
        if len(logits) > most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return objectives.ce(logits, known, terms)

    return lost


def test_pieces_are_halved_until_memory_does_and_stay_so_after_a_kill(tmp_path: Path) -> None:
    data, heard = learnt.data(tmp_path), Heard(at=2)
    with pytest.raises(Killed):
        learnt.fit(tmp_path / "fit", data, heard=heard, objective=hungry(2))
    assert heard.notes == [
        "out of memory: batches of 6 go through in 2 pieces from here on",
        "out of memory: batches of 6 go through in 3 pieces from here on",
    ]
    again = Heard()
    story = learnt.fit(tmp_path / "fit", data, heard=again, objective=hungry(2))
    assert (story["pieces"], again.notes) == (3, [])


def test_memory_for_not_even_two_pictures_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="not even two pictures"):
        learnt.fit(tmp_path / "fit", learnt.data(tmp_path), objective=hungry(1))


def test_pieces_add_up_to_the_gradient_of_the_whole_batch() -> None:
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 4))
    random = torch.Generator().manual_seed(0)
    images, labels = torch.randn(7, 3, 2, 2, generator=random), torch.tensor([0, 1, 2, 3, 0, 1, 2])
    weights = torch.tensor([0.5, 1.0, 2.0, 0.7])
    how, found = Recipe(epochs=1, label_smoothing=0.1, precision="fp32"), []
    for pieces in (1, 2, 3):
        state = State(network, replace(how, accumulate=pieces), Path("/nowhere"))
        known = stepping.known(labels, torch.zeros(7, 0), weights, how)
        lost = stepping._gradients(state, images, known, objectives.ce, Terms(), how)
        found.append((lost, [p.grad.clone() for p in network.parameters() if p.grad is not None]))
    for lost, gradients in found[1:]:
        assert lost == pytest.approx(found[0][0], rel=1e-6)
        assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(gradients, found[0][1], strict=True))


def test_a_loss_that_is_no_number_ends_the_training(tmp_path: Path) -> None:
    def lost(logits: Tensor, known: Known, terms: Terms) -> Tensor:
        return logits.sum() * float("nan")

    with pytest.raises(DataError, match="the loss is nan in epoch 1"):
        learnt.fit(tmp_path / "fit", learnt.data(tmp_path), objective=lost)
