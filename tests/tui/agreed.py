"""Labels of two coders, and the Agreement screen on them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from textual.pilot import Pilot

from engine import child
from engine.annotations import reliability, sensitivity
from engine.annotations.adjudicate import standing
from engine.annotations.decision import BLANK, CANT_TELL, Decision
from engine.annotations.log import Log
from engine.stats import dawid_skene
from engine.stats.coders.study import study
from engine.workspace import Workspace
from tests.engine.annotations.coded import coded
from tests.tui.helpers import until
from tui.screens.agreement import AgreementScreen

ANA = ["personal"] * 8 + ["social"] * 8 + ["public"] * 4 + ["personal", "social", "public", "social"]
BEN = ["personal"] * 8 + ["social"] * 8 + ["public"] * 4 + ["social", BLANK, CANT_TELL, "public"]
DIFFERENT = 4


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No process of its own for numpy, which takes a second each time; what was asked for is listed."""
    done: list[str] = []
    really = child.ask

    def ask(module: str, question: Any, what: str, **how: Any) -> Any:
        if module not in (reliability.MODULE, sensitivity.MODULE):
            return really(module, question, what, **how)
        done.append(what)
        return [dawid_skene.answer(one) if module == sensitivity.MODULE else study(one) for one in question]

    monkeypatch.setattr(child, "ask", ask)
    return done


def labelled(workspace: Workspace, *more: Decision) -> None:
    """Two coders over 24 frames of three videos, and what else there is."""
    with Log.open(workspace.labels) as log:
        log.add([*coded({"ana": ANA, "ben": BEN}, at=time.time() - 5000), *more])


async def at(pilot: Pilot[Any], pane: str) -> AgreementScreen:
    """Go to a pane of the screen."""
    await pilot.press("7")
    screen = pilot.app.screen
    assert isinstance(screen, AgreementScreen)
    await until(pilot, lambda: screen.labels is not None, "the labels")
    if not screen.labels_missing:
        await until(pilot, lambda: screen.cards is not None, "the cards")
    for _ in range(screen.panes.TABS.index(pane) - screen.panes.TABS.index(screen.panes.name_in_view)):
        await pilot.press("tab")
    return screen


def adjudications(workspace: Workspace) -> list[Decision]:
    with Log.open(workspace.labels, readonly=True) as log:
        return standing(log)
