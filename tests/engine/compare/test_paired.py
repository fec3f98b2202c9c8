"""Paired differences: against a slow and obvious version, published examples, and everything that forbids pairing."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import child
from engine.compare import items, paired
from engine.compare.paired import Pair, Paired, Unpaired, holm, matched
from engine.errors import DataError
from engine.stats import compare
from engine.stats import paired as computed
from engine.workspace import Workspace
from tests.engine.compare.studies import Row, rows, studied

LABELS = list("aabbaabbabccab")


def side(workspace: Workspace, predictions: list[Row]) -> items.Items:
    run = studied(workspace, "one", predictions)
    return items.read(run, run.status())


def scores(labels: list[int], predictions: list[int]) -> dict[str, float]:
    """Accuracy, balanced accuracy and macro-F1 as they are defined, item by item."""
    hits = [label == prediction for label, prediction in zip(labels, predictions, strict=True)]
    recalls, f1s = [], []
    for name in sorted(set(labels)):
        true = sum(label == prediction == name for label, prediction in zip(labels, predictions, strict=True))
        recalls.append(true / labels.count(name))
        f1s.append(2 * true / (labels.count(name) + predictions.count(name)))
    return {
        "accuracy": sum(hits) / len(hits),
        "balanced_accuracy": sum(recalls) / len(recalls),
        "macro_f1": sum(f1s) / len(f1s),
    }


predictions = st.lists(st.tuples(*[st.integers(0, 2)] * 3, st.integers(0, 3)), min_size=5, max_size=14)


@given(predictions)
def test_intervals_and_chances_are_those_of_the_slow_version(drawn: list[tuple[int, int, int, int]]) -> None:
    labels, one, other, raw = (list(column) for column in zip(*drawn, strict=True))
    names = sorted(set(raw))
    groups = [names.index(group) for group in raw]
    replicates, swaps = 40, 30
    found = computed.compared(labels, one, other, groups, 3, replicates, swaps, seed=0)
    members = [[n for n, group in enumerate(groups) if group == number] for number in range(len(names))]
    picks = np.random.default_rng(0).integers(0, len(members), (replicates, len(members)))
    differences: dict[str, list[float]] = {name: [] for name in paired.SCORES}
    for pick in picks:
        chosen = [n for group in pick for n in members[group]]
        before, after = (scores([labels[n] for n in chosen], [some[n] for n in chosen]) for some in (one, other))
        for name in differences:
            differences[name].append(after[name] - before[name])
    seen = {name: scores(labels, other)[name] - scores(labels, one)[name] for name in paired.SCORES}
    flips = np.random.default_rng(1).integers(0, 2, (swaps, len(members)))
    for name in paired.SCORES:
        assert found[name]["other"] - found[name]["one"] == pytest.approx(seen[name])
        assert (found[name]["low"], found[name]["high"]) == pytest.approx(
            tuple(np.percentile(differences[name], [2.5, 97.5])), abs=1e-9)  # fmt: skip
    for name in ("balanced_accuracy", "macro_f1"):
        farther = 0
        for flip in flips:
            first = [(other if flip[group] else one)[n] for n, group in enumerate(groups)]
            second = [(one if flip[group] else other)[n] for n, group in enumerate(groups)]
            farther += abs(scores(labels, second)[name] - scores(labels, first)[name]) >= abs(seen[name]) - 1e-12
        assert found[name]["p"] == pytest.approx((1 + farther) / (1 + swaps))
    gains = [sum((other[n] == labels[n]) - (one[n] == labels[n]) for n in group) for group in members]
    assert found["accuracy"]["p"] == pytest.approx(compare.flips(gains))


def test_single_items_as_groups_give_the_exact_test_of_mcnemar() -> None:
    labels = [1] * 20
    one, other = [0] * 9 + [1] * 11, [1] * 9 + [0] * 1 + [1] * 10  # nine fixed, one broken
    found = computed.compared(labels, one, other, list(range(20)), 2, 100, 100, seed=0)
    assert found["accuracy"]["p"] == pytest.approx(compare.mcnemar(9, 1)[0]) == pytest.approx(22 / 1024)


def test_many_items_are_computed_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = [n % 3 for n in range(60)]
    one, other, groups = [0] * 60, labels, list(range(60))
    whole = computed.compared(labels, one, other, groups, 3, 200, 200, seed=3)
    monkeypatch.setattr(computed, "CELLS", 60 * 7)
    assert computed.compared(labels, one, other, groups, 3, 200, 200, seed=3) == whole


def test_holm_on_a_worked_example() -> None:
    """p of 0.01, 0.04, 0.03, 0.005 become 0.03, 0.06, 0.06, 0.02."""
    made = [Paired(f"m{n}", 1, 0, 0, 0, 0, p, 9, 9) for n, p in enumerate((0.01, 0.04, 0.03, 0.005))]
    assert [one.adjusted_p for one in holm(made)] == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_a_whole_question_is_answered_by_a_process_of_its_own(workspace: Workspace) -> None:
    one = side(workspace, rows(LABELS, ["a"] * 14))
    other = side(workspace, rows(LABELS, LABELS))
    found, unpaired = paired.paired([one, other, one])
    assert unpaired == [] and {pair.metric for pair in found} == {f"kind.{score}" for score in paired.SCORES}
    by = {(pair.metric, pair.side): pair for pair in found}
    better = by["kind.accuracy", 1]
    assert better.one == pytest.approx(6 / 14) and better.other == 1.0 and (better.items, better.groups) == (14, 7)
    same = by["kind.accuracy", 2]
    assert (same.difference, same.low, same.high, same.p) == (0.0, 0.0, 0.0, 1.0)


# --- which items --------------------------------------------------------------------------------------------------


def test_items_that_are_not_the_same_are_counted_and_not_paired(workspace: Workspace) -> None:
    one, other = side(workspace, rows(LABELS, LABELS)), side(workspace, rows(LABELS[:10], LABELS[:10]))
    found = matched("kind", 1, one["kind"], other["kind"], False)
    assert found == Unpaired("kind", 1, "different test items: 14 and 10, 10 in common")
    pair = matched("kind", 1, one["kind"], other["kind"], True)
    assert isinstance(pair, Pair) and len(pair.labels) == 10


def test_items_with_other_labels_are_not_paired(workspace: Workspace) -> None:
    one, other = side(workspace, rows(LABELS, LABELS)), side(workspace, rows(["b", *LABELS[1:]], LABELS))
    found = matched("kind", 1, one["kind"], other["kind"], False)
    assert found == Unpaired("kind", 1, "1 of 14 test items have another label")
    pair = matched("kind", 1, one["kind"], other["kind"], True)
    assert isinstance(pair, Pair) and len(pair.labels) == 13


def test_no_item_in_common(workspace: Workspace) -> None:
    one = side(workspace, rows(LABELS, LABELS))
    other = side(workspace, [("w", n, "kind", "a", "a") for n in range(3)])
    assert matched("kind", 1, one["kind"], other["kind"], True) == Unpaired(
        "kind", 1, "different test items: 14 and 3, none in common")  # fmt: skip


def test_items_of_one_group_have_no_interval(workspace: Workspace) -> None:
    one = side(workspace, rows(LABELS, LABELS, each=99))
    found = matched("kind", 1, one["kind"], one["kind"], False)
    assert isinstance(found, Unpaired) and "all 14 test items are of one group" in found.why


def test_items_are_together_that_share_a_group_on_either_side() -> None:
    names = [("v", str(n)) for n in range(5)]

    def of(groups: list[str], column: str) -> dict[tuple[str, ...], items.Item]:
        return {name: items.Item("a", "a", ((column, group),)) for name, group in zip(names, groups, strict=True)}

    assert items.clusters(names, of(list("ppqrs"), "scene"), of(list("xyyzw"), "fold")) == [0, 0, 0, 1, 2]


def test_a_table_that_is_not_what_it_has_to_be_is_named(workspace: Workspace) -> None:
    run = studied(workspace, "one", rows(LABELS, LABELS))
    file = run.artifacts / "predictions.csv"
    for text, words in (
        ("video_id,frame_index,after\nv,1,a\n", "no column 'label'"),
        ("video_id,frame_index,label\nv,1,a\n", "no column one of after, prediction, predicted"),
        ("clip,label,after\nv,1,a\n", "no column video_id and frame_index, or item"),
        ("item,label,after\nv,a,a\nv,a,b\n", "v is predicted twice"),
    ):
        file.write_text(text)
        with pytest.raises(DataError) as fault:
            items.read(run, run.status())
        assert words in str(fault.value) and run.id in str(fault.value) and "predictions.csv" in str(fault.value)
    file.unlink()
    with pytest.raises(DataError, match=r"predictions\.csv"):
        items.read(run, run.status())


def test_numbered_folds_are_no_groups_and_named_ones_are(workspace: Workspace) -> None:
    run = studied(workspace, "one", rows(LABELS, LABELS))
    file = run.artifacts / "predictions.csv"
    file.write_text("item,fold,label,prediction\nx,0,a,a\ny,0,a,b\n")
    assert {item.groups for item in items.read(run, run.status())[""].values()} == {()}
    file.write_text("item,fold,label,prediction\nx,anna,a,a\ny,0,a,b\n")
    assert {item.groups for item in items.read(run, run.status())[""].values()} == {
        (("fold", "anna"),),
        (("fold", "0"),),
    }


def test_without_numpy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "Traceback\nModuleNotFoundError: No module named 'numpy'\n")
    monkeypatch.setattr(child.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(DataError, match="No module named 'numpy'") as fault:
        paired.ask({"pairs": []})
    assert "footplate[engine]" in fault.value.hint


def test_the_light_side_loads_no_numpy() -> None:
    code = (
        "import engine.compare.whole, engine.compare.words, engine.commands.compare, sys; print('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
