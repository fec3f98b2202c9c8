"""Points of curves are read quickly, and just as the slow way reads them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engine import events, points
from engine.events import Event, Metric, Note, Progress, to_line
from engine.points import Block, Points, Said

names = st.sampled_from(["loss", "fold-3/loss", "Güte", "a.b", "", 'with "quotes"', "tab\t", "back\\slash"])
metrics = st.builds(Metric, names, st.floats(), st.none() | st.integers(-(10**16), 10**16), at=st.floats(0, 2e9))
others = st.builds(Progress, st.integers(0, 9), at=st.floats(0, 2e9)) | st.builds(Note, st.text(), at=st.just(1.0))
DAMAGED = [
    b'{"kind":"Metric","at":1.0,"name":"loss","value":0.5,"step":3',
    b'{"kind":"Metric","at":1.0,"name":"loss","value":01.5,"step":3}',
    b'{"kind":"Metric","at":1.0,"name":"loss","value":+1,"step":3}',
    b'{"kind":"Metric","at":1.0,"name":"loss","value":.5,"step":3}',
    b'{"kind":"Metric","at":1.0,"name":"loss","value":1.,"step":3}',
    b'{"kind":"Metric","at":1.0,"name":"loss","value":1.5,"step":3.5}',
    b'{"kind":"Metric","at":1.0,"name":"loss","value":true,"step":3}',
    b'{"kind":"Metric","at":1.0,"name":"lo\xffss","value":1.5,"step":3}',
    b'{"kind":"Metric","at":1.0,"name":"loss","value":1e999,"step":3}',
    b'{"kind":"Metric","at":1.0,"name":"loss","value":NaN,"step":3}',
    b'{"kind":"Metric","at":1.0,"name":"loss","value":1,"step":' + b"9" * 400 + b"}",
    b'{"step": 7, "value": 2, "name": "loss", "kind": "Metric", "at": 0}',
    b'{"kind":"Metric","at":1.0,"name":"loss","value":-0,"step":-0}',
    b'{"kind":"Metric","at":1.0,"name":"loss","value":2.5E+3,"step":12}\r',
    b'  {"kind":"Metric","at":1.0,"name":"loss","value":2.5,"step":12}',
    b"\x00\x01\xfe", b"[]", b"null", b"",
]  # fmt: skip


def slowly(lines: bytes) -> tuple[dict[str, list[tuple[float, float]]], list[Event]]:
    """One event a line, as `events.read` makes them."""
    curves: dict[str, list[tuple[float, float]]] = {}
    rest: list[Event] = []
    for line in lines.split(b"\n"):
        event = events.from_line(line)
        if isinstance(event, Metric) and event.step is not None:
            if abs(event.step) < 10**300:  # -0 + 0 is 0
                curves.setdefault(event.name, []).append((event.step + 0.0, event.value + 0.0))
        elif event is not None:
            rest.append(event)
    return curves, rest


def plain(found: dict[str, Points]) -> dict[str, str]:
    return {
        name: repr([(step + 0.0, value + 0.0) for step, value in zip(some.steps, some.values, strict=True)])
        for name, some in found.items()
    }


def same(block: Block, lines: bytes) -> bool:
    curves, rest = slowly(lines)
    return plain(block.points) == {name: repr(some) for name, some in curves.items()} and repr(block.events) == repr(
        rest
    )


@given(st.lists(metrics | others, max_size=40))
def test_the_quick_way_reads_what_the_slow_way_reads(said: Sequence[Event]) -> None:
    lines = b"".join(map(to_line, said)).removesuffix(b"\n")
    block = points.block(lines)
    assert same(block, lines)
    assert list(map(repr, Said(block))) == [repr(events.from_line(line)) for line in lines.split(b"\n") if line]
    assert plain(points.of_events(Said(block)).points) == plain(block.points)


@given(st.lists(st.sampled_from(DAMAGED) | st.builds(lambda event: to_line(event)[:-1], metrics), max_size=12))
def test_damaged_lines_are_read_or_passed_over_as_the_slow_way_does(lines: list[bytes]) -> None:
    assert same(points.block(b"\n".join(lines)), b"\n".join(lines))


def test_a_point_that_is_said_in_an_unusual_way_keeps_its_place_in_the_order() -> None:
    lines = to_line(Metric("loss", 1.0, 1)) + to_line(Metric("loss", math.nan, 2)) + to_line(Metric("loss", 3.0, 3))
    found = points.block(lines).points["loss"]
    assert list(found.steps) == [1.0, 2.0, 3.0] and math.isnan(found.values[1])


def test_a_file_is_read_block_by_block_and_a_half_line_is_left(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    lines = b"".join(to_line(Metric("loss", n / 7, n)) for n in range(100))
    file.write_bytes(lines + b'{"kind":"Metric","at":1.0,"name":"loss","va')
    steps: list[float] = []
    offset = 0
    while block := points.read(file, offset, 1000):
        assert block.offset > offset
        offset = block.offset
        steps += block.points["loss"].steps
    assert steps == list(range(100)) and offset == len(lines)
    assert not points.read(tmp_path / "missing", 5) and points.read(tmp_path / "missing", 5).offset == 5
