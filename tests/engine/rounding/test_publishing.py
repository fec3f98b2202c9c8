"""A round is published once and whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import rounds
from engine.errors import DataError
from engine.events import Flag
from engine.files import read_json
from engine.rounding import publishing
from engine.run import listing
from tests.engine.rounding.shapes import Done, answered, do, hashes

# --- publishing -----------------------------------------------------------------------------------------------------


def test_publishing_twice_changes_nothing_and_a_stranger_is_refused(first: Done, tmp_path: Path) -> None:
    workspace, before = first.workspace, hashes(first.workspace.rounds)
    record = read_json(first.round.folder / "round.json")
    assert publishing.publish(workspace, 0, first.round.folder, record, {}) is False
    with pytest.raises(DataError, match="has published round 0 meanwhile"):
        publishing.publish(workspace, 0, tmp_path, {**record, "run": "another"}, {})
    assert hashes(workspace.rounds) == before


def test_an_older_round_that_is_resumed_leaves_the_queue_of_the_newer_one(first: Done) -> None:
    answered(first)
    second = do(first.workspace, "variables=[light]", "train.epochs=1")
    record = read_json(first.workspace.rounds / "round_00" / "round.json")
    publishing.publish(first.workspace, 0, first.workspace.rounds / "round_00", record, {})
    assert first.workspace.queue.read_bytes() == (second.round.folder / "queue.csv").read_bytes()


def test_a_round_that_was_killed_while_it_was_copied_leaves_no_half_of_it(first: Done) -> None:
    half = first.workspace.rounds / ".round_01.20260101-000000-round-aaaa.part"
    half.mkdir()
    (half / "metrics.json").write_text("{}")
    assert [one.number for one in rounds.read(first.workspace)] == [0]
    assert len(listing(first.workspace)) == 1 and not first.said(Flag)
