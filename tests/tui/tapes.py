"""Recordings for tests: written by hand, and read as plain lines."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from engine.criteria import Judged
from engine.status import Status
from tui.entries import Entry, Load
from tui.services.recording.tape import MARK

ENTRY = Entry("20260203-101522-toy-3f9c", "toy", 1.5, Status(
    state="done", metrics={"loss": math.inf}, criteria=(Judged("loss", "< 1", None, None),), flags=("a", "b"),
    artifacts=({"name": "x", "about": "", "size_bytes": 1, "sha256": "0"},),
), ("gold",), "note", Load(1.0, 2))  # fmt: skip


def lines_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def recording_of(tmp_path: Path, *lines: str) -> str:
    file = tmp_path / "r.jsonl"
    file.write_text("\n".join([json.dumps({MARK: 1, "at": 1000.0, "size": [80, 24]}), *lines]))
    return str(file)
