"""Events: lines, offsets, torn tails."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import events
from engine.events import KINDS, Artifact, Event, Gpu, Metric, Note, Phase, Progress, from_line, read, to_line

# File names that are not UTF-8 come as lone surrogates from U+DC80 on.
texts = st.text(st.characters(exclude_categories=["Cs"]) | st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF))
VALUES = {
    "str": texts,
    "int": st.integers(-(2**63), 2**63),
    "int | None": st.none() | st.integers(0, 2**40),
    "float": st.floats(),
    "bool": st.booleans(),
}


def of(cls: type[Event]) -> st.SearchStrategy[Event]:
    return st.builds(cls, **{f.name: VALUES[str(f.type)] for f in fields(cls)})


any_event = st.one_of([of(cls) for cls in KINDS.values()])


def same(one: Event | None, other: Event) -> bool:
    """Equal, where nan is equal to nan."""
    return repr(one) == repr(other)


@given(any_event)
def test_an_event_comes_back_from_its_line(event: Event) -> None:
    line = to_line(event)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert same(from_line(line), event)


@given(any_event)
def test_a_line_is_json_that_any_strict_reader_takes(event: Event) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    assert json.loads(to_line(event), parse_constant=refuse)["kind"] == event.kind


@settings(max_examples=25)
@given(st.lists(any_event, min_size=1, max_size=3))
def test_a_tail_torn_at_any_byte_is_left_for_later(tmp_path: Path, said: list[Event]) -> None:
    found: list[Event] = []
    offset = 0
    with (tmp_path / "events.jsonl").open("wb", buffering=0) as file:
        for byte in b"".join(map(to_line, said)):
            file.write(bytes([byte]))
            new, after = read(tmp_path / "events.jsonl", offset)
            assert bool(new) == (byte == 0x0A)
            found, offset = found + new, after
    assert all(same(one, other) for one, other in zip(found, said, strict=True))


def test_there_is_nothing_to_read_before_the_first_event(tmp_path: Path) -> None:
    assert read(tmp_path / "events.jsonl", 7) == ([], 7)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"kind": "Phase"}',
        b'{"kind": "Telepathy", "text": "hello"}',
        b'{"kind": []}',
        b'{"kind": "Progress", "done": "many"}',
        b'{"kind": "Metric", "name": "loss", "value": null}',
        b'{"kind": "Metric", "name": "loss", "value": "low"}',
        b"\xff\xfe",
        b"[" * 5000,
        b'{"kind": "Progress", "done": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_damaged_line_is_passed_over(tmp_path: Path, line: bytes) -> None:
    assert from_line(line) is None
    path = tmp_path / "events.jsonl"
    path.write_bytes(line + b"\n" + to_line(Phase("train")))
    found, offset = read(path)
    assert [type(event) for event in found] == [Phase]
    assert offset == path.stat().st_size


def test_keys_of_a_later_version_are_passed_over() -> None:
    assert from_line(b'{"kind":"Phase","at":1.0,"name":"train","colour":"blue"}') == Phase("train", at=1.0)


def test_a_value_of_a_wrong_type_falls_back_to_its_default() -> None:
    line = b'{"kind":"Progress","at":1.0,"done":1,"unit":[]}'
    assert from_line(line) == Progress(1, at=1.0)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_numbers_that_json_has_no_word_for_survive(value: float) -> None:
    for event in (Metric("loss", value, 3), Gpu(0, "T4", value, 1, 2)):
        assert same(from_line(to_line(event)), event)


def test_a_long_file_is_read_in_parts(tmp_path: Path) -> None:
    path, said = tmp_path / "events.jsonl", [Progress(n, 50) for n in range(50)]
    path.write_bytes(b"".join(map(to_line, said)))
    found, offset = [], 0
    while (part := read(path, offset, limit=200))[0]:
        found, offset = found + part[0], part[1]
    assert found == said


def test_one_line_that_is_longer_than_a_part_is_not_in_the_way_for_ever(tmp_path: Path) -> None:
    path, said = tmp_path / "events.jsonl", [Note("x" * 1000), Artifact("a.csv", "rows", 1, "00")]
    path.write_bytes(b"".join(map(to_line, said)))
    first, offset = read(path, limit=100)
    assert first + read(path, offset, limit=100 << 10)[0] == said


def test_every_kind_is_known_by_its_name() -> None:
    assert all(cls.__name__ == kind and getattr(events, kind) is cls for kind, cls in KINDS.items())
