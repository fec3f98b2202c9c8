"""Networks by name, weights from files, and the cut between trunk and tail."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from engine.errors import AskError, DataError
from engine.vision import checkpoint, models, weights
from engine.vision.split import Split

NAME = "test_resnet"
CUTS = [
    ("test_resnet", "layer4"),
    ("test_resnet", "conv1"),
    ("test_resnet", "fc"),
    ("test_efficientnet", "blocks.4"),
    ("test_convnext", "stages.3"),
    ("test_vit", "blocks.5"),
    ("test_maxvit", "stages.1"),
    ("torchvision:resnet18", "layer4"),
    ("torchvision:mobilenet_v3_small", "features.11"),
]


def given(name: str = NAME, classes: int = 1000) -> weights.State:
    return models.build(name, classes).state_dict()


# --- names -------------------------------------------------------------------------------------------------------


def test_an_unknown_model_is_refused_with_its_nearest_names() -> None:
    with pytest.raises(AskError, match="no model 'resnt50'") as raised:
        models.build("resnt50", 3)
    assert "resnet50" in raised.value.hint
    with pytest.raises(AskError, match="no model 'torchvision:resnet5'") as raised:
        models.build("torchvision:resnet5", 3)
    assert "torchvision:resnet50" in raised.value.hint


@pytest.mark.parametrize("name", ["test_resnet", "test_vit", "torchvision:resnet18", "torchvision:mobilenet_v3_small"])
def test_a_model_has_as_many_outputs_as_classes(name: str) -> None:
    assert models.build(name, 3).eval()(torch.zeros(1, 3, 160, 160)).shape == (1, 3)


def test_the_head_is_what_hangs_on_the_number_of_classes() -> None:
    assert models.head("resnet50") == ["fc.weight", "fc.bias"]
    assert models.head("torchvision:efficientnet_b0") == ["classifier.1.weight", "classifier.1.bias"]


# --- weights -----------------------------------------------------------------------------------------------------


def load(model: nn.Module, state: weights.State, name: str = NAME) -> bool:
    return weights.load(model, state, models.head(name), Path("given.pth"))


def test_a_head_for_our_classes_is_kept() -> None:
    state, model = given(classes=3), models.build(NAME, 3)
    assert load(model, state)
    assert checkpoint.digest(model.state_dict()) == checkpoint.digest(state)


def test_a_head_for_other_classes_becomes_one_without_opinion() -> None:
    state, model = given(), models.build(NAME, 3)
    assert not load(model, state)
    assert torch.equal(model.get_parameter("layer1.0.conv1.weight"), state["layer1.0.conv1.weight"])
    assert model.eval()(torch.rand(2, 3, 64, 64)).abs().sum() == 0


def test_weights_of_another_model_are_refused_with_counts_and_examples() -> None:
    with pytest.raises(DataError, match="weights of another model") as raised:
        load(models.build(NAME, 3), given("test_efficientnet"))
    assert "75 entries needed; 71 missing (conv1.0.weight, conv1.1.bias, " in raised.value.message
    assert "unexpected (blocks.0.0.bn1.bias, " in raised.value.message
    assert "4 of another shape (bn1.bias, " in raised.value.message


def test_entries_of_another_shape_are_refused() -> None:
    state = given()
    state["layer1.0.conv1.weight"] = torch.zeros(1, 2, 3, 3)
    with pytest.raises(DataError, match=r"1 of another shape \(layer1\.0\.conv1\.weight\)"):
        load(models.build(NAME, 3), state)


def test_one_missing_entry_is_refused_rather_than_left_random() -> None:
    state = given()
    del state["layer2.0.bn1.running_var"]
    with pytest.raises(DataError, match=r"1 missing \(layer2\.0\.bn1\.running_var\)"):
        load(models.build(NAME, 3), state)


def test_wrappers_and_prefixes_of_training_scripts_are_taken_off(tmp_path: Path) -> None:
    path = tmp_path / "wrapped.pth"
    torch.save({"epoch": 3, "state_dict": {f"module.{key}": value for key, value in given().items()}}, path)
    assert not load(models.build(NAME, 3), weights.read(path))


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04 nearly a zip"])
def test_a_file_that_holds_no_weights_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.pth"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"bad\.pth: cannot be read as weights"):
        weights.read(path)


def test_a_whole_pickled_model_is_not_executed(tmp_path: Path) -> None:
    path = tmp_path / "model.pth"
    torch.save(models.build(NAME, 3), path)
    with pytest.raises(DataError, match="cannot be read as weights"):
        weights.read(path)


def test_names_of_the_efficientnet_package_are_translated() -> None:
    model = models.build("tf_efficientnet_lite0", 1000)
    state = model.state_dict()
    theirs = dict(zip(_their_names(model), state.values(), strict=True))
    assert list(weights.translated(theirs, model)) == list(state)


def _their_names(model: nn.Module) -> list[str]:
    """The keys of efficientnet_pytorch, which stand in the same order, written down from its block's definition."""
    names, number = [], -1
    entries = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    names += ["_conv_stem.weight", *(f"_bn0.{entry}" for entry in entries)]
    for stage in model.get_submodule("blocks").children():
        for block in stage.children():
            number += 1
            layers = ["_depthwise_conv", "_bn1", "_project_conv", "_bn2"]
            layers = ["_expand_conv", "_bn0", *layers] if hasattr(block, "conv_pwl") else layers
            for layer in layers:
                inner = ("weight",) if layer.endswith("conv") else entries
                names += [f"_blocks.{number}.{layer}.{entry}" for entry in inner]
    return [*names, "_conv_head.weight", *(f"_bn1.{entry}" for entry in entries), "_fc.weight", "_fc.bias"]


