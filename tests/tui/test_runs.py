"""The Runs screen: order, marks and columns; what is kept of them; and thousands of runs without lag."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from engine.archive import archive
from engine.filter import compiled
from engine.status import Status
from engine.workspace import Workspace
from tests.tui.helpers import LARGE, SMALL, done, failed, opened, sees, shown, until, words
from tui import runcolumns
from tui.entries import Entry
from tui.listing import Listed, Wanted, listed
from tui.screens.listed import MUCH, ListedRuns
from tui.screens.runs import RunsScreen

NOW = 1_700_000_000.0


def entry(number: int, *, state: str = "done", accuracy: float = 0.5, at: float = NOW) -> Entry:
    status = Status(
        state=state, title=f"run {number}", started_at=at - 10, ended_at=at, metrics={"v8.accuracy": accuracy}
    )
    return Entry(f"20260203-{number:06}-toy-0000", "toy", at, status)


def wanted(filter: str = "", sort: str = "age", reverse: bool = False) -> Wanted:  # noqa: A002
    rank = runcolumns.BY_KEY[sort].rank
    assert rank is not None
    return Wanted(compiled(filter), sort, rank, reverse)


def screen(app) -> RunsScreen:
    assert isinstance(app.place, RunsScreen)
    return app.place


# --- the list, without a screen -------------------------------------------------------------------------------------

changes = st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["done", "failed", "running"]), st.floats(0, 1)))
asked = st.builds(wanted, st.sampled_from(["", "failed", "accuracy>0.5", "!done", "age<1h"]),
                  st.sampled_from(["age", "state", "result", "name"]), st.booleans())  # fmt: skip


@given(st.lists(st.tuples(changes, asked), max_size=5))
def test_a_list_that_is_brought_up_to_date_is_as_one_that_is_made_anew(steps: list[tuple[list, Wanted]]) -> None:
    known, before, now = dict[int, Entry](), Listed(), NOW
    for some, want in steps:
        now += 3600
        for number, state, accuracy in some:
            known[number] = entry(number, state=state, accuracy=accuracy, at=now - number)
        before = listed(before, list(known.values()), want, now)
        fresh = listed(Listed(), list(known.values()), want, now)
        assert set(before.keys) == set(fresh.keys)
        ranks = [before.ranks[key] for key in before.keys]
        assert ranks == sorted(ranks, reverse=want.reverse)


def test_ages_are_looked_at_again_when_a_minute_has_gone() -> None:
    old = listed(Listed(), [entry(1, at=NOW - 3000)], wanted("age<1h"), NOW)
    assert old.keys
    assert not listed(old, [entry(1, at=NOW - 3000)], wanted("age<1h"), NOW + 3600).keys


def test_a_refresh_of_ten_thousand_runs_looks_only_at_the_one_that_has_changed(monkeypatch) -> None:
    everything = [entry(number, accuracy=random.random(), at=NOW - number) for number in range(10_000)]
    want, fields, looked = wanted("accuracy>0.2", "result"), Entry.fields, []
    before = listed(Listed(), everything, want, NOW)
    monkeypatch.setattr(Entry, "fields", lambda one, now: looked.append(one.id) or fields(one, now))
    for number in range(5):
        everything[number] = entry(number, accuracy=0.9, at=NOW)
        before = listed(before, list(everything), want, NOW)
    assert looked == [entry(number).id for number in range(5)]


def test_every_metric_can_be_a_column_and_unknown_ones_are_passed_over() -> None:
    found = runcolumns.named(["name", "metric:v8.accuracy", "gone"])
    assert [column.cell(entry(1), NOW).text for column in found] == ["run 1", "0.500"]
    assert [column.key for column in runcolumns.named(["gone"])] == list(runcolumns.USUAL)
    offered = [column.key for column in runcolumns.offered(found, [entry(1)])]
    assert (
        offered[:2] == ["name", "metric:v8.accuracy"]
        and len(offered) == len(set(offered)) == len(runcolumns.COLUMNS) + 1
    )


# --- on the screen --------------------------------------------------------------------------------------------------


async def test_a_filter_asks_for_numbers_and_tells_what_it_passes_over(workspace: Workspace) -> None:
    done(workspace)
    failed(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("2")
        await sees(pilot, "2 runs")
        await pilot.press("slash", *"accuracy>0.")
        await sees(pilot, "1 of 2 runs")
        await pilot.press(*"9", "enter")
        await sees(pilot, "no run fits 'accuracy>0.9'")
        await pilot.press("escape", "slash", *"/(/")
        await sees(pilot, "passes over /(/: missing )", "a good one", "a bad one")


async def test_ranges_are_marked_and_all(workspace: Workspace) -> None:
    for number in range(4):
        done(workspace, f"run {number}")
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("2")
        await sees(pilot, "4 runs")
        await pilot.press("space", "j", "V")
        await sees(pilot, "3 marked")
        await pilot.press("asterisk")
        await sees(pilot, "4 marked")
        await pilot.press("asterisk")
        await until(pilot, lambda: "marked" not in words(app))


async def test_marks_outlive_a_filter_that_is_being_typed_and_only_those_in_view_count(workspace: Workspace) -> None:
    first, second = failed(workspace), done(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("2")
        await sees(pilot, "2 runs")
        await pilot.press("space", "space", "slash", *"state:do")  # `st` alone fits neither
        await sees(pilot, "1 of 2 marked")
        assert [entry.id for entry in screen(app).targets()] == [second.id]
        await pilot.press("escape")
        await sees(pilot, "2 marked · 2 runs")
        assert {entry.id for entry in screen(app).targets()} == {first.id, second.id}
        await pilot.press("slash", *"state:do", "enter", "asterisk")
        await sees(pilot, "/state:do · 1 of 2 runs")
        await until(pilot, lambda: not screen(app).kept()["marks"], "no mark left, in view or out of it")


async def test_an_archived_run_takes_its_mark_along(workspace: Workspace) -> None:
    first = failed(workspace)
    done(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("2")
        await sees(pilot, "2 runs")
        await pilot.press("asterisk", "slash", *"state:done", "enter")
        await sees(pilot, "1 of 2 marked")
        archive(workspace, first)
        await until(pilot, lambda: "1 marked · " in words(app))


async def test_columns_are_chosen_moved_and_kept(workspace: Workspace) -> None:
    done(workspace)
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("2")
        await sees(pilot, "a good one")
        await pilot.press("C")
        await sees(pilot, "[x]  state", "the metric accuracy", "J K: move")
        await pilot.press("j", "j", "K", "K", "j", "space", "G", "space", "enter")  # name first, no state, a metric
        await until(pilot, lambda: shown(app)[1].split()[:2] == ["Name", "Job"])
        assert shown(app)[1].split()[-1] == "accuracy" and "0.750" in shown(app)[2].rstrip()[-8:]
        kept = screen(app).kept()
        assert kept["columns"][0] == "name" and kept["columns"][-1] == "metric:accuracy"
        await pilot.press("C", "space", "escape")
        assert screen(app).kept() == kept


async def test_a_session_goes_on_with_filter_order_marks_columns_and_cursor(workspace: Workspace) -> None:
    runs = [done(workspace, f"run {number}") for number in range(4)]
    wrong = failed(workspace)
    kept = {"filter": "!failed", "sort": "name", "reverse": True, "cursor": runs[1].id,
            "columns": ["name", "gone", "id"], "marks": [runs[0].id, runs[2].id, wrong.id, "deleted"]}  # fmt: skip
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("2")
        screen(app).restore(kept)
        await sees(pilot, "4 of 5 runs", "2 of 3 marked", "Name▼")
        lines = shown(app)
        assert [line[:2] for line in lines[2:6]] == ["  ", " *", "▌ ", " *"] and "run 1" in lines[4]
        assert screen(app).line.value == "!failed"
        assert screen(app).kept() == {
            **kept,
            "columns": ["name", "id"],
            "marks": sorted([runs[0].id, runs[2].id, wrong.id]),
        }


async def test_what_was_kept_by_another_version_is_no_error(workspace: Workspace) -> None:
    done(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("2")
        for kept in ({}, {"sort": 3, "columns": "x", "marks": 7, "filter": None, "cursor": []}, {"sort": "gone"}):
            screen(app).restore(kept)
        await sees(pilot, "a good one", "1 run")
        await pilot.press("o")
        await sees(pilot, "State▲")


async def test_thousands_of_runs_are_listed_in_steps_and_marks_stay(workspace: Workspace) -> None:
    first = done(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("2")
        await sees(pilot, "a good one")
        many = [*(app.lab.entries or ()), *(entry(number) for number in range(MUCH + 10))]
        app.lab.take(many)
        place = screen(app)
        assert isinstance(place, ListedRuns)
        place.table.mark()
        place.runs_changed()
        await until(pilot, lambda: len(place.table.rows.keys) == len(many))
        assert place.table.rows.marks == {first.id}
