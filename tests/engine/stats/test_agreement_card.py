"""The reliability card: published examples, edges, blanks, and words of warning."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import AskError, DataError
from engine.stats.agreement import card, windows
from engine.stats.coders.coefficients import NAMES
from engine.stats.coders.needed import units

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "icr.json").read_text(encoding="utf-8"))
BY_NAME = {case["name"]: case for case in CASES}
EXACT = {
    "percent": "percent", "kappa": "kappa", "kappa_linear": "kappa_linear", "kappa_quadratic": "kappa_quadratic",
    "pi_or_fleiss": "fleiss", "S_brennan_prediger": "s", "ac1": "ac1", "ac2_quadratic": "ac2_quadratic",
}  # fmt: skip
PRINTED = {"percent": "percent", "kappa": "kappa", "conger_kappa": "kappa", "pi": "pi", "fleiss_kappa": "fleiss",
           "ac1": "ac1", "S": "s", "alpha": "alpha_nominal"}  # fmt: skip


def of(name: str, **changed: Any) -> dict[str, Any]:
    """The card of a case."""
    case = BY_NAME[name]
    level = "nominal" if case["level"] == "weighted" else case["level"]
    return card(**{"codes": case["data"], "labels": case["categories"], "level": level, "replicates": 400, **changed})


def table(counts: list[list[int]], labels: list[Any], level: str = "nominal", **how: Any) -> dict[str, Any]:
    """The card of a table of two coders."""
    pairs = [
        (a, b)
        for a, row in zip(labels, counts, strict=True)
        for b, n in zip(labels, row, strict=True)
        for _ in range(n)
    ]
    return card([[a for a, _ in pairs], [b for _, b in pairs]], labels, level, **{"replicates": 400, **how})


@pytest.mark.parametrize("name", BY_NAME)
def test_every_known_answer_is_met(name: str) -> None:
    case, found = BY_NAME[name], of(name)
    for key, ours in EXACT.items():
        if key in case["exact"]:
            assert found[ours] == pytest.approx(case["exact"][key], abs=1e-9), ours
    if "alpha_rational" in case["exact"]:
        level = "nominal" if case["level"] == "weighted" else case["level"]
        above, below = map(int, case["exact"]["alpha_rational"].split("/"))
        assert found[f"alpha_{level}"] == pytest.approx(above / below, abs=1e-12)
    assert found["pi"] == found["fleiss"]
    assert not case["table"] or found["confusion"] == case["table"]
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    "name", [name for name, case in BY_NAME.items() if (case["exact"].get("kappa_ci_fce") or [None])[0]]
)
def test_kappas_error_is_the_one_of_fleiss_cohen_and_everitt(name: str) -> None:
    exact, found = BY_NAME[name]["exact"], of(name)
    assert found["errors"]["kappa"]["value"] == pytest.approx(exact["kappa_se_fce"], abs=1e-9)
    assert found["intervals"]["kappa"]["analytic"] == pytest.approx(exact["kappa_ci_fce"], abs=1e-9)


@pytest.mark.parametrize("name", ["irrcac_cont3x3abstractors", "irrcac_raw4raters_full"])
def test_errors_and_intervals_are_those_that_irrcac_prints(name: str) -> None:
    printed, found = BY_NAME[name]["expected"], of(name)
    two = found["confusion_of"] != "coincidences"
    for key, ours in PRINTED.items():
        if f"{key}_se" in printed:
            assert found["errors"][ours]["value"] == pytest.approx(printed[f"{key}_se"], abs=6e-6), ours
            if not (two and ours == "kappa"):  # its interval there is Student's, ours the normal one
                assert found["intervals"][ours]["analytic"] == pytest.approx(printed[f"{key}_ci"], abs=6e-4), ours


def test_sas_prints_the_same_weighted_kappa_and_tests() -> None:
    found = of("sas_kappa_example")
    assert found["errors"]["kappa_linear"]["value"] == pytest.approx(0.1457, abs=5e-5)
    assert found["intervals"]["kappa_linear"]["analytic"] == pytest.approx([0.1845, 0.7558], abs=6e-5)
    assert found["tests"]["kappa"]["error"] == pytest.approx(0.1484, abs=5e-5)
    assert found["tests"]["kappa"]["z"] == pytest.approx(3.2626, abs=5e-5)
    assert found["tests"]["kappa"]["p"] == pytest.approx(0.0011, abs=5e-5)


def test_weights_of_ones_own_give_cohens_weighted_kappa() -> None:
    # Cohen (1968): .348 with these weights of disagreement; linear ones give the linear kappa.
    found = of("cohen1968_weighted", weights=[[0, 1, 3], [1, 0, 6], [3, 6, 0]])
    assert found["kappa_weighted"] == pytest.approx(0.348, abs=5e-4)
    assert found["intervals"]["kappa_weighted"]["bca"] is not None and found["errors"]["kappa_weighted"]["value"] > 0
    linear = of("cohen1968_weighted", weights=[[0, 1, 2], [1, 0, 1], [2, 1, 0]])
    assert linear["kappa_weighted"] == linear["kappa_linear"]
    assert "kappa_weighted" not in of("cohen1968_weighted")
    for wrong in ([[0, 1], [1, 0]], [[1, 1, 3], [1, 0, 6], [3, 6, 0]], [[0, 1, 3], [2, 0, 6], [3, 6, 0]]):
        with pytest.raises(AskError, match="weights"):
            of("cohen1968_weighted", weights=wrong)


def test_conger_depends_on_who_gave_a_single_code_and_alpha_does_not() -> None:
    one, other = of("irrcac_raw4raters_full"), of("kripp2011_CD_4coders_missing_nominal")
    assert (round(one["kappa"], 5), round(other["kappa"], 5)) == (0.76282, 0.76207)
    assert one["alpha_nominal"] == other["alpha_nominal"]
    assert one["percent_pair_weighted"] == pytest.approx(0.8)
    assert one["percent_of_pairs"] == pytest.approx(86 / 110)


def test_more_is_said_of_two_coders() -> None:
    for name in ("cohen1960_p45", "kripp2004_p246b_skewed", "sas_kappa_example", "edge_blank_vs_missing"):
        known, found = BY_NAME[name]["diagnostics"], of(name)
        assert found["kappa_max"] == pytest.approx(known["kappa_max"], abs=1e-9)
        assert found["marginal_gap"] == pytest.approx(known["bias_index_half_L1"], abs=1e-9)
        assert found["largest_share"]["share"] == pytest.approx(known["prevalence_max_share"], abs=1e-9)


def test_bias_is_warned_of_only_where_coders_differ_as_a_whole() -> None:
    assert any(text.startswith("coder bias") for text in of("kripp2004_p246b_skewed")["warnings"])
    assert not any(text.startswith("coder bias") for text in of("kripp2004_p246a_symmetric")["warnings"])


def test_the_order_of_labels_is_the_codebooks_and_not_the_alphabets() -> None:
    case = BY_NAME["order_trap_codebook_order"]
    ours = of(case["name"])
    theirs = of(case["name"], labels=sorted(case["categories"]))
    assert ours["kappa_quadratic"] == pytest.approx(0.8045347928, abs=1e-9)
    assert theirs["kappa_quadratic"] == pytest.approx(0.705, abs=1e-3)
    assert ours["kappa"] == pytest.approx(theirs["kappa"])


# --- edges ----------------------------------------------------------------------------------------------------------


def test_without_variation_kappa_and_alpha_are_undefined_and_say_so() -> None:
    found = of("edge_single_category")
    for name in (
        "kappa",
        "kappa_quadratic",
        "alpha_nominal",
        "alpha_ordinal",
        "alpha_interval",
        "pi",
        "fleiss",
        "kappa_max",
    ):
        assert found[name] is None and found["reasons"][name].startswith("no variation"), name
        assert found["intervals"].get(name, {}).get("bca") is None
    assert (found["percent"], found["s"], found["ac1"]) == (1.0, 1.0, 1.0)  # chance could have given other labels
    assert found["labels_in_use"] == {"labels": ["1"], "s": None, "ac1": None, "ac2_quadratic": None}
    only = card([[1, 1], [1, 1]], [1], "nominal", replicates=100)
    assert only["s"] is None and only["ac1"] is None and only["percent"] == 1.0


def test_without_a_unit_in_common_everything_is_undefined() -> None:
    found = of("edge_no_overlap")
    assert found["units_both_coded"] == 0 and set(found["reasons"].values()) == {"no doubly coded units"}
    assert all(found[name] is None for name in NAMES)
    assert any("no doubly coded units" in text for text in found["warnings"])


def test_perfect_agreement_says_how_little_that_may_mean() -> None:
    found = of("edge_perfect")
    assert found["kappa"] == found["alpha_ordinal"] == found["ac1"] == 1.0
    assert found["one_sided"]["percent"] == [0.5, 1.0]
    assert found["one_sided"]["kappa"] == [pytest.approx(0.25), 1.0]  # 1 - (3 / 6) / (1 - 1 / 3)
    assert found["one_sided"]["alpha_nominal"] == [pytest.approx(1 - 11 * 6 / 96), 1.0]  # 3 of 6 units differ
    assert any("rule of three" in text for text in found["warnings"])


def test_systematic_disagreement_is_below_zero() -> None:
    found = card(["ab" * 10, "ba" * 10], ["a", "b"], "nominal", replicates=400)
    assert found["kappa"] == -1.0 and found["alpha_nominal"] < -0.9 and found["percent"] == 0.0
    assert any("below 0" in text for text in found["warnings"])


def test_nobody_one_coder_and_an_idle_one_are_told_apart() -> None:
    for codes in ([], [[]], [["a", "b"]], [[], []], [["a", "b"], [None, None]]):
        found = card(codes, ["a", "b"], "nominal", replicates=100)
        assert found["units_both_coded"] == 0 and found["kappa"] is None, codes
        assert found["reasons"]["kappa"].startswith("no doubly coded units")
        json.dumps(found, allow_nan=False)
    with_idle = card(
        [list("aabb"), list("abbb"), [None] * 4], ["a", "b"], "nominal", replicates=100, coders=["x", "y", "z"]
    )
    alone = card([list("aabb"), list("abbb")], ["a", "b"], "nominal", replicates=100)
    assert {name: with_idle[name] for name in NAMES} == {name: alone[name] for name in NAMES}
    assert any("z" in text and "without any code" in text for text in with_idle["warnings"])


def test_a_code_that_is_no_label_is_named_with_its_place() -> None:
    with pytest.raises(DataError, match=r"coder 2, unit 3: 'x' is no label"):
        card([["a", "b", "a"], ["a", None, "x"]], ["a", "b"], "nominal")
    with pytest.raises(DataError, match=r"coder 1, unit 2: 7"):
        card(np.array([[1, 7], [1, 2]]), [1, 2], "nominal")
    with pytest.raises(DataError, match=r"3, 2"):
        card([["a", "b", "a"], ["a", "b"]], ["a", "b"], "nominal")
    with pytest.raises(DataError, match="named twice: a"):
        card([["a"], ["a"]], ["a", "a"], "nominal")
    with pytest.raises(DataError, match="unit 2 has none"):
        card([["a", "a"], ["a", "a"]], ["a"], "nominal", ["v1", None])
    with pytest.raises(DataError, match="unhashable"):
        card([[["a"]], ["a"]], ["a"], "nominal")
    with pytest.raises(DataError, match="one is None"):
        card([["a"], ["a"]], ["a", None], "nominal")
    with pytest.raises(AskError, match="level"):
        card([["a"], ["a"]], ["a"], "metric")


def test_numbers_and_their_texts_are_one_label() -> None:
    rows = [[1, 2, 3, 3, None, 2], [1, 2, 3, 2, 1, 2]]
    texts = [[None if code is None else str(code) for code in row] for row in rows]
    numbers = np.array([[math.nan if code is None else code for code in row] for row in rows])
    cards = [card(codes, labels, "interval", replicates=200)
             for codes in (rows, texts, numbers) for labels in ([1, 2, 3], ["1", "2", "3"])]  # fmt: skip
    assert all(found == cards[0] for found in cards)


def test_interval_takes_the_labels_own_numbers_and_says_where_there_are_none() -> None:
    rows = [[0, 1, 10, 10, 0], [0, 10, 10, 1, 1]]
    wide = card(rows, [0, 1, 10], "interval", replicates=100)
    even = card(rows, [0, 1, 10], "ordinal", replicates=100)
    places = card(
        [[{0: "a", 1: "b", 10: "c"}[code] for code in row] for row in rows], ["a", "b", "c"], "interval", replicates=100
    )
    assert wide["alpha_interval"] == even["alpha_interval"] != places["alpha_interval"]
    assert wide["kappa_quadratic"] != even["kappa_quadratic"] == places["kappa_quadratic"]
    assert any("places in the codebook" in text for text in places["warnings"])
    assert not any("places in the codebook" in text for text in wide["warnings"])


def test_ratio_is_krippendorffs() -> None:
    # Krippendorff (2011), example C and D, ratio metric: .797
    case = BY_NAME["kripp2011_CD_4coders_missing_interval"]
    found = card(case["data"], case["categories"], "ratio", replicates=100)
    assert found["alpha_ratio"] == pytest.approx(0.797, abs=5e-4)


# --- blanks ---------------------------------------------------------------------------------------------------------


def test_blanks_have_two_readings_and_raise_nothing_in_silence() -> None:
    case = BY_NAME["edge_blank_vs_missing"]
    rows = [["" if code == "b" else code for code in row] for row in case["data"]]
    found = card(rows, ["p", "s", "u"], "nominal", replicates=200)
    missing, label = case["exact_blank_as_missing"], case["exact"]
    assert found["units_both_saw"] == 8 and found["units_both_coded"] == missing["n_pairs"]
    for name, key in (("percent", "percent"), ("kappa", "kappa"), ("alpha_nominal", "alpha")):
        assert found[name] == pytest.approx(missing[key], abs=1e-12)
        assert found["blank_as_label"][name] == pytest.approx(label[key], abs=1e-9)
    assert found["blank"]["by_coder"] == {"coder 1": 2, "coder 2": 0}
    both = card([["a", "b", "", ""], ["a", "a", "", ""]], ["a", "b"], "nominal", replicates=200)
    assert both["percent"] == 0.5 and both["blank_as_label"]["percent"] == 0.75
    assert both["blank"] == {"by_coder": {"coder 1": 2, "coder 2": 2}, "units_all_blank": 2, "units_some_blank": 0,
                             "pairs_both_blank": 2}  # fmt: skip


def test_who_could_not_tell_left_nothing_blank_and_agrees_with_nobody_who_did() -> None:
    first, second = ["a", "b", "a", "", "can't tell", "can't tell"], ["a", "b", "b", "", "", "can't tell"]
    found = card([first, second], ["a", "b"], "nominal", replicates=100)
    assert found["cant_tell"] == {"coder 1": 2, "coder 2": 1}
    assert found["blank"] == {"by_coder": {"coder 1": 1, "coder 2": 2}, "units_all_blank": 1, "units_some_blank": 1,
                              "pairs_both_blank": 1}  # fmt: skip
    assert (found["units_both_saw"], found["units_both_coded"]) == (6, 3)
    label = found["blank_as_label"]
    assert (label["units_both_coded"], label["percent"], label["confusion"][2]) == (4, 0.75, [0, 0, 1])
    unseen = card([["a", "b", "a", ""], ["a", "b", "b", ""]], ["a", "b"], "nominal", replicates=100)
    assert (found["kappa"], label["kappa"]) == (unseen["kappa"], unseen["blank_as_label"]["kappa"])
    nothing = card([["a", "can't tell"], ["a", "can't tell"]], ["a", "b"], "nominal", replicates=100)
    assert nothing["blank_as_label"] is None and "blanks" not in nothing["warning_kinds"]


def test_what_says_cant_tell_may_be_named_and_is_a_label_where_the_codebook_has_it() -> None:
    named = card([["a", "b", "?"], ["a", "a", "?"]], ["a", "b"], "nominal", replicates=100, cant_tell="?")
    assert named["cant_tell"] == {"coder 1": 1, "coder 2": 1} and named["units_both_coded"] == 2
    label = card([["a", "can't tell"], ["a", "can't tell"]], ["a", "can't tell"], "nominal", replicates=100)
    assert label["cant_tell"] == {"coder 1": 0, "coder 2": 0} and label["units_both_coded"] == 2
    with pytest.raises(DataError, match="is no label"):
        card([["a", "?"], ["a", "a"]], ["a", "b"], "nominal")


def test_a_unit_of_which_one_could_not_tell_is_in_no_window() -> None:
    made = windows([["a", "can't tell", "b"], ["a", "a", "b"]], [1.0, 2.0, 3.0], ["a", "b"], "nominal", count=1)
    assert [window["units"] for window in made] == [2]


def test_the_study_has_its_printed_figures_only_with_blanks_as_a_label() -> None:
    case = BY_NAME["study_pov_53_blank_as_label"]
    rows = [["" if code == "blank" else code for code in row] for row in case["data"]]
    found = card(rows, ["a", "b", "c"], "nominal", replicates=200)
    assert (found["units_both_saw"], found["units_both_coded"]) == (53, 50) and found["percent"] == 0.94
    assert round(found["blank_as_label"]["kappa"], 3) == 0.916 and round(found["kappa"], 3) != 0.916


# --- how many units -------------------------------------------------------------------------------------------------


def test_needed_units_are_krippendorffs() -> None:
    assert units(0.8, 1 / 3) == 117 and units(0.8, 0.1) == 294
    even = table([[20, 1, 1], [1, 20, 1], [1, 1, 20]], ["a", "b", "c"])
    assert even["needed_units"]["0.800"]["units"] == 117 and even["needed_units"]["0.800"]["more"] == 117 - 66
    never = table([[20, 1, 0], [1, 20, 0], [0, 0, 0]], ["a", "b", "c"])
    assert (
        never["needed_units"]["0.667"]["by_label"]["c"] is None
        and never["needed_units"]["0.667"]["rarest_label"] == "a"
    )