def test_the_classes_of_a_head_are_read_from_the_file_beside_the_weights(tmp_path: Path) -> None:
    (tmp_path / "pov.json").write_text('{"classes": ["near", "far"]}')
    assert weights.classes(tmp_path / "pov.pth") == ["near", "far"]
    assert weights.classes(tmp_path / "other.pth") is None


# --- trunk and tail ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "stage"), CUTS)
def test_trunk_and_tail_together_are_the_network(name: str, stage: str) -> None:
    model = models.build(name, 3)
    split, images = Split(model, stage), torch.rand(2, 3, 160, 160)
    with torch.no_grad():
        assert torch.equal(split(images), model(images))


def test_only_the_tail_learns() -> None:
    split = Split(models.build(NAME, 3), "layer4")
    learning = {name for name, parameter in split.model.named_parameters() if parameter.requires_grad}
    assert {name.partition(".")[0] for name in learning} == {"layer4", "fc"}
    assert sum(p.numel() for p in split.learning()) == sum(
        p.numel() for name, p in split.model.named_parameters() if name.startswith(("layer4", "fc"))
    )


def test_the_trunk_is_in_eval_after_every_train() -> None:
    split = Split(models.build(NAME, 3), "layer4").train()
    trunk = {part.training for part in split.trunk.modules() if isinstance(part, nn.BatchNorm2d)}
    tail = {part.training for part in split.tails["learning"].modules() if isinstance(part, nn.BatchNorm2d)}
    assert (trunk, tail) == ({False}, {True})


def test_training_changes_the_tails_statistics_and_never_the_trunks() -> None:
    split = Split(models.build(NAME, 3), "layer4").train()
    before = {name: buffer.clone() for name, buffer in split.model.named_buffers()}
    split(torch.rand(4, 3, 64, 64)).sum().backward()
    changed = {name for name, buffer in split.model.named_buffers() if not torch.equal(buffer, before[name])}
    assert changed and all(name.startswith("layer4") for name in changed)


def test_frozen_norms_keep_the_tails_statistics_as_well() -> None:
    split = Split(models.build("test_efficientnet", 3), "blocks.4", frozen_norm=True).train()
    before = checkpoint.digest(dict(split.model.named_buffers()))
    split(torch.rand(4, 3, 64, 64)).sum().backward()
    assert checkpoint.digest(dict(split.model.named_buffers())) == before


def test_an_unknown_stage_is_refused_with_those_there_are() -> None:
    with pytest.raises(AskError, match="cannot be cut at 'layer9'") as raised:
        Split(models.build(NAME, 3), "layer9")
    assert raised.value.hint == "its stages: conv1, bn1, layer1, layer2, layer3, layer4, fc"


def test_a_place_that_later_parts_reach_around_is_refused() -> None:
    class Around(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two, self.head = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.head(self.two(self.one(x)) + x)  # type: ignore[no-any-return]

    with pytest.raises(AskError, match="later parts also use what comes before it"):
        Split(Around(), "two")
    Split(Around(), "one")


@pytest.mark.filterwarnings("ignore:The default weight initialization of GoogleNet")
def test_a_network_with_a_second_output_while_learning_is_refused() -> None:
    split = Split(models.build("torchvision:googlenet", 3), "inception3a").eval()
    with pytest.raises(AskError, match="several outputs"):
        split.train()(torch.rand(2, 3, 64, 64))
