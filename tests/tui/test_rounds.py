"""Rounds: all side by side, one in words, trends, where weights come from; damage is named and hides nothing else."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest

from engine.rounds import Guidance
from engine.workspace import Workspace
from tests import rounds
from tests.conftest import Cli
from tests.tui.helpers import LARGE, SMALL, Moving, made, opened, sees, until, words
from tui import lineages, rounding, roundwords
from tui.app import FootplateApp
from tui.screens.rounds import RoundsScreen
from tui.services import rounds as services
from tui.services.recording import codec
from tui.services.rounds import Found, Queued
from tui.trends import trends
from tui.widgets.editor import Editor


def found(workspace: Workspace) -> Found:
    looked = services.look(workspace, ())
    assert looked is not None
    return looked


def texts(rows: rounding.Rows, key: str) -> dict[str, str]:
    return {column.key: cell.text for column, cell in zip(rounding.COLUMNS, rows[key], strict=True)}


# --- what stands in the rows ------------------------------------------------------------------------------------------


def test_a_row_has_the_scores_of_its_variable_with_their_intervals(workspace: Workspace) -> None:
    rounds.a_round(workspace, 0)
    rounds.a_round(workspace, 1, overfits=True)
    rows = rounding.rows(found(workspace), ())
    assert list(rows) == ["1/perspective", "1/distance", "0/perspective", "0/distance"]
    said = texts(rows, "1/perspective")
    assert said["macro_f1"] == "0.60 [0.44, 0.74]" and said["gain"] == "+0.05 [−0.04, +0.14]"
    assert (
        said["guidance"] == "! overfits · ? cannot tell: gain"
        and said["frames"] == "115/29/37"
        and said["start"] == "chain"
    )
    assert texts(rows, "0/distance")["gain"] == texts(rows, "0/distance")["stop"] == rounding.NONE


def test_the_queue_is_told_by_coder_in_the_first_row_of_a_round(workspace: Workspace) -> None:
    rounds.a_round(workspace, 0)
    looked = Found(found(workspace).rounds, queued={0: Queued(30, {"ana": 4, "ben": 20, "cy": 0})})
    rows = rounding.rows(looked, ())
    assert texts(rows, "0/perspective")["queue"] == "ben 20/30 · ana 4/30" and texts(rows, "0/distance")["queue"] == ""


def test_a_round_in_words_has_all_that_was_measured(workspace: Workspace) -> None:
    rounds.a_round(workspace, 0)
    rounds.a_round(workspace, 1)
    looked = found(workspace)
    text = "\n".join(roundwords.detail(looked, looked.rounds[1], 76))
    for words_ in ("train 120 in 20 groups", "✓ 0 near-duplicates", "accuracy 0.65 [0.50, 0.78]", "temperature 1.8",
                   "alpha, nominal 0.90; agreement 93%, on 56 frames", "chosen by the model: 13 of 24 wrong",
                   "cannot tell with 5 random frames", "    away     0    2    11", "v17.mp4: cannot be decoded",
                   "kappa 0.94 with the round before (97% predicted the same)", "? macro-F1 gained 0.050",
                   "newly labelled since the round before 30"):  # fmt: skip
        assert words_ in text, words_
    assert max(map(len, text.splitlines())) <= 76


def test_a_round_in_words_names_its_numbers_and_counts_nothing_that_is_not_known(workspace: Workspace) -> None:
    sizes = {"train": {"frames": 4, "groups": 1}, "pool": 9, "stop_set": 2, "added": None}
    query = {"used": "typical", "frames": 12, "model": 10, "random": 2}
    rounds.a_round(workspace, 0, sizes=sizes, query=query, test_set={"sha256": "", "frames": 4, "groups": 1})
    looked = found(workspace)
    text = "\n".join(roundwords.detail(looked, looked.rounds[0], 200))
    assert "train 4 in 1 group\n" in text and "pool 9, stop set 2\n" in text and "None" not in text
    assert "12 frames, 10 typical of the pool (while labels are few), 2 at random" in text
    assert "the same" not in text and "4 frames in 1 group, as round 0" in roundwords.head(looked)[0]


@pytest.mark.parametrize(
    ("card", "row", "told"),
    [
        ({"level": "ordinal", "alpha_nominal": 0.7, "alpha_ordinal": 0.668}, "0.67 ordinal", "alpha, ordinal 0.668"),
        ({"level": "nominal", "alpha_nominal": 0.7, "alpha_ordinal": 0.668}, "0.70 nominal", "alpha, nominal 0.700"),
        ({"level": "ordinal", "alpha_nominal": 0.7, "alpha_ordinal": None}, "— ordinal", "alpha, ordinal undefined"),
        ({"alpha_nominal": 0.7}, "0.70 nominal", "alpha, nominal 0.700"),  # as older files have it
        ({"alpha": 0.7}, "0.70", "alpha 0.700"),
    ],
)
def test_the_alpha_of_a_round_is_that_of_the_variables_level_and_says_so(
    workspace: Workspace, cli: Cli, card: dict[str, object], row: str, told: str
) -> None:
    file = rounds.a_round(workspace, 0) / "metrics.json"
    raw = json.loads(file.read_text())
    raw["variables"]["distance"]["agreement"] = {"percent": 0.86, "units_both_coded": 56, **card}
    file.write_text(json.dumps(raw))
    looked = found(workspace)
    assert texts(rounding.rows(looked, ()), "0/distance")["coders"] == row
    words_ = "\n".join(roundwords.detail(looked, looked.rounds[0], 200))
    assert f"{told.rpartition(' ')[0]} {row.partition(' ')[0]}; agreement 86%" in words_
    curve = "_".join(filter(None, ("distance.coders_alpha", row.partition(" ")[2])))
    assert (curve in trends(looked.rounds)) == (row[0] == "0")
    assert f"distance: coders: {told}, agreement 86.0%, on 56 frames" in cli("rounds").out
    said = json.loads(cli("rounds", "--json").out)["rounds"][0]["results"][1]
    assert said["alpha_level"] == row.partition(" ")[2]


@pytest.mark.parametrize("name", ["overfitting", "diminishing_returns", "stable"])
def test_where_nobody_can_tell_the_short_words_say_that_and_nothing_else(name: str) -> None:
    advice = Guidance(name, "cannot tell", "", None, None, None, None, 9)
    assert rounding.short(advice).startswith("? cannot tell") and "overfits" not in rounding.short(advice)
    assert rounding.guidance([advice]).tone == ""


def test_intervals_become_bands_of_the_trends(workspace: Workspace) -> None:
    for number in range(3):
        rounds.a_round(workspace, number)
    curves = trends(found(workspace).rounds)
    assert list(curves["perspective.macro_f1"].steps) == [0, 1, 2]
    assert curves["distance.macro_f1.high"].last == pytest.approx(0.69)
    assert list(curves["perspective.gain"].steps) == [1, 2]


def test_the_tree_shows_which_weights_came_from_which(workspace: Workspace) -> None:
    for number, start in enumerate(("base", "chain", "base", "chain")):
        rounds.a_round(workspace, number, start=start)
    lines = lineages.tree(found(workspace).rounds)
    assert [line.partition("  chain")[0].partition("  base")[0] for line in lines[:6]] == [
        "perspective", "  weights/resnet50_v7.pth",
        f"  ├─ round 0  {rounds.sha('perspective', 0)[:12]}", f"  │  └─ round 1  {rounds.sha('perspective', 1)[:12]}",
        f"  └─ round 2  {rounds.sha('perspective', 2)[:12]}", f"     └─ round 3  {rounds.sha('perspective', 3)[:12]}",
    ]  # fmt: skip


def test_a_missing_link_of_the_tree_is_marked(workspace: Workspace) -> None:
    for number in range(3):
        folder = rounds.a_round(workspace, number)
        if number == 1:
            (folder / "weights" / "distance.pth").unlink()
    looked = found(workspace)
    assert "\n".join(lineages.tree(looked.rounds, looked.gone)).count("✗ missing: weights/distance.pth") == 1
    without = lineages.tree([one for one in looked.rounds if one.number != 1])
    assert "  ✗ round 1 is missing: rounds/round_01/weights/perspective.pth" in without


def test_weights_that_are_no_longer_those_a_round_began_with_are_marked(workspace: Workspace) -> None:
    rounds.a_round(workspace, 0)
    file = rounds.a_round(workspace, 1) / "metrics.json"
    raw = json.loads(file.read_text())
    raw["variables"]["distance"]["lineage"]["from"]["sha256"] = "ab" * 32
    file.write_text(json.dumps(raw))
    marked = [line for line in lineages.tree(found(workspace).rounds) if "✗" in line]
    assert len(marked) == 1 and "began with abababababab, which is not what round 0 has now" in marked[0]


def test_files_that_did_not_change_are_not_read_again(workspace: Workspace) -> None:
    folder = rounds.a_round(workspace, 0)
    looked = found(workspace)
    assert services.look(workspace, looked.marks) is None
    (folder / "weights" / "distance.pth").unlink()
    assert services.look(workspace, looked.marks) is not None


def test_rounds_come_out_of_a_recording_as_they_went_in(workspace: Workspace) -> None:
    rounds.a_round(workspace, 0)
    (rounds.a_round(workspace, 1) / "metrics.json").write_text("{")
    looked = replace(found(workspace), queued={0: Queued(30, {"ana": 4})})
    again = codec.made(json.loads(json.dumps(codec.plain(looked))))
    assert again == looked
    assert rounding.rows(again, ()) == rounding.rows(looked, ())


def test_the_form_of_the_next_round_is_the_preset_with_its_title(workspace: Workspace) -> None:
    preset = workspace.configs / "round.yaml"
    preset.write_text('# round\ntitle: ""\nstart: both\n')
    assert services.next_form(workspace, 2) == ("round", "# round\ntitle: round 2\nstart: both\n")
    preset.unlink()
    assert services.next_form(workspace, 0) == ("round", "title: round 0\n")


# --- on the screen ----------------------------------------------------------------------------------------------------


def screen(app: FootplateApp) -> RoundsScreen:
    assert isinstance(app.screen, RoundsScreen)
    return app.screen


@pytest.mark.parametrize("size", [SMALL, LARGE, (60, 14)])
async def test_all_panes_show_the_rounds(workspace: Workspace, size: tuple[int, int]) -> None:
    for number in range(3):
        rounds.a_round(workspace, number)
    app = opened(workspace)
    async with app.run_test(size=size) as pilot:
        await pilot.press("8")
        await sees(pilot, "0.65 [0.49, 0.79]", "✓ test set: 38 frames")
        await pilot.press("j", "tab")
        await sees(pilot, "Round 2", "train 120 in 20 groups")
        await pilot.press("tab")
        await sees(pilot, "macro_f1  a perspective 0.650")
        await pilot.press("enter")
        await until(pilot, lambda: screen(app).curves.single)
        await pilot.press("escape", "tab")
        await sees(pilot, "└─ round 2", rounds.sha("perspective", 0)[:12])


async def test_a_test_set_that_was_edited_is_a_red_flag(workspace: Workspace) -> None:
    rounds.a_round(workspace, 0)
    (workspace.rounds / "test_set.csv").write_text("video_id,frame_index\n")
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("8")
        await sees(pilot, "✗ rounds/test_set.csv: is not the one of round 0", "→ put it back as it was")
        assert screen(app).query_one("#rounds-head").has_class("-bad")


async def test_a_half_written_round_is_named_and_the_others_are_shown(workspace: Workspace) -> None:
    rounds.a_round(workspace, 0)
    (rounds.a_round(workspace, 1) / "metrics.json").write_text('{"format": 1, "round"')
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("8")
        await sees(pilot, "✗ rounds/round_01/metrics.json: is damaged", "→ rounds are never edited")
        await pilot.press("j")
        await sees(pilot, "0.55 [0.39, 0.69]", "queue: 3 frames")
        assert "→ rounds are never edited" not in words(app)


async def test_without_rounds_it_says_how_the_first_one_begins(workspace: Workspace) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("8")
        await sees(pilot, "no round yet: n fills in the form of the first one")
        await pilot.press("tab", "tab", "tab", "tab", "enter")
        assert isinstance(app.screen, RoundsScreen)


async def test_a_round_that_moves_stands_above_and_opens_as_a_run(workspace: Workspace) -> None:
    rounds.a_round(workspace, 0)
    run = made(workspace, "round 1", job="round", state="failed", error="no label is new", hint="label the queue")
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("8")
        await sees(pilot, "✗ failed", "no label is new")
        await pilot.press("g", "enter")
        await until(pilot, lambda: app.lab.opened == run.id and app.place.NAME == "run")
        assert run.id in words(app) or run.id[-4:] in words(app)


async def test_the_next_round_opens_the_form_filled_in(workspace: Workspace) -> None:
    rounds.a_round(workspace, 0)
    (workspace.configs / "round.yaml").write_text('title: ""\nstart: both\n')
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("8")
        await sees(pilot, "0.55 [0.39, 0.69]")
        await pilot.press("n")
        await sees(pilot, "title: round 1", "start: both")
        assert app.screen.query_one(Editor).has_focus


async def test_no_next_round_is_offered_while_one_moves(workspace: Workspace) -> None:
    run = Moving(workspace, "round 0", job="round")
    run.tell(title="round 0")
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await pilot.press("8")
        await sees(pilot, "● running")
        await pilot.press("n")
        await sees(pilot, "round 0 is still moving")
        run.end()


async def test_rounds_that_come_while_one_looks_are_shown_and_the_cursor_stays(workspace: Workspace) -> None:
    rounds.a_round(workspace, 0)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("8")
        await sees(pilot, "0.55 [0.39, 0.69]")
        await pilot.press("j")
        rounds.a_round(workspace, 1)
        screen(app)._look()
        await sees(pilot, "0.60 [0.44, 0.74]")
        assert screen(app).panes.key == "0/distance"


async def test_pane_and_row_are_as_they_were_left(workspace: Workspace) -> None:
    for number in range(2):
        rounds.a_round(workspace, number)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("8")
        await sees(pilot, "0.55 [0.39, 0.69]")
        await pilot.press("G", "tab")
        await sees(pilot, "Round 0")
        app.exit()
    for thread in threading.enumerate():
        if thread.name == "session":
            thread.join()
    again = opened(workspace)
    async with again.run_test(size=SMALL) as pilot:
        await sees(pilot, "Round 0")
        await pilot.press("shift+tab")
        await until(pilot, lambda: screen(again).panes.key == "0/distance")
