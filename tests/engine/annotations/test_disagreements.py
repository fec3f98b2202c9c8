"""Disagreements: blanks apart from genuine ones, without names, and the verb that lists them."""

from __future__ import annotations

import json

from hypothesis import given as whatever
from hypothesis import strategies as st

from engine.annotations.decision import BLANK, CANT_TELL, Unit
from engine.annotations.disagreements import BLANKS, GENUINE, UNSURE, disagreements, either_way, kind, summary
from engine.annotations.given import unnamed
from engine.annotations.log import Log
from engine.filter import compiled
from engine.workspace import Workspace
from tests.conftest import Cli
from tests.engine.annotations.coded import DISTANCE, coded, settled, unit

ONLY = {"distance": DISTANCE}
VALUES = st.sampled_from([*DISTANCE, CANT_TELL, BLANK])


def of(ana: str, ben: str) -> str:
    (found,) = disagreements(coded({"ana": [ana], "ben": [ben]}), ONLY)
    return f"{found.kind}: {found.pair}"


def test_two_labels_are_a_genuine_disagreement_named_in_the_codebooks_order() -> None:
    assert of("social", "personal") == of("personal", "social") == "genuine: personal/social"
    assert of("public", "personal") == "genuine: personal/public"  # the alphabet would say the same; social/public not
    assert of("public", "social") == "genuine: social/public"


def test_a_blank_and_a_cannot_tell_are_told_apart_from_genuine_ones() -> None:
    assert of("social", BLANK) == "blank: social/blank"
    assert of("social", CANT_TELL) == "can't tell: social/can't tell"
    assert of(BLANK, CANT_TELL) == "blank: can't tell/blank"


def test_two_labels_stay_genuine_whatever_a_third_coder_left_open() -> None:
    assert kind(["personal", "social", BLANK]) == kind(["personal", "social", CANT_TELL]) == GENUINE


def test_where_all_say_the_same_or_one_has_not_seen_it_nobody_differs() -> None:
    rows = {"ana": ["social", BLANK, CANT_TELL, "public"], "ben": ["social", BLANK, CANT_TELL, None]}
    assert disagreements(coded(rows), ONLY) == []


def test_the_summary_counts_blanks_first_and_names_the_pairs_that_make_up_most() -> None:
    ana = ["personal"] * 12 + ["personal"] * 3 + ["social"] * 2 + ["personal"]
    ben = [BLANK] * 12 + ["social"] * 3 + ["public"] * 2 + ["public"]
    found = disagreements(coded({"ana": ana, "ben": ben}), ONLY)
    assert summary(found) == "12 of 18 are blanks; the 6 genuine ones are mostly personal/social and social/public"


def test_the_summary_of_a_few_says_what_there_is() -> None:
    assert summary([]) == "no disagreements"
    one = disagreements(coded({"ana": ["social"], "ben": ["public"]}), ONLY)
    assert summary(one) == "the one genuine one is social/public"
    blanks = disagreements(coded({"ana": ["social", "social"], "ben": [BLANK, CANT_TELL]}), ONLY)
    assert summary(blanks) == "1 of 2 are blanks, 1 of 2 are can't tell; none is genuine"


def test_genuine_ones_come_first_and_those_of_one_pair_together() -> None:
    ana = [BLANK, "social", "personal", "social", CANT_TELL]
    ben = ["social", "public", "public", "public", "social"]
    found = disagreements(coded({"ana": ana, "ben": ben}), ONLY)
    assert [one.kind for one in found] == [GENUINE, GENUINE, GENUINE, UNSURE, BLANKS]
    assert [one.pair for one in found][:3] == ["social/public", "social/public", "personal/public"]


