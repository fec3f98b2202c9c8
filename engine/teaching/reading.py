"""The images of a manifest, as training takes them: paths and class numbers of each split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine import manifests
from engine.errors import DataError
from engine.files import read_json, sha256, write_json
from engine.manifests import SOME, Row
from engine.record import Recorder
from engine.specs.learning import Learning
from engine.stats.metrics import Ints
from engine.vision.data import Augmentation, Preprocessing
from engine.vision.training.pictures import Pictures


@dataclass(frozen=True)
class Split:
    """The images of one split.

    Attributes:
        labels: (N,) class numbers.
    """

    name: str
    rows: tuple[Row, ...]
    labels: Ints
    root: Path

    def pictures(self, how: Preprocessing, augmentation: Augmentation | None = None, seed: int = 0) -> Pictures:
        """As a loader takes them; random changes hang on paths as the manifest has them."""
        names = tuple(row.image_path for row in self.rows)
        paths = tuple(str(self.root / name) for name in names)
        return Pictures(paths, how, augmentation or Augmentation(), seed, names)


@dataclass(frozen=True)
class Images:
    """All that a training reads.

    Attributes:
        judged: what scores are told of: the test split, or validation where there is none.
    """

    classes: tuple[str, ...]
    train: Split
    validation: Split
    judged: Split


def images(spec: Learning, out: Recorder) -> Images:
    """The images of the three splits, each of which is there.

    Raises:
        DataError: a split is empty, a label is not among those of training, an image is missing, or the manifest is
            not the one with which this run began.
    """
    out.phase("manifest")
    path, root = out.resolve(spec.manifest), out.resolve(spec.data_root)
    _must_be_the_same(path, out)
    rows = _there(spec, out, root, manifests.read(path))
    classes = manifests.classes(row for row in rows if row.split == spec.splits.train)
    wanted = [name for name in (spec.splits.train, spec.splits.validation, spec.splits.test) if name]
    splits = {name: _split(path, root, rows, name, classes) for name in wanted}
    train, validation = splits[spec.splits.train], splits[spec.splits.validation]
    judged = splits.get(spec.splits.test, validation)
    if judged is validation:
        out.flag("no_test_split", "scores are of the images that chose the epoch and the temperature: too good")
    sizes = ", ".join(f"{len(one.rows):,} {one.name}" for one in splits.values())
    out.note(f"{len(classes)} classes: {', '.join(classes[:SOME])}{', …' * (len(classes) > SOME)}; {sizes}")
    return Images(classes, train, validation, judged)


def _split(path: Path, root: Path, rows: Sequence[Row], name: str, classes: Sequence[str]) -> Split:
    found = tuple(row for row in rows if row.split == name)
    if not found:
        there = ", ".join(sorted({row.split for row in rows}))
        raise DataError(f"{path}: no rows of split {name!r}", hint=f"its splits are {there}; splits: names them")
    if len(classes) < 2:
        raise DataError(f"{path}: training images have one label only: {', '.join(classes)}", hint="two or more")
    manifests.must_be_known(path, [row for row in found if row.label not in classes], classes)
    number = {label: n for n, label in enumerate(classes)}
    return Split(name, found, np.array([number[row.label] for row in found], np.int64), root)


def _there(spec: Learning, out: Recorder, root: Path, rows: Sequence[Row]) -> list[Row]:
    """The rows whose image is there; missing ones stop the run, or are told."""
    found, missing = list[Row](), list[Row]()
    for number, row in enumerate(rows, start=1):
        (found if (root / row.image_path).is_file() else missing).append(row)
        out.progress(number, len(rows), "images")
    if missing:
        some = "; ".join(f"line {row.line}: {row.image_path}" for row in missing[:SOME])
        words = f"{len(missing)} of {len(rows)} images are not below {root}: {some}"
        if spec.missing == "stop" or not found:
            raise DataError(words, hint="mend data_root or the manifest, or say missing=skip")
        out.note(f"skipped: {words}", "warning")
        out.metric("missing_images", len(missing))
    return found


def _must_be_the_same(path: Path, out: Recorder) -> None:
    """A run that goes on with other images would be neither of two trainings."""
    place, now = out.work / "manifest.json", sha256(path)
    if read_json(place).get("sha256", now) != now:
        raise DataError(
            f"{path} has changed since this run began", hint=f"footplate retry {out.folder.name} begins anew"
        )
    write_json(place, {"sha256": now})
