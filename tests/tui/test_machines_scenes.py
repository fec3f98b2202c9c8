"""Machines as a recording shows them, at three sizes: they look as they did, and nothing falls off."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.recordings import machines
from tests.tui.layout import faults
from tests.tui.scenes import SIZES, alike

RENEW = "python -m tests.recordings.machines --renew draws them again"


@pytest.mark.parametrize("size", SIZES)
async def test_machines_look_as_they_did(size: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in alike(tmp_path).items():
        monkeypatch.setenv(name, value)
    for name in ("NO_COLOR", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    time.tzset()
    wrong = []
    async for scene, app, text in machines.drawn(SIZES[size]):
        file = machines.GOLDEN / f"{scene.name}-{size}.txt"
        wrong += [f"{scene.name}: {fault}" for fault in faults(app, text)]
        wrong += [f"{file.name} looks otherwise; {RENEW}"] if file.read_text(encoding="utf-8") != text else []
    assert wrong == []
