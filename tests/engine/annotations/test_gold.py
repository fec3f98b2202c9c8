"""The gold set: what is in it and why, as of any moment; its files are what fine-tuning reads."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from engine.annotations import goldfile, goldwords
from engine.annotations.decision import BLANK, CANT_TELL, Decision, Unit
from engine.annotations.gold import (
    ADJUDICATED,
    AGREED,
    BLANKS,
    DIFFER,
    NOTHING,
    ONE,
    UNDECIDABLE,
    UNKNOWN,
    UNSURE,
    Gold,
    gold,
    of_log,
    with_adjudicated,
)
from engine.annotations.log import Log
from engine.errors import DataError
from engine.vision import gold as reader
from engine.workspace import Workspace
from tests.conftest import Cli
from tests.engine.annotations.coded import DISTANCE, VARIABLES, coded, settled, unit

ONLY = {"distance": DISTANCE}
VALUES = st.sampled_from([*DISTANCE, CANT_TELL, BLANK, None])


def why(*values: str | None, decided: str | None = None) -> str:
    rows = {f"coder {place}": [value] for place, value in enumerate(values)}
    found = gold(coded(rows), ONLY, [settled(0, decided)] if decided is not None else [])
    (verdict,) = found.verdicts["distance"].values()
    return verdict.why or f"{verdict.label} {verdict.origin}"


def test_a_label_is_gold_where_all_who_gave_one_gave_the_same() -> None:
    assert why("social", "social") == why("social", "social", "social", None) == "social agreed"
    assert why("social", "public") == why("social", "social", "public") == DIFFER


def test_one_coder_alone_makes_no_gold() -> None:
    assert why("social", None) == why("social") == ONE
    assert why(BLANK) == why(CANT_TELL, None) == NOTHING


def test_a_blank_says_nothing_and_cannot_tell_speaks_against() -> None:
    assert why("social", "social", BLANK) == "social agreed"
    assert why("social", BLANK) == why(BLANK, BLANK) == BLANKS
    assert why("social", "social", CANT_TELL) == why("social", CANT_TELL) == why(CANT_TELL, CANT_TELL) == UNSURE


def test_a_label_that_left_the_codebook_is_not_gold() -> None:
    assert why("intimate", "intimate") == why("social", "public", decided="intimate") == UNKNOWN


def test_an_adjudication_decides_and_says_so() -> None:
    assert why("social", "public", decided="public") == why("social", CANT_TELL, decided="public")
    assert why("social", "public", decided="public") == "public adjudicated"
    assert why("social", "public", decided=CANT_TELL) == UNDECIDABLE


def test_the_newest_adjudication_decides_whoever_made_it() -> None:
    rows = coded({"ana": ["social"], "ben": ["public"]})
    decisions = [settled(0, "social", at=9.0), settled(0, "public", by="dora", at=8.0)]
    for order in (decisions, decisions[::-1]):
        assert gold(rows, ONLY, order).verdicts["distance"][unit(0)].label == "social"


def test_an_adjudication_against_what_all_agree_on_is_counted() -> None:
    found = gold(coded({"ana": ["social"], "ben": ["social"]}), ONLY, [settled(0, "public")])
    assert found.overruled("distance") == 1 and found.count("distance") == 1
    assert found.verdicts["distance"][unit(0)].against == "social"


# --- the study's shape --------------------------------------------------------------------------------------------


def study() -> tuple[list[Decision], Gold]:
    """53 frames that two coders saw: perspective 50 coded by both, 47 alike; distance 41 by both, 35 alike."""
    perspective = (["first"] * 20 + ["second"] * 15 + ["third"] * 10 + ["other"] * 2, 3, 3)
    distance = (["personal"] * 14 + ["social"] * 11 + ["public"] * 10, 6, 12)
    made: list[Decision] = []
    for name, (alike, differing, blanks) in (("perspective", perspective), ("distance", distance)):
        labels = VARIABLES[name]
        ana = [*alike, *[labels[0]] * differing, *[labels[1]] * blanks]
        ben = [*alike, *[labels[1]] * differing, *[BLANK] * blanks]
        made += coded({"ana": ana, "ben": ben}, name)
    return made, gold(made, VARIABLES)


def test_gold_of_a_study_of_53_frames() -> None:
    _, found = study()
    assert {name: found.count(name) for name in VARIABLES} == {"perspective": 47, "distance": 35}
    assert found.whys("distance") == {DIFFER: 6, BLANKS: 12} and found.whys("perspective") == {DIFFER: 3, BLANKS: 3}
    assert found.origins("distance") == {AGREED: 35, ADJUDICATED: 0}
    assert len(found.units()) == 47  # every frame with at least one variable


def test_four_adjudications_make_39_of_35() -> None:
    made, _ = study()
    found = gold(made, VARIABLES, [settled(35 + n, "social") for n in range(4)])
    assert found.count("distance") == 39 and found.origins("distance") == {AGREED: 35, ADJUDICATED: 4}


def test_the_classes_of_what_was_left_out_stand_beside_those_of_gold() -> None:
    _, found = study()
    shares = {share.label: (share.gold, share.left_out) for share in found.mix("distance")}
    assert list(shares) == list(DISTANCE)
    # six frames are half personal, half social; twelve more have one label beside a blank
    assert shares == {"personal": (14, 3.0), "social": (11, 15.0), "public": (10, 0.0), "other": (0, 0.0)}


def test_what_one_coder_alone_has_seen_is_no_hard_frame() -> None:
    found = gold(coded({"ana": ["social", "public"], "ben": ["social", None]}), ONLY)
    assert found.left_out() == [] and found.whys("distance") == {ONE: 1}
    assert sum(share.left_out for share in found.mix("distance")) == 0


# --- properties ---------------------------------------------------------------------------------------------------

TABLES = st.integers(1, 4).flatmap(
    lambda coders: st.lists(st.lists(VALUES, min_size=8, max_size=8), min_size=coders, max_size=coders)
)
SETTLED = st.dictionaries(st.integers(0, 9), st.sampled_from([*DISTANCE, CANT_TELL]), max_size=4)


@whatever(TABLES, SETTLED)
def test_where_labels_differ_there_is_gold_only_by_adjudication(
    rows: list[list[str | None]], decisions: dict[int, str]
) -> None:
    coders = {f"coder {place}": row for place, row in enumerate(rows)}
    found = gold(coded(coders), ONLY, [settled(place, label) for place, label in decisions.items()])
    for seen, verdict in found.verdicts["distance"].items():
        values = {row[place] for row in rows for place in range(8) if unit(place) == seen}
        labels = values - {None, BLANK, CANT_TELL}
        assert verdict.origin != AGREED or labels == {verdict.label}
        assert bool(verdict.label) != bool(verdict.why)
        assert (verdict.origin == ADJUDICATED) == (seen in {unit(p) for p, v in decisions.items() if v in DISTANCE})


@whatever(TABLES, SETTLED)
def test_frames_that_join_a_gold_set_make_the_one_that_had_them_from_the_start(
    rows: list[list[str | None]], decisions: dict[int, str]
) -> None:
    made = coded({f"coder {place}": row for place, row in enumerate(rows)})
    adjudications = [settled(place, label) for place, label in decisions.items()]
    assert with_adjudicated(gold(made, ONLY), made, adjudications) == gold(made, ONLY, adjudications)


@whatever(st.lists(st.tuples(st.sampled_from(["ana", "ben", "eva"]), st.integers(0, 2), VALUES), max_size=25),
          st.integers(0, 30))  # fmt: skip
def test_gold_as_of_a_moment_is_that_of_the_log_cut_there(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int, str | None]], moment: int
) -> None:
    folder = tmp_path_factory.mktemp("logs")
    with Log.open(folder / "whole.sqlite") as whole, Log.open(folder / "cut.sqlite") as cut:
        for at, act in enumerate(acts):
            for log in (whole, cut)[: 1 + (at <= moment)]:
                _do(log, *act, at=1000.0 + at)
        then = of_log(whole, ONLY, adjudicated=True, as_of=1000.0 + moment + 0.5)
        assert then == of_log(cut, ONLY, adjudicated=True)


def _do(log: Log, who: str, place: int, value: str | None, *, at: float) -> None:
    """Label, adjudicate (eva does nothing else) or undo."""
    if value is None:
        log.undo(who, at, kinds=("code", "adjudication"))
    elif who == "eva":
        log.add([settled(place, value or CANT_TELL, at=at)])
    else:
        log.add([Decision(who, unit(place), "distance", value, at)])


# --- the files ----------------------------------------------------------------------------------------------------

FRAMES = "video_id,frame_index,scene\n" + "".join(
    f"video {n // 10},{n % 10 * 30},scene {n // 5}\n" for n in reversed(range(30))
)


def filled(workspace: Workspace, rows: dict[str, list[str | None]]) -> None:
    workspace.frames.write_text(FRAMES)
    with Log.open(workspace.labels) as log:
        log.add(coded(rows))


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_file_is_what_fine_tuning_reads(workspace: Workspace, cli: Cli) -> None:
    filled(workspace, {"ana": ["social"] * 3 + ["public"] * 3, "ben": ["social"] * 3 + ["public", "social", BLANK]})
    assert cli("gold", "--out").code == 0
    rows = read(workspace.gold)
    assert list(rows[0]) == [
        "video_id", "frame_index", "scene", "perspective", "distance", "perspective_origin", "distance_origin",
    ]  # fmt: skip
    assert [row["frame_index"] for row in rows] == ["90", "60", "30", "0"]  # in the order of frames.csv
    assert rows[0] == {"video_id": "video 0", "frame_index": "90", "scene": "scene 0", "perspective": "",
                       "distance": "public", "perspective_origin": "", "distance_origin": "agreed"}  # fmt: skip
    known = reader.read(workspace.gold)
    assert reader.variables(known, ["distance"], list(workspace.settings.variables)) == ["distance"]
    asked = workspace.settings.variables["distance"]
    found = reader.labelled(known, "distance", asked.labels, asked.class_names(), asked.class_of)
    assert [found.classes[number] for number in found.labels] == ["public", "social", "social", "social"]


def test_what_was_left_out_is_told_beside_it(workspace: Workspace, cli: Cli) -> None:
    filled(workspace, {"ana": ["social", "public", "public"], "ben": ["social", "social", BLANK]})
    assert cli("gold", "--out").code == 0
    left = [row for row in read(workspace.root / "gold_left_out.csv") if row["variable"] == "distance"]
    assert [(row["frame_index"], row["why"], row["labels"]) for row in left] == [
        ("30", DIFFER, "social|public"), ("60", BLANKS, "public"),
    ]  # fmt: skip


def test_nothing_settled_leaves_the_file_as_it_was(workspace: Workspace, cli: Cli) -> None:
    workspace.gold.write_text("video_id,frame_index,distance\nv,1,social\n")
    filled(workspace, {"ana": ["social"], "ben": ["public"]})
    refused = cli("gold", "--out")
    assert refused.code == 1 and "no frame is settled yet" in refused.err
    assert workspace.gold.read_text().endswith("v,1,social\n")


def test_frames_that_frames_csv_does_not_know_come_last(tmp_path: Path) -> None:
    found = gold(coded({"ana": ["social"] * 3, "ben": ["social"] * 3}), ONLY)
    extra = {unit(2): {"scene": "a", "distance": "no column twice"}, unit(0): {"scene": "b", "distance": ""}}
    assert goldfile.write(tmp_path / "g.csv", found, extra) == 3
    rows = read(tmp_path / "g.csv")
    assert [(row["frame_index"], row["scene"]) for row in rows] == [("60", "a"), ("0", "b"), ("30", "")]


def test_the_verb_tells_counts_reasons_and_classes(workspace: Workspace, cli: Cli) -> None:
    filled(workspace, {"ana": ["social", "public", "public"], "ben": ["social", "social", BLANK]})
    said = cli("gold")
    assert said.code == 0 and "coders differ: 1; left blank: 1" in said.out and not workspace.gold.exists()
    raw = json.loads(cli("gold", "--json").out)["variables"]["distance"]
    assert raw["gold"] == 1 and raw["why_not"] == {DIFFER: 1, BLANKS: 1}
    assert {"label": "social", "gold": 1, "left_out": 0.5} in raw["mix"]


def test_the_verb_explains_halves_and_tells_frames_of_one_coder_from_each_other(workspace: Workspace, cli: Cli) -> None:
    filled(workspace, {"ana": ["social", "public", "public", BLANK], "ben": ["social", "social", None, None]})
    said = cli("gold").out
    assert "labelled by one coder only: 1; seen by one coder only, who gave no label: 1" in said
    assert said.count(goldwords.PARTS) == 1 and "0.5 (50%)" in said


def test_where_all_left_out_frames_are_whole_no_half_is_explained(workspace: Workspace, cli: Cli) -> None:
    filled(workspace, {"ana": ["social", "public"], "ben": ["social", BLANK]})
    assert goldwords.PARTS not in cli("gold").out


def test_adjudicated_frames_join_when_they_are_asked_for(workspace: Workspace, cli: Cli) -> None:
    filled(workspace, {"ana": ["social", "public"], "ben": ["social", "social"]})
    with Log.open(workspace.labels) as log:
        log.add([settled(1, "public")])
    assert json.loads(cli("gold", "--json").out)["variables"]["distance"]["gold"] == 1
    raw = json.loads(cli("gold", "--adjudicated", "--out", "--json").out)["variables"]["distance"]
    assert raw["origins"] == {AGREED: 1, ADJUDICATED: 1}
    assert {row["frame_index"]: row["distance_origin"] for row in read(workspace.gold)} == {
        "30": "adjudicated",
        "0": "agreed",
    }


def test_the_verb_knows_the_past(workspace: Workspace, cli: Cli) -> None:
    filled(workspace, {"ana": ["social"], "ben": ["social"]})  # at 100 seconds
    assert json.loads(cli("gold", "--json", "--as-of", "50").out)["frames"] == 0
    assert json.loads(cli("gold", "--json", "--as-of", "1970-01-02T00:00Z").out)["frames"] == 1
    assert cli("gold", "--as-of", "yesterday").code == 2


def test_a_damaged_table_of_frames_is_named(workspace: Workspace, cli: Cli) -> None:
    filled(workspace, {"ana": ["social"], "ben": ["social"]})
    workspace.frames.write_text("video_id,frame_index\nv,one\n")
    refused = cli("gold", "--out")
    assert refused.code == 1 and "frames.csv" in refused.err and not workspace.gold.exists()
    with pytest.raises(DataError, match="row 2"):
        goldfile.carried(workspace.frames)


def test_a_unit_is_named_as_it_is(tmp_path: Path) -> None:
    odd = Unit('Gänse, "7" 🪿', 3)
    rows = [Decision(coder, odd, "distance", "social", 1.0) for coder in ("ana", "ben")]
    goldfile.write(tmp_path / "g.csv", gold(rows, ONLY), {})
    assert reader.read(tmp_path / "g.csv").keys == [(odd.video_id, 3)]
