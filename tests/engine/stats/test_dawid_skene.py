"""Dawid and Skene's model: their own example, a slow and plain version, and what it tells of a gold set."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.annotations.gold import gold
from engine.annotations.log import Log
from engine.annotations.sensitivity import sensitivity
from engine.stats.dawid_skene import answer, counted, fit, identified
from engine.workspace import Workspace
from tests.conftest import Cli
from tests.engine.annotations.coded import DISTANCE, coded, settled, unit

# Dawid & Skene (1979), table 1: 45 patients, five anaesthetists, the first of whom looked at all forms three times.
PATIENTS = (
    "1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111 2223212 "
    "1211111 1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222 1111111 "
    "1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 1111111 1111111 1212111 "
    "2322222 1211111 2222222"
)
ONLY = {"distance": DISTANCE}


def anaesthetists() -> np.ndarray:
    counts = np.zeros((45, 5, 4))
    for patient, codes in enumerate(PATIENTS.split()):
        for look, code in enumerate(codes):
            counts[patient, max(0, look - 2), int(code) - 1] += 1
    return counts


def test_the_shares_of_the_published_example() -> None:
    assert fit(anaesthetists()).shares == pytest.approx([0.40, 0.42, 0.11, 0.07], abs=5e-3)


def test_each_round_of_the_slow_and_plain_version_is_the_same() -> None:
    counts = anaesthetists()
    shares, errors, posterior = plainly(counts, rounds=300)
    found = fit(counts)
    assert found.converged and found.shares == pytest.approx(shares, abs=1e-5)
    assert np.abs(found.errors - errors).max() < 1e-4 and np.abs(found.posterior - posterior).max() < 1e-4


def plainly(counts: np.ndarray, rounds: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The equations 2.3 to 2.5 and 3.1 of the paper, a loop for each index and without logarithms."""
    units, coders, classes = counts.shape
    posterior = np.array([unit.sum(0) / unit.sum() for unit in counts])
    for _ in range(rounds):
        shares = posterior.sum(0) / units
        errors = np.zeros((coders, classes, classes))
        for coder in range(coders):
            for true in range(classes):
                for said in range(classes):
                    errors[coder, true, said] = sum(posterior[n, true] * counts[n, coder, said] for n in range(units))
                errors[coder, true] /= errors[coder, true].sum() or 1
        for n in range(units):
            for true in range(classes):
                posterior[n, true] = shares[true] * np.prod(errors[:, true] ** counts[n])
            posterior[n] /= posterior[n].sum()
    return shares, errors, posterior


def test_the_likelihood_is_that_of_the_codes() -> None:
    counts = anaesthetists()
    found = fit(counts)
    by_hand = sum(np.log(sum(found.shares[true] * np.prod(found.errors[:, true] ** unit) for true in range(4)))
                  for unit in counts)  # fmt: skip
    assert found.log_likelihood == pytest.approx(by_hand, abs=1e-6)


def test_a_coder_who_swaps_two_labels_is_understood_and_not_outvoted() -> None:
    """Two careful coders and three who guess: the majority is often wrong, the model nearly never."""
    random = np.random.default_rng(7)
    truth = random.integers(0, 2, 400)
    careful = [np.where(random.random(400) < 0.97, truth, 1 - truth) for _ in range(2)]
    guessing = [random.integers(0, 2, 400) for _ in range(3)]
    rows = [[str(code) for code in coder] for coder in (*careful, *guessing)]
    counts = counted(rows, ["0", "1"])
    majority = (counts.sum(1).argmax(1) == truth).mean()
    model = (fit(counts).posterior.argmax(1) == truth).mean()
    assert model > 0.93 > majority


def test_units_that_some_have_not_seen_count_by_those_who_have() -> None:
    rows = [["a", "a", None, "b"], ["a", "", "b", "b"]]
    assert counted(rows, ["a", "b"]).sum((1, 2)).tolist() == [2, 1, 1, 2]
    assert np.isfinite(fit(counted(rows, ["a", "b"])).posterior).all()


def test_two_coders_never_determine_the_model() -> None:
    assert not identified(2, 2) and not identified(2, 4)
    assert identified(3, 2) and identified(5, 4)
    assert not answer({"rows": [["a", "b"], ["a", "b"]], "labels": ["a", "b"]})["identified"]


def test_a_row_of_rates_that_nobody_can_know_is_null() -> None:
    found = answer({"rows": [["a", "b", "a"], ["a", "b", "a"], ["a", None, "a"]], "labels": ["a", "b"]})
    assert found["errors"][2][1] is None and found["errors"][2][0] == [1.0, 0.0]
    json.dumps(found, allow_nan=False)


# --- beside a gold set --------------------------------------------------------------------------------------------


def third_coder_differs() -> dict[str, list[str]]:
    """Of 36 frames, which two coders see alike, a third one sees the four at 0, 10, 20 and 30 otherwise."""
    labels = ["personal", "social", "public"]
    careful = labels * 12
    third = [label if place % 10 else labels[(place + 1) % 3] for place, label in enumerate(careful)]
    return {"ana": careful, "ben": careful, "cem": third}


def test_the_second_opinion_regains_hard_frames_and_would_change_a_lone_adjudication() -> None:
    decisions = coded(third_coder_differs())
    agreed = gold(decisions, ONLY)
    (found,) = sensitivity(decisions, agreed, lambda question: [answer(one) for one in question])
    assert found.changed == [] and len(found.regained) == 4 == 36 - agreed.count("distance")
    assert found.warnings == ("20 rates out of 36 frames: it is surer than it can be",)
    assert set(found.errors) == {"ana", "ben", "cem"}
    adjudicated = gold(decisions, ONLY, [settled(0, "public")])
    (again,) = sensitivity(decisions, adjudicated, lambda question: [answer(one) for one in question])
    assert [(one.unit, one.gold, one.label) for one in again.changed] == [(unit(0), "public", "personal")]


def test_with_one_coder_or_one_label_there_is_no_second_opinion() -> None:
    for rows in ({"ana": ["social", "public"]}, {"ana": ["social"], "ben": ["social"]}):
        decisions = coded(rows)
        assert sensitivity(decisions, gold(decisions, ONLY), lambda _: pytest.fail("asked")) == []


def test_the_verb_computes_it_in_a_process_of_its_own(workspace: Workspace, cli: Cli) -> None:
    with Log.open(workspace.labels) as log:
        log.add(coded({name: list(row) for name, row in third_coder_differs().items() if name != "cem"}))
    raw = json.loads(cli("gold", "--sensitivity", "--json").out)["sensitivity"]["variables"]["distance"]
    assert raw["changed"] == [] and len(raw["units"]) == 36 and "hangs on where EM begins" in raw["warnings"][0]
    assert "0 gold labels would change" in cli("gold", "--sensitivity").out
