"""The fine-tuning job: what it leaves, what it refuses, and that a kill costs nothing but time."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from engine import events, launch
from engine.config import parse
from engine.errors import AskError, DataError, FootplateError, SpecError, Stopped
from engine.events import Flag, Metric
from engine.files import read_json
from engine.jobs import finetune
from engine.record import Recorder
from engine.run import Run, create
from engine.specs.finetune import Finetune
from engine.vision import checkpoint, models, weights, worker
from engine.vision.parts import Part
from engine.workspace import Workspace
from tests.engine.vision import small
from tests.lab import ended, made, says, until, working

PRESET = Path(finetune.__file__).resolve().parents[2] / "configs" / "finetune.yaml"
SPEC = """
names: {kind: look}
model: {name: test_resnet, train_from: layer4}
preprocess: {size: 64, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25]}
train: {lr: 1e-3, epochs: 3, batch: 4}
loo: {leave_out: frame, before: probe, replicates: 200}
"""
STUDY = """
name: a study
variables:
  kind: {labels: [dark, stripes, noise, odd], classes: {odd: null}}
  light: {labels: [low, high]}
"""
KINDS = ("dark", "stripes", "noise")


class Inline:
    """The parts of a pool that the job uses, done in this process: loading torch once is enough for many tests."""

    count = 1

    def __init__(self, *_: object) -> None:
        self.done: list[Part] = []

    def __enter__(self) -> Inline:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def facts(self, check: Callable[[], None]) -> dict[str, Any]:
        return worker._facts("cpu", "fp32", 1)

    def run(self, todo: Sequence[Part], check: Callable[[], None]) -> Iterator[dict[str, Any]]:
        for part in todo:
            check()
            worker.do(vars(part), lambda answer: None)
            self.done.append(part)
            yield {"done": True, "part": vars(part)}


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> list[Inline]:
    """No processes; the pools that the job made."""
    made: list[Inline] = []
    monkeypatch.setattr(finetune, "Pool", lambda *words: made.append(Inline()) or made[-1])
    torch.set_num_threads(1)
    return made


@pytest.fixture
def lab(workspace: Workspace) -> Workspace:
    """Twelve pictures of three kinds in four folders, two coders who mostly agree, and a gold table."""
    workspace.file.write_text(STUDY)
    pixels = small.frames(12, 64)
    rows, coded = [], []
    for n in range(12):
        folder = workspace.root / "videos" / f"v{n // 3}"
        folder.mkdir(exist_ok=True)
        Image.fromarray(pixels[n]).save(folder / f"{n:04}.png")
        light = "low" if n % 3 == 0 else "high"
        rows.append((f"v{n // 3}", n, f"s{n // 6}", KINDS[n % 3], light if n != 7 else ""))
        coded += [
            ("ann", f"v{n // 3}", n, KINDS[n % 3], light),
            ("bob", f"v{n // 3}", n, KINDS[(n + (n == 2)) % 3], light),
        ]
    table(workspace.gold, "video_id,frame_index,scene,kind,light", rows)
    table(workspace.annotations, "annotator,video_id,frame_index,kind,light", coded)
    return workspace


def table(path: Path, header: str, rows: Sequence[Sequence[object]]) -> None:
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")


@dataclass(frozen=True)
class Done:
    """A run that was done in this process."""

    run: Run

    @property
    def comparison(self) -> dict[str, Any]:
        return read_json(self.run.artifacts / "v8_comparison.json")["variables"]

    def said(self, kind: type[events.Event]) -> list[Any]:
        return [event for event in events.read(self.run.events)[0] if isinstance(event, kind)]


def do(lab: Workspace, *overrides: str, run: Run | None = None) -> Done:
    spec = parse(Finetune, SPEC, "spec.yaml", overrides)
    run = run or create(lab, "finetune", SPEC, record={})
    out = Recorder(lab, run, attempt=1, device="cpu")
    try:
        finetune.run(spec, out)
        out.conclude()
    finally:
        out.close()
    return Done(run)


# --- what it leaves ----------------------------------------------------------------------------------------------


def test_it_leaves_a_comparison_tables_and_pictures(lab: Workspace, pools: list[Inline]) -> None:
    done = do(lab)
    found = done.comparison
    always = {"v8_comparison.json", "predictions.csv", "history.json"}
    always |= {f"confusion_{variable}.{kind}" for variable in ("kind", "light") for kind in ("json", "png")}
    saved = {found[v]["saved"] for v in found if found[v]["improved"]}
    assert set(made(done.run)) == always | saved | {name.replace(".pth", ".json") for name in saved}
    kind = found["kind"]
    assert (kind["frames"], kind["folds"], kind["classes"]) == (12, 12, list(KINDS))
    assert kind["coders"] == [{"coders": ["ann", "bob"], "units": 12, "share": 11 / 12, "kappa": pytest.approx(0.875)}]
    assert found["light"]["frames"] == 11
    assert read_json(done.run.artifacts / "v8_comparison.json")["compute"]["threads"] == 1
    assert read_json(done.run.artifacts / "confusion_kind.json")["after"] == kind["after"]["confusion"]


def test_predictions_have_a_row_a_frame_and_variable_that_adds_up(lab: Workspace, pools: list[Inline]) -> None:
    done = do(lab)
    with (done.run.artifacts / "predictions.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["variable"] == "kind"]
    assert [row["label"] for row in rows] == [KINDS[n % 3] for n in range(12)]
    right = sum(int(row["right"]) for row in rows)
    assert right / 12 == pytest.approx(done.comparison["kind"]["after"]["accuracy"])
    for row in rows:
        scores = json.loads(row["scores"])
        assert max(scores, key=scores.get) == row["after"] and sum(scores.values()) == pytest.approx(1, abs=1e-5)


def test_its_history_has_every_fold_and_its_curves_and_results_are_said(lab: Workspace, pools: list[Inline]) -> None:
    done = do(lab)
    history = read_json(done.run.artifacts / "history.json")["kind"]["folds"]
    assert len(history) == 12 and all(len(losses) == 3 for losses in history.values())
    curves = {event.name for event in done.said(Metric) if event.step is not None}
    assert curves >= {"kind.running_accuracy", "kind.fold_loss", "kind.train_loss"}
    results = {event.name: event.value for event in done.said(Metric) if event.step is None}
    assert results["kind.accuracy"] == done.comparison["kind"]["after"]["accuracy"]
    assert results["kind.accuracy_before"] == done.comparison["kind"]["before"]["accuracy"]
    assert {event.name for event in done.said(Flag)} >= {"few_of_a_class"}


def test_the_same_question_has_the_same_bytes_as_answer(lab: Workspace, pools: list[Inline]) -> None:
    assert made(do(lab).run) == made(do(lab, "cache_trunk=false").run)


def test_a_whole_video_or_scene_is_left_out_at_once(lab: Workspace, pools: list[Inline]) -> None:
    assert do(lab, "loo.leave_out=auto", "variables=[kind]").comparison["kind"]["leave_out"] == "video"
    found = do(lab, "loo.leave_out=scene", "variables=[kind]").comparison["kind"]
    assert (found["leave_out"], found["folds"]) == ("scene", 2)


def given_weights(lab: Workspace, pools: list[Inline]) -> Path:
    """Weights with a head for the kinds, trained by the job itself, far from done."""
    done = do(lab, "variables=[kind]", "train.epochs=1", "train.lr=1e-4", "loo.keep_if=accuracy")
    torch.manual_seed(1)
    path = lab.root / "look_v7.pth"
    checkpoint.save(path, models.build("test_resnet", 3).state_dict())
    assert done.run
    return path


def test_better_weights_are_kept_with_what_they_take_and_fit_the_network(lab: Workspace, pools: list[Inline]) -> None:
    path = given_weights(lab, pools)
    done = do(lab, "variables=[kind]", f"model.weights={path.name}", "loo.before=auto", "train.epochs=8")
    found = done.comparison["kind"]
    assert found["before_is"] == "what the given weights predict"
    assert found["improved"] and found["saved"] == "look_test_resnet_v8.pth"
    model = models.build("test_resnet", 3)
    saved = done.run.artifacts / "look_test_resnet_v8.pth"
    assert weights.load(model, weights.read(saved), models.head("test_resnet"), saved)
    assert weights.classes(saved) == list(KINDS)
    again = do(lab, "variables=[kind]", f"model.weights={saved}", "loo.before=auto", "train.lr=1e-9", "train.epochs=1")
    assert again.comparison["kind"]["weights"]["head"] == "given"
    assert again.comparison["kind"]["before"]["accuracy"] > found["before"]["accuracy"]  # they have seen these frames


def test_weights_that_are_no_better_are_not_kept_but_the_comparison_is(lab: Workspace, pools: list[Inline]) -> None:
    path = given_weights(lab, pools)
    asked = ("variables=[kind]", f"model.weights={path.name}", "loo.before=auto", "train.lr=1e-12", "train.epochs=1")
    done = do(lab, *asked, "train.batch_norm=frozen")
    found = done.comparison["kind"]
    assert not found["improved"] and found["saved"] is None
    assert found["folds_fixed"] == found["folds_broken"] == 0 and found["mcnemar_exact_p"] == 1.0
    assert not list(done.run.artifacts.glob("*.pth"))


def test_weights_that_are_no_better_are_kept_where_that_is_asked_and_flagged(
    lab: Workspace, pools: list[Inline]
) -> None:
    path = given_weights(lab, pools)
    asked = ("variables=[kind]", f"model.weights={path.name}", "train.lr=1e-12", "train.epochs=1")
    done = do(lab, *asked, "train.batch_norm=frozen", "loo.keep_if=always")
    found = done.comparison["kind"]
    assert not found["improved"] and (done.run.artifacts / found["saved"]).is_file()
    assert "kept_though_no_better" in done.run.events.read_text()


# --- what it refuses ---------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[type[FootplateError], str, list[str]]] = {
    "unknown variable": (SpecError, "variables: no variable 'kinds' in .* did you mean 'kind'", ["variables=[kinds]"]),
    "unknown name": (SpecError, "names: no variable 'knd'", ["names={knd: look}"]),
    "one file for two": (SpecError, "two variables would write one file", ["names={kind: x, light: x}"]),
    "unknown column": (SpecError, "loo.leave_out: the gold table has no column 'scenes'", ["loo.leave_out=scenes"]),
    "missing weights": (DataError, "nowhere.pth", ["model.weights=nowhere.pth"]),
    "no weights for one": (SpecError, "model.weights: no weights for 'kind'", ["model.weights={light: gold.csv}"]),
    "no weights at all": (DataError, "gold.csv: cannot be read as weights", ["model.weights=gold.csv"]),
    "unknown model": (AskError, "no model 'test_resent'", ["model.name=test_resent"]),
    "unknown stage": (AskError, "cannot be cut at 'layer7'", ["model.train_from=layer7"]),
    "no head for before": (SpecError, "loo.before: the weights for 'kind' have no head", ["loo.before=weights"]),
    "missing gold": (DataError, "gold2.csv", ["gold=gold2.csv"]),
    "missing videos": (DataError, "elsewhere", ["videos=elsewhere"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_in_words(case: str, lab: Workspace, pools: list[Inline]) -> None:
    kind, said, overrides = REFUSED[case]
    with pytest.raises(kind, match=said) as raised:
        do(lab, *overrides)
    assert raised.value.hint or isinstance(raised.value, SpecError)


def test_weights_of_another_model_are_refused(lab: Workspace, pools: list[Inline]) -> None:
    checkpoint.save(lab.root / "other.pth", models.build("test_efficientnet", 3).state_dict())
    with pytest.raises(DataError, match=r"other\.pth: weights of another model: 75 entries needed"):
        do(lab, "model.weights=other.pth")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "no gold frames"),
        ([("v0", 0, "s0", "dark", "low"), ("v0", 1, "s0", "dark", "high")], "one class only"),
        ([("v0", 0, "s0", "dark", "low"), ("v1", 99, "s0", "noise", "high")], "no picture of frame 99"),
        ([("v0", 0, "s0", "dark", "low"), ("v9", 0, "s0", "noise", "high")], r"there is no v9\.\*"),
        ([("v0", 0, "s0", "dark", "low"), ("v0", 1, "s0", "blue", "high")], "v0, frame 1: kind is 'blue'"),
    ],
)
def test_gold_that_cannot_be_is_refused(
    rows: list[tuple[object, ...]], said: str, lab: Workspace, pools: list[Inline]
) -> None:
    table(lab.gold, "video_id,frame_index,scene,kind,light", rows)
    with pytest.raises(DataError, match=said):
        do(lab)


def test_a_variable_whose_name_would_lead_out_of_the_run_is_refused(lab: Workspace, pools: list[Inline]) -> None:
    lab.file.write_text(STUDY.replace("kind:", "../kind:"))
    lab.gold.write_text(lab.gold.read_text().replace("kind", "../kind"))
    with pytest.raises(SpecError, match=r"'\.\./kind' cannot be part of a file's name"):
        do(lab, "names={}")


def test_a_corrupt_picture_is_named(lab: Workspace, pools: list[Inline]) -> None:
    (lab.root / "videos" / "v1" / "0004.png").write_bytes(b"\x89PNG but no more")
    with pytest.raises(DataError, match=r"0004\.png: cannot be read as a picture"):
        do(lab)


# --- stops and kills ---------------------------------------------------------------------------------------------


class Impatient(Recorder):
    """Is asked to stop after a while."""

    looks = 0

    @property
    def stopping(self) -> bool:
        self.looks += 1
        return self.looks > 25


def test_a_stopped_run_goes_on_where_it_was_and_ends_the_same(lab: Workspace, pools: list[Inline]) -> None:
    whole = made(do(lab).run)
    shutil.rmtree(lab.cache)
    run = create(lab, "finetune", SPEC, record={})
    folds = len(pools[0].done)
    for _ in range(2):
        out = Impatient(lab, run, attempt=1, device="cpu")
        with pytest.raises(Stopped):
            finetune.run(parse(Finetune, SPEC, "spec.yaml"), out)
        out.close()
    assert made(do(lab, run=run).run) == whole
    again = sum(len(pool.done) for pool in pools[1:])
    assert again == folds + 2 * 2  # both files of trunk outputs are looked at by every attempt


def killed(lab: Workspace, moments: random.Random) -> tuple[Run, int]:
    """A real run that is done, and how often its job was killed at a random moment and resumed before that."""
    run = launch.submit(lab, "finetune", SPEC, "a test")
    for kills in range(99):
        status = working(run)
        time.sleep(moments.uniform(0, 10))
        if not run.status().active:
            return run, kills
        os.kill(run.status().job_pid or status.job_pid or 0, signal.SIGKILL)
        if ended(run).state == "done":
            return run, kills
        launch.resume(lab, run)
    raise AssertionError("it was never quick enough")


def test_a_killed_run_resumed_leaves_the_bytes_of_one_that_was_not(lab: Workspace, pools: list[Inline]) -> None:
    whole = made(do(lab).run)
    shutil.rmtree(lab.cache)
    run = launch.submit(lab, "finetune", SPEC, "a test", ["compute.processes=2"])
    until(lambda: list((run.folder / "work").glob("*/fold-*.json")), "a fold is done")
    os.kill(run.status().job_pid or 0, signal.SIGKILL)
    status = ended(run)
    assert (status.state, status.signal) == ("failed", "SIGKILL")
    launch.resume(lab, run)
    assert ended(run).state == "done", run.log.read_text()
    assert made(run) == whole
    assert says(run, "Phase") > 5


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_twenty_kills_at_random_moments_change_nothing(lab: Workspace, pools: list[Inline]) -> None:
    whole, moments, kills = made(do(lab).run), random.Random(0), 0
    while kills < 20:
        shutil.rmtree(lab.cache, ignore_errors=True)
        run, more = killed(lab, moments)
        assert made(run) == whole
        kills += more


def test_the_preset_is_the_study_and_says_every_key(lab: Workspace) -> None:
    spec = parse(Finetune, PRESET.read_text(), str(PRESET))
    assert spec == Finetune()
    assert (spec.model.name, spec.model.train_from, spec.train.lr) == ("resnet50", "layer4", 1e-5)
    for key in (*Finetune.model_fields, *("train_from", "patience", "leave_out", "keep_if", "batch_norm")):
        assert f"{key}:" in PRESET.read_text()
