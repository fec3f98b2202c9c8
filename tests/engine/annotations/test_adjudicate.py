"""Adjudication: decided with a reason, taken back, decided again; the history keeps it all."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from engine.annotations import adjudicate as settling
from engine.annotations.decision import BLANK, CANT_TELL, Decision
from engine.annotations.log import Log
from engine.errors import AskError, DataError
from engine.workspace import Workspace
from tests.conftest import Cli
from tests.engine.annotations.coded import VARIABLES, coded, unit


@pytest.fixture
def log(workspace: Workspace) -> Iterator[Log]:
    with Log.open(workspace.labels) as log:
        log.add(coded({"ana": ["social", "social"], "ben": ["public", BLANK]}))
        yield log


def decide(log: Log, label: str, *, place: int = 0, reason: str = "it fills the picture", by: str = "eva") -> Decision:
    return settling.adjudicate(log, VARIABLES, unit(place), "distance", label, reason=reason, by=by, at=1000.0)


def stands(log: Log) -> list[str]:
    return [one.value for one in settling.standing(log)]


def test_deciding_again_stands_and_the_history_keeps_both(log: Log) -> None:
    decide(log, "social")
    decide(log, "public", reason="no: it is far away")
    assert stands(log) == ["public"]
    kept = [(one.value, one.reason) for one in log.history() if one.kind == "adjudication"]
    assert kept == [("social", "it fills the picture"), ("public", "no: it is far away")]


def test_undo_takes_back_one_after_the_other_and_never_a_label(log: Log) -> None:
    decide(log, "social")
    decide(log, "public")
    labels = log.newest()
    assert [one.value for one in settling.undo(log, "eva", 2000.0)] == ["public"] and stands(log) == ["social"]
    assert [one.value for one in settling.undo(log, "eva", 2001.0)] == ["social"] and stands(log) == []
    assert settling.undo(log, "eva", 2002.0) == [] and log.newest() == labels


def test_undo_of_an_adjudicator_who_labels_too_leaves_the_labels_alone(log: Log) -> None:
    decide(log, "social", by="ana")
    log.add([Decision("ana", unit(3), "distance", "public", 3000.0)])
    assert [one.kind for one in settling.undo(log, "ana", 4000.0)] == ["adjudication"]
    assert unit(3) in {one.unit for one in log.newest(coder="ana")}


def test_one_may_find_that_nobody_can_tell(log: Log) -> None:
    assert decide(log, CANT_TELL).value == CANT_TELL


@pytest.mark.parametrize(
    ("given", "words"),
    [({"reason": " "}, "no reason"), ({"by": ""}, "who adjudicates"), ({"label": "sozial"}, "did you mean 'social'"),
     ({"label": BLANK}, "no label ''")],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_refused_and_nothing_is_written(
    log: Log, given: dict[str, str], words: str
) -> None:
    before = log.version()
    with pytest.raises(AskError, match=words):
        decide(log, **{"label": "social", **given})  # type: ignore[arg-type]
    assert log.version() == before


def test_a_frame_that_nobody_has_seen_cannot_be_settled(log: Log) -> None:
    with pytest.raises(DataError, match="no coder has seen it"):
        decide(log, "social", place=9)


def test_earlier_reasons_are_offered_the_most_frequent_first(log: Log) -> None:
    for place, reason in ((0, "rule 3"), (1, "rule 7"), (0, "rule 7")):
        decide(log, "social", place=place, reason=reason)
    made = [one for one in log.history() if one.kind == "adjudication"]
    assert settling.reasons(made) == ["rule 7", "rule 3"]


def test_the_verb_decides_and_takes_back(log: Log, cli: Cli) -> None:
    words = ("adjudicate", "video 0", "0", "distance", "public")
    said = cli(*words, "--reason", "far  away", "--by", "eva")
    assert (said.code, said.out) == (0, "video 0, frame 0: distance is public (far away)\n")
    raw = json.loads(cli("disagreements", "--json", "--filter", "has:adjudicated").out)["units"]
    assert [entry["adjudicated"]["label"] for entry in raw] == ["public"] and raw[0]["adjudicated"]["by"] == "eva"
    assert cli("adjudicate", "--undo", "--by", "eva").out == "taken back: video 0, frame 0: distance public\n"
    again = cli("adjudicate", "--undo", "--by", "eva")
    assert again.code == 2 and "no adjudication that stands" in again.err


def test_the_verb_says_what_is_missing(log: Log, cli: Cli) -> None:
    refused = cli("adjudicate", "video 0", "0", "distance")
    assert refused.code == 2 and "no LABEL" in refused.err
    assert cli("adjudicate", "video 0", "0", "distance", "public", "--by", "eva").code == 2
    assert cli("adjudicate", "video 0", "0", "farbe", "public", "--by", "eva", "--reason", "x").code == 2
    assert cli("adjudicate", "--undo").code == 2


@pytest.mark.parametrize(
    ("codes", "label"),
    [(["social", "social"], "social"), (["social", BLANK, "social"], "social"), (["social", "public"], ""),
     (["social", BLANK], ""), (["social", "social", CANT_TELL], ""), ([CANT_TELL, CANT_TELL], ""), ([], "")],
)  # fmt: skip
def test_all_coders_agree_where_two_gave_one_label_and_nobody_another(codes: list[str], label: str) -> None:
    assert settling.unanimous(codes) == label


def test_who_settles_what_all_agree_on_is_told_and_may(workspace: Workspace, cli: Cli) -> None:
    with Log.open(workspace.labels) as log:
        log.add(coded({"ana": ["social", "social"], "ben": ["social", "public"]}))
    rest = ("distance", "public", "--reason", "x", "--by", "eva")
    said = cli("adjudicate", "video 0", str(unit(0).frame_index), *rest)
    assert said.code == 0 and "all coders agree on social" in said.err
    assert "all coders agree" not in cli("adjudicate", unit(1).video_id, str(unit(1).frame_index), *rest).err


def test_an_adjudicator_who_labelled_the_frame_is_told(log: Log, cli: Cli) -> None:
    said = cli("adjudicate", "video 0", "0", "distance", "public", "--reason", "x", "--by", "ana")
    assert said.code == 0 and "judges an own label" in said.err
