"""Weights in files: the same bytes for the same weights, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import torch

from engine.vision import checkpoint


def state() -> checkpoint.State:
    torch.manual_seed(0)
    return {"a": torch.rand(3, 4), "b": torch.arange(5), "c": torch.rand(2, 2).bfloat16()}


def test_equal_weights_are_equal_bytes_whatever_the_file_is_called(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "one.pth", state())
    checkpoint.save(tmp_path / "quite_another_name.pt", state())
    assert (tmp_path / "one.pth").read_bytes() == (tmp_path / "quite_another_name.pt").read_bytes()


def test_views_are_saved_as_what_they_show_and_no_more(tmp_path: Path) -> None:
    big = torch.rand(1000, 1000)
    checkpoint.save(tmp_path / "view.pth", {"corner": big[:2, :2]})
    assert (tmp_path / "view.pth").stat().st_size < 10_000
    assert torch.equal(checkpoint.load(tmp_path / "view.pth")["corner"], big[:2, :2])


def test_a_digest_hangs_on_names_shapes_types_and_bits() -> None:
    same = checkpoint.digest(state())
    assert checkpoint.digest(dict(reversed(state().items()))) == same
    changed = [state() for _ in range(4)]
    changed[0]["a"][0, 0] += 1e-7
    changed[1]["a"] = changed[1]["a"].reshape(4, 3)
    changed[2]["b"] = changed[2]["b"].int()
    changed[3]["d"] = changed[3].pop("b")
    assert len({same, *(checkpoint.digest(other) for other in changed)}) == 5
