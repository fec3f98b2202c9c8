"""How long a machine has run, by a clock that nobody sets, over reboots, stops and clocks that jump."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from vmops import watchdog


def test_a_clock_that_jumps_ends_no_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    life = watchdog.Life(tmp_path / "life.json", "boot-1")
    monkeypatch.setattr(time, "time", lambda: 4e9)
    life.tick(busy=False)
    assert max(life.idle_s, life.stretch_s, life.unused_s) < 60


def test_a_reboot_goes_on_with_the_stretch_and_a_stop_begins_another(tmp_path: Path) -> None:
    path = tmp_path / "life.json"
    now = time.time()
    known = {"at": now - 60, "mono": 5.0, "boot_id": "boot-1", "stretch_s": 900.0, "booted_s": 900.0, "unused_s": 70.0}
    path.write_text(json.dumps(known))
    rebooted = watchdog.Life(path, "boot-2")
    assert (rebooted.stretch_s, rebooted.booted_s, rebooted.unused_s) == (900.0, 0.0, 70.0)
    path.write_text(json.dumps({**known, "at": now - 7200}))
    assert watchdog.Life(path, "boot-2").stretch_s == 0


def test_idleness_that_nobody_saw_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "life.json"
    known = {"at": time.time(), "boot_id": "boot-1", "idle_s": 500.0, "stretch_s": 900.0}
    path.write_text(json.dumps({**known, "mono": time.monotonic() - 30}))
    assert watchdog.Life(path, "boot-1").idle_s == 500.0, "half a minute is a restart of the watchdog"
    path.write_text(json.dumps({**known, "mono": time.monotonic() - 300}))
    again = watchdog.Life(path, "boot-1")
    assert again.idle_s == 0.0 and again.stretch_s >= 1200.0, "it was dead for longer, and the machine was not"


def test_use_ends_idleness_and_not_the_stretch(tmp_path: Path) -> None:
    life = watchdog.Life(tmp_path / "life.json", "boot-1")
    life.idle_s = life.unused_s = life.stretch_s = 100.0
    life.tick(busy=True)
    assert life.idle_s == life.unused_s == 0.0 and life.stretch_s >= 100.0


def test_what_is_due_first_comes_first(tmp_path: Path) -> None:
    life = watchdog.Life(tmp_path / "life.json", "boot-1")
    settings = {**watchdog.DEFAULTS, "idle_minutes": 30, "max_hours": 0.1, "delete_after_hours": 48}
    assert [plan.act for plan in watchdog.due(settings, life)] == ["end", "stop", "delete"]
    assert watchdog.due({**settings, "idle_minutes": None, "max_hours": None, "delete_after_hours": None}, life) == []


def test_its_limit_comes_a_few_minutes_before_the_clouds_own(tmp_path: Path) -> None:
    life = watchdog.Life(tmp_path / "life.json", "boot-1")
    settings = {**watchdog.DEFAULTS, "idle_minutes": None, "max_hours": 24}
    [plan] = watchdog.due(settings, life)
    assert plan.act == "end" and 24 * 3600 - 301 < plan.left_s <= 24 * 3600 - 299
