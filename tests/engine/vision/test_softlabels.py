"""Soft labels reach the image that they are of, or nobody: a shuffled index is never silently believed."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import DataError
from engine.files import read_json, sha256, write_json
from engine.manifests import Row
from engine.vision import softlabels

CLASSES = ("angry", "happy", "sad")
COUNT = 6


def hash_of(number: int) -> str:
    return f"{number:064x}"


def row(number: int, label: str | None = None) -> Row:
    return Row(number + 2, f"{number}.png", label or CLASSES[number % 3], "train", "web")


def logits() -> softlabels.Halves:
    return (np.arange(COUNT * 3).reshape(COUNT, 3) % 7).astype(np.float16)


def written(folder: Path, lines: list[dict[str, Any]] | None = None) -> Path:
    """Soft labels of six images."""
    lines = lines or [
        {"row": n, "image_path": f"{n}.png", "label": CLASSES[n % 3], "sha256": hash_of(n)} for n in range(COUNT)
    ]
    np.savez(folder / softlabels.ARRAYS, fused=logits(), teacher_0=logits() + 1)
    (folder / softlabels.INDEX).write_text("".join(json.dumps(line) + "\n" for line in lines))
    _meta(folder)
    return folder


def _meta(folder: Path) -> None:
    hashes = {"npz_sha256": sha256(folder / softlabels.ARRAYS), "index_sha256": sha256(folder / softlabels.INDEX)}
    write_json(folder / softlabels.META, {"format": 1, "rows": COUNT, "classes": list(CLASSES), **hashes})


def test_rows_in_another_order_get_their_own_logits(tmp_path: Path) -> None:
    order = [4, 0, 5, 2]
    found = softlabels.open(written(tmp_path)).aligned([row(n) for n in order], [hash_of(n) for n in order], CLASSES)
    assert (found == logits()[order]).all()


def test_classes_in_another_order_get_their_own_columns(tmp_path: Path) -> None:
    found = softlabels.open(written(tmp_path)).aligned([row(1)], [hash_of(1)], ("sad", "angry", "happy"))
    assert (found == logits()[[1]][:, [2, 0, 1]]).all()


def test_a_shuffled_index_whose_rows_say_where_they_belong_still_works(tmp_path: Path) -> None:
    lines = [{"row": n, "image_path": f"{n}.png", "label": CLASSES[n % 3], "sha256": hash_of(n)} for n in range(COUNT)]
    random.Random(1).shuffle(lines)
    found = softlabels.open(written(tmp_path, lines))
    assert (found.aligned([row(3)], [hash_of(3)], CLASSES) == logits()[[3]]).all()


@pytest.mark.parametrize("name", [softlabels.INDEX, softlabels.ARRAYS])
def test_a_file_that_was_shuffled_afterwards_is_refused_by_name(tmp_path: Path, name: str) -> None:
    written(tmp_path)
    if name == softlabels.INDEX:
        lines = (tmp_path / name).read_text().splitlines()
        contents = [json.loads(line) for line in lines]
        rotated = [
            {**line, "row": other["row"]} for line, other in zip(contents, contents[1:] + contents[:1], strict=True)
        ]
        (tmp_path / name).write_text("".join(json.dumps(line) + "\n" for line in rotated))
    else:
        np.savez(tmp_path / name, fused=logits()[::-1])
    with pytest.raises(DataError, match=f"{name}: is not the file that meta.json tells of"):
        softlabels.open(tmp_path)


def test_an_image_whose_file_is_another_one_now_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"1 of 2 images have no soft labels: line 3, 1.png: its file is another one"):
        softlabels.open(written(tmp_path)).aligned([row(0), row(1)], [hash_of(0), hash_of(99)], CLASSES)


def test_an_image_without_soft_labels_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"1 of 1 images have no soft labels: line 11, 9.png\n"):
        softlabels.open(written(tmp_path)).aligned([row(9)], [hash_of(9)], CLASSES)


def test_another_label_than_then_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"1 of 1 images have another label: line 2, 0.png: 'sad', there 'angry'"):
        softlabels.open(written(tmp_path)).aligned([row(0, "sad")], [hash_of(0)], CLASSES)


def test_other_classes_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"classes are angry, happy, sad; the student's are angry, calm"):
        softlabels.open(written(tmp_path)).aligned([row(0)], [hash_of(0)], ("angry", "calm"))


def test_one_file_with_different_soft_labels_is_refused(tmp_path: Path) -> None:
    lines = [{"row": n, "image_path": f"{n}.png", "label": "sad", "sha256": hash_of(n // 2)} for n in range(COUNT)]
    with pytest.raises(DataError, match=r"0.png, 1.png are one file"):
        softlabels.open(written(tmp_path, lines))


def test_an_index_with_a_row_too_few_is_refused(tmp_path: Path) -> None:
    written(tmp_path)
    lines = (tmp_path / softlabels.INDEX).read_text().splitlines(keepends=True)
    (tmp_path / softlabels.INDEX).write_text("".join(lines[1:]))
    _meta(tmp_path)
    assert read_json(tmp_path / softlabels.META)["rows"] == COUNT
    with pytest.raises(DataError, match="its rows are not 0 to 5"):
        softlabels.open(tmp_path)


def test_logits_of_a_teacher_alone_are_there(tmp_path: Path) -> None:
    assert (softlabels.open(written(tmp_path)).of_teacher(0) == logits() + 1).all()
