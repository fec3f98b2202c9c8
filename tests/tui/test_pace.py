"""When the screen is painted again: at once after a key, and then all that the key has changed together."""

from __future__ import annotations

import pytest

from engine.workspace import Workspace
from tests.tui.helpers import LARGE, done, failed, opened, sees, until
from tui.pace import ANSWER_S, HOLD_S, NEWS_S, Pace


def test_a_repaint_waits_while_a_key_settles_and_not_for_long() -> None:
    pace = Pace()
    assert pace.wait_s(0.0) == 0.0 and pace.wait_s(0.0, settling=True) == 0.0
    pace.touched(1.0)
    assert 0 < pace.wait_s(1.0, settling=True) <= HOLD_S and pace.wait_s(1.0) == 0.0
    pace.touched(1.0 + HOLD_S)  # keys that keep coming do not put it off
    assert pace.wait_s(1.0 + HOLD_S, settling=True) == 0.0
    pace.painted(1.0 + HOLD_S)
    assert pace.wait_s(1.0 + HOLD_S, settling=True) == 0.0


def test_a_key_that_has_changed_nothing_is_forgotten() -> None:
    pace = Pace()
    pace.touched(1.0)
    pace.touched(3.0)
    assert pace.wait_s(3.0, settling=True) > 0


def test_on_a_slow_line_news_wait_and_the_answer_to_a_key_does_not() -> None:
    pace = Pace(slow=True)
    pace.painted(1.0)
    assert pace.wait_s(1.0) == pytest.approx(NEWS_S)
    pace.touched(1.1)
    assert pace.wait_s(1.1) == 0.0
    pace.painted(1.1)
    assert pace.wait_s(1.1) == pytest.approx(ANSWER_S)


async def test_all_that_a_key_changes_is_painted_at_once_and_nothing_is_placed_anew(
    workspace: Workspace, monkeypatch
) -> None:
    """The row, the lines on the run and the frame; in one painting, though they learn of it one after the other."""
    monkeypatch.setattr("tui.pace.HOLD_S", 20.0)  # however busy the machine is
    first, second = done(workspace), failed(workspace)
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        await sees(pilot, "a good one")
        await pilot.press("2", "g")
        await sees(pilot, f"{second.id}  ")
        await pilot.pause()
        painted, placed = [], []
        display, layout = app._display, app.screen._refresh_layout
        monkeypatch.setattr(app, "_display", lambda *given: (painted.append(given), display(*given)))
        monkeypatch.setattr(app.screen, "_refresh_layout", lambda *a, **b: (placed.append(a), layout(*a, **b)))
        await pilot.press("j")
        await sees(pilot, f"{first.id}  ")
        await until(pilot, lambda: not app.settling)
        assert len(painted) == 1 and not placed