def test_a_filter_finds_a_pair_a_kind_and_what_is_settled() -> None:
    rows = {"ana": ["personal", "social", BLANK], "ben": ["social", "public", "social"]}
    found = disagreements(coded(rows), ONLY, [settled(1, "public")])

    def fits(text: str) -> list[str]:
        return [one.pair for one in found if either_way(compiled(text)).fits(one.fields())]

    for asked in ("pair:personal/social", "pair:social/personal", "pair=social/personal", "pair:social/pers"):
        assert fits(asked) == ["personal/social"]
    assert fits("!pair:social/personal kind:genuine") == ["social/public"] == fits("pair!=social/personal kind:genuine")
    assert fits("pair=social/person") == [] and fits("pair:/(soc/pub)/") == []
    assert fits("kind=blank") == ["social/blank"]
    assert fits("has:adjudicated") == ["social/public"] == fits("reason:shoulders")
    assert fits("!has:adjudicated kind:genuine") == ["personal/social"]
    assert fits("frame>=30 frame<60") == ["social/public"]


@whatever(st.lists(VALUES, min_size=2, max_size=5), st.integers(0, 999))
def test_the_order_of_codes_is_the_same_at_every_look_and_loses_none(values: list[str], frame: int) -> None:
    coders = {f"coder {place}": value for place, value in enumerate(values)}
    backwards = dict(reversed(coders.items()))
    shown = unnamed(coders, Unit("v", frame), "salt")
    assert shown == unnamed(backwards, Unit("v", frame), "salt") and sorted(shown) == sorted(values)


def test_the_order_of_codes_tells_nobody_who_is_who() -> None:
    firsts = [unnamed({"ana": "a", "ben": "b"}, unit(place), "salt")[0] for place in range(400)]
    assert 160 < firsts.count("a") < 240  # each coder stands first on half of the frames: 5 standard deviations are 50


def test_the_verb_lists_codes_without_names(workspace: Workspace, cli: Cli) -> None:
    rows = {"ana": ["personal", "social", BLANK], "ben": ["social", "social", "social"]}
    with Log.open(workspace.labels) as log:
        log.add(coded(rows))
    said = cli("disagreements", "distance")
    assert said.code == 0 and "1 of 2 are blanks; the one genuine one is personal/social" in said.out
    assert "ana" not in said.out and "ben" not in said.out
    raw = json.loads(cli("disagreements", "--json", "--filter", "kind:genuine").out)
    assert [entry["pair"] for entry in raw["units"]] == ["personal/social"]
    assert sorted(raw["units"][0]["codes"]) == ["personal", "social"] and "ana" not in json.dumps(raw)
    assert "kind: genuine" in cli("disagreements", "--plain").out


def test_the_verb_refuses_a_filter_or_a_variable_that_there_is_not(workspace: Workspace, cli: Cli) -> None:
    assert cli("disagreements", "--filter", "pairs:x").code == 2
    assert "there is no field 'pairs'" in cli("disagreements", "--filter", "pairs:x").err
    wrong = cli("disagreements", "colour")
    assert wrong.code == 2 and "there are: perspective, distance" in wrong.err


def test_without_a_log_there_is_nothing_to_settle_and_no_log_is_made(workspace: Workspace, cli: Cli) -> None:
    said = cli("disagreements")
    assert said.code == 0 and said.out.startswith("no labels yet\n  → footplate label --coder NAME")
    assert "nothing to settle" not in said.out and not workspace.labels.exists()
    assert set(json.loads(cli("disagreements", "--json").out)) == {"summary", "units"}
    assert cli("gold").out == said.out and json.loads(cli("gold", "--json").out)["frames"] == 0


def test_what_nobody_labelled_twice_is_not_called_agreement(workspace: Workspace, cli: Cli) -> None:
    with Log.open(workspace.labels) as log:
        log.add(coded({"ana": ["social", None], "ben": [None, "social"]}))
    for verb in ("disagreements", "gold"):
        said = cli(verb)
        assert said.code == 0 and said.out.startswith("no frame was labelled by two coders yet")
    with Log.open(workspace.labels) as log:
        log.add(coded({"ben": ["social"]}))
    assert "nothing to settle" in cli("disagreements").out


def test_a_decision_needs_a_reason_and_a_name_and_the_help_says_so(workspace: Workspace, cli: Cli) -> None:
    told = " ".join(cli("adjudicate", "--help").out.split())
    assert "why; needed" in told and "takes back; needed" in told
