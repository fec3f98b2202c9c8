"""The Agreement screen: cards, drift, coders; computed once, told where undefined, and kept."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from engine import child
from engine.annotations.decision import Decision
from engine.annotations.log import Log
from engine.annotations.standing import standing
from engine.errors import DataError
from engine.stats.agreement import card
from engine.workspace import Workspace
from tests.engine.annotations.coded import coded, settled, unit
from tests.tui.agreed import ANA, DIFFERENT, asked, at, labelled
from tests.tui.helpers import LARGE, SMALL, opened, sees, until, words
from tui import agreeing
from tui.drift import drift, early
from tui.screens.agreement import AgreementScreen
from tui.services import agreement as services
from tui.services import cards
from tui.services.recording.codec import made, plain
from tui.widgets.line import View

__all__ = ["asked"]
pytestmark = pytest.mark.usefixtures("asked")


# --- where there is nothing yet -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "said"),
    [({}, "no labels yet: 6 labels frames"), ({"ana": ["social"]}, "one coder so far, ana: a second one"),
     ({"ana": ["social", None], "ben": [None, "social"]}, "no frame was seen by two coders yet; 60 frames go")],
)  # fmt: skip
async def test_where_nothing_can_be_compared_it_says_what_to_do(
    workspace: Workspace, asked: list[str], rows: dict[str, list[str | None]], said: str
) -> None:
    with Log.open(workspace.labels) as log:
        log.add(coded(rows))
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await at(pilot, "scores")
        await until(pilot, lambda: said in " ".join(words(app).split()), said)
        assert asked == []  # nothing is computed of nothing


async def test_a_damaged_log_is_named_once_and_hides_nothing_else(workspace: Workspace) -> None:
    workspace.labels.write_bytes(b"no database at all" * 100)
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        screen = await at(pilot, "gold")
        await sees(pilot, "annotations.sqlite: damaged", "keep a copy")
        await pilot.press("S", "u", "m")
        labelled_anew = workspace.root / "moved.sqlite"
        workspace.labels.rename(labelled_anew)
        labelled(workspace)
        await until(pilot, lambda: not screen.labels_missing, "the labels of the new log")


async def test_without_a_log_none_is_made(workspace: Workspace) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await at(pilot, "scores")
        await sees(pilot, "no labels yet")
    assert not workspace.labels.exists()


# --- cards --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_scores_stand_beside_their_intervals(workspace: Workspace, size: tuple[int, int]) -> None:
    labelled(workspace)
    app = opened(workspace)
    async with app.run_test(size=size) as pilot:
        await at(pilot, "scores")
        card = cards.of(workspace, keep=False).variables["distance"]["all"]
        await sees(pilot, "distance", "22/24", f"{card['percent']:.1%}", f"{card['kappa']:.3f}")
        await pilot.press("down")  # perspective, which nobody labelled, stands first
        await sees(
            pilot,
            "0.71 to 1.00 BCa",
            "frames needed:",
            "blanks: ben 1; can't tell: ben 1; missing above; blanks as a label:",
        )


async def test_all_cautions_of_a_card_can_be_read(workspace: Workspace) -> None:
    labelled(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        screen = await at(pilot, "scores")
        screen.panes.table("scores").go_to("distance")
        await sees(pilot, "cautions, d reads them:")
        await pilot.press("d")
        await sees(pilot, "At least two of ana, ben have seen 24 frames and labelled 22.")
        card = screen.card()
        assert card is not None and len(card["warnings"]) > 2
        await pilot.press("pagedown")
        for _ in range(30):
            await pilot.press("j")
        await sees(pilot, "percent_of_pairs")


async def test_what_is_undefined_is_no_zero_and_says_why(workspace: Workspace) -> None:
    with Log.open(workspace.labels) as log:
        log.add(coded({"ana": ["social"] * 12, "ben": ["social"] * 12}))
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        screen = await at(pilot, "scores")
        screen.panes.table("scores").go_to("distance")
        await sees(pilot, "undefined: no variation", "100.0%")
        row = next(line for line in words(app).splitlines() if "12/12" in line)
        assert row.count("undefined") == 2 and "0.000" not in row


async def test_confusion_stands_in_the_codebooks_order(workspace: Workspace) -> None:
    labelled(workspace)
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        screen = await at(pilot, "scores")
        screen.panes.table("scores").go_to("distance")
        await pilot.press("tab", "tab")
        await sees(pilot, "ana ↓ ben →", "[8]")
        lines = words(app).splitlines()
        head = next(line for line in lines if "ana ↓ ben →" in line)
        assert head.index("personal") < head.index("social") < head.index("public") < head.index("other")
        first = [line.split()[0].strip("▌") or line.split()[1] for line in lines if "[" in line and "]" in line][:4]
        assert first == ["personal", "social", "public", "other"]


async def test_cards_are_computed_once_while_labels_stay_and_kept_over_a_restart(
    workspace: Workspace, asked: list[str]
) -> None:
    labelled(workspace)
    for _ in range(2):
        app = opened(workspace)
        async with app.run_test(size=SMALL) as pilot:
            await at(pilot, "scores")
            await sees(pilot, "22/24")
    assert asked == ["agreement"]
    labelled(workspace, settled(0, "social"))
    assert cards.of(workspace, keep=True).version > 0 and asked == ["agreement"] * 2


async def test_cards_that_cannot_be_computed_say_why(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_words: Any, **_how: Any) -> Any:
        raise DataError("agreement: not computed", hint="pip install 'footplate[engine]'")

    monkeypatch.setattr(child, "ask", refuse)
    labelled(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await at(pilot, "scores")
        await sees(pilot, "agreement: not computed  → pip install 'footplate[engine]'")
    assert cards.kept(workspace) is None


async def test_new_labels_of_others_appear_by_themselves(workspace: Workspace) -> None:
    labelled(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await at(pilot, "disagreements")
        await until(pilot, lambda: len(app.screen.fitting()) == DIFFERENT)  # type: ignore[attr-defined]
        with Log.open(workspace.labels) as log:
            log.add([Decision("ben", unit(0), "distance", "public", time.time())])
        await until(pilot, lambda: len(app.screen.fitting()) == DIFFERENT + 1)  # type: ignore[attr-defined]


async def test_agreement_over_time_is_drawn(workspace: Workspace) -> None:
    labelled(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await at(pilot, "drift")
        await sees(pilot, "distance: 2 windows of 11 frames, too few for a trend")
        cards_ = cards.of(workspace, keep=False)
        one = cards_.variables["distance"]["windows"][0]
        assert drift(cards_) == []
        cards_.variables["distance"]["windows"][:] = [one] * 3
        (chart,) = drift(cards_)
        assert "across: frames labelled by both" in chart.title and early(cards_) == []
        assert chart.lines[-1].words(View()) == "agree 100 %"


async def test_coders_stand_with_what_they_saved(workspace: Workspace) -> None:
    labelled(workspace, *(Decision("ana", unit(n), "distance", ANA[n], 9e8, kind="repeat") for n in range(6)))
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        await at(pilot, "coders")
        await sees(pilot, "distance 24/0/0", "distance 22/1/1", "distance 100% of 6")


# --- kept, and told elsewhere -------------------------------------------------------------------------------------


async def test_pane_filter_and_row_are_as_they_were_left(workspace: Workspace) -> None:
    labelled(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        screen = await at(pilot, "scores")
        screen.panes.table("scores").go_to("distance")
        await pilot.press("/", *"kind:genuine", "enter", "u", "shift+tab", "shift+tab", "shift+tab")
        await until(pilot, lambda: screen.panes.name_in_view == "disagreements")
        await pilot.press("ctrl+q")
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        again = app.screen
        assert isinstance(again, AgreementScreen) and again.adjudicated
        await until(pilot, lambda: [case.kind for case in again.fitting()] == ["genuine"] * 2)
        await until(pilot, lambda: again.panes.key("scores") == "distance", "the row of scores")
        assert again.panes.name_in_view == "disagreements"


def test_the_overview_has_a_line_of_what_was_computed_last(workspace: Workspace) -> None:
    assert cards.line(workspace) == ""
    labelled(workspace)
    found = cards.of(workspace, keep=True).variables["distance"]["all"]
    said = f"distance {found['percent']:.1%}, alpha {found['alpha_ordinal']:.3f} of 22"
    assert said in cards.line(workspace) and "ago" not in cards.line(workspace)
    labelled(workspace)
    assert f"{said} (48 entries ago)" in cards.line(workspace)


def test_marks_change_with_labels_with_the_codebook_and_with_the_gold_file(workspace: Workspace) -> None:
    seen = {services.marks(workspace)}
    labelled(workspace)
    seen.add(services.marks(workspace))
    assert services.labels(workspace).version == services.marks(workspace)  # while nothing changes
    workspace.file.write_text(workspace.file.read_text() + "\n# edited\n")
    seen.add(services.marks(workspace))
    workspace.gold.write_text("video_id,frame_index,distance\n")
    assert len(seen | {services.marks(workspace)}) == 4


def test_what_the_screen_is_told_comes_back_out_of_a_recording(workspace: Workspace) -> None:
    labelled(workspace, settled(20, "social"))
    for told in (services.labels(workspace), cards.of(workspace, keep=False)):
        assert made(json.loads(json.dumps(plain(told)))) == told


def test_blanks_and_who_could_not_tell_stand_apart_below_a_card() -> None:
    rows = [["a", "b", "", "can't tell"], ["a", "a", "", ""]]
    found = card(rows, ["a", "b"], "nominal", coders=["ana", "ben"], replicates=100)
    (said,) = agreeing.blanks(found)
    assert said.startswith("blanks: ana 1, ben 2; can't tell: ana 1; missing above; blanks as a label: 66.7%")
    only = card([["a", "can't tell"], ["a", "b"]], ["a", "b"], "nominal", coders=["ana", "ben"], replicates=100)
    assert agreeing.blanks(only) == ["can't tell: ana 1; missing above"]


def test_a_coders_total_is_the_same_here_as_on_the_overview(workspace: Workspace) -> None:
    lines = [f"{unit(place).video_id},{unit(place).frame_index}" for place in range(40)]
    workspace.frames.write_text("\n".join(["video_id,frame_index", *lines, ""]))
    workspace.file.write_text(workspace.file.read_text().replace("overlap: 60", "overlap: 4"))
    labelled(workspace, *coded({"ana": ["first"] * 24 + [None] * 66 + ["first"]}, "perspective"))
    with Log.open(workspace.labels) as log:
        log.add(coded({"ana": [None] * 90 + ["social"]}))  # and one that frames.csv does not list
    told = standing(Workspace(workspace.root))
    found = {one.coder: (one.seen, one.asked, one.shared) for one in services.labels(workspace).coders}
    assert found == {one["coder"]: (one["done"], one["asked"], one["overlap"]) for one in told["coders"]}
    assert found["ana"][1] > 20 and found["ana"][0] >= 22
