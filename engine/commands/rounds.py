"""The verb rounds: every round of active learning with its scores, its advice and where its weights come from."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from engine import rounds as published
from engine.commands.verb import Asked, Verb, answer, table, workspace
from engine.roundresults import Result, at, named_alpha, number, text
from engine.rounds import Round

HEADER = ("ROUND", "VARIABLE", "TRAIN", "VALIDATION", "TEST", "MACRO-F1", "GAIN", "KAPPA", "ECE", "QUEUE", "FROM")


def rounds(asked: Asked) -> int:
    """All rounds, the first one first."""
    here = workspace(asked)
    found = published.read(here)
    faults = [
        fault for fault in (published.test_set_fault(here, found), published.stop_set_fault(here, found)) if fault
    ]
    if asked.json:
        return answer(asked, {"rounds": [_whole(one) for one in found], "faults": faults}, "")
    if not found:
        return answer(asked, {}, "no rounds yet\n  → footplate run round makes the first, once frames are labelled")
    rows = table([row for one in found for row in _rows(one)], HEADER)
    words = "\n".join([*faults, *(line for one in found for line in _story(one))])
    told = rows.plain() if asked.plain else str(rows)
    return answer(asked, {}, f"{told}\n\n{words}" if words else told)


def _rows(one: Round) -> list[tuple[str, ...]]:
    return [_row(one, result) for result in one.results] or [(str(one.number), "damaged", *[""] * (len(HEADER) - 2))]


def _row(one: Round, result: Result) -> tuple[str, ...]:
    counts = (_said(at(result.raw, "sizes", side)) for side in ("train", "validation", "test"))
    score = _spread(result.macro_f1, result.low, result.high)
    gain = _spread(result.gain, result.gain_low, result.gain_high, "+")
    origin = f"round {result.from_round}" if result.from_round is not None else result.from_file or "random weights"
    return (
        str(one.number), result.variable, *counts, score, gain, _number(result.kappa), _number(result.ece),
        _said(one.query.get("frames")), origin,
    )  # fmt: skip


def _story(one: Round) -> list[str]:
    """What coders agree on, its advice and its faults, a line each."""
    coders = [f"{result.variable}: {words}" for result in one.results if (words := _coders(result))]
    advice = [f"{result.variable}: {said.says}" for result in one.results for said in result.guidance]
    note = text(one.query.get("note"))
    return [f"round {one.number}: {words}" for words in (*coders, *advice, note, *one.faults) if words]


def _coders(result: Result) -> str:
    """How far coders agree, each number by its name; empty where no two labelled the same frame."""
    frames, same = at(result.raw, "agreement", "units_both_coded"), number(at(result.raw, "agreement", "percent"))
    if result.alpha is None and same is None:
        return ""
    alpha = "undefined" if result.alpha is None else f"{result.alpha:.3f}"
    agree = "" if same is None else f", agreement {same:.1%}"
    on = "" if frames is None else f", on {frames} frames that two labelled"
    return f"coders: {named_alpha(result.alpha_level)} {alpha}{agree}{on}"


def _said(value: object) -> str:
    return "" if value is None else str(value)


def _spread(value: float | None, low: float | None, high: float | None, sign: str = "") -> str:
    if value is None:
        return ""
    ends = "" if low is None or high is None else f" [{low:{sign}.3f}, {high:{sign}.3f}]"
    return f"{value:{sign}.3f}{ends}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _whole(one: Round) -> dict[str, Any]:
    """For programs: what is read, with metrics.json as it is."""
    results = [{key: value for key, value in asdict(result).items() if key != "raw"} for result in one.results]
    return {
        "round": one.number, "folder": str(one.folder), "run": one.run, "published_at": one.published_at,
        "test_set_sha256": one.test_set_sha256, "results": results, "faults": list(one.faults), "metrics": one.raw,
    }  # fmt: skip


def _nothing(parser: argparse.ArgumentParser) -> Any:
    return parser


VERBS = (Verb("rounds", "rounds of active learning: scores, advice, where weights come from", _nothing, rounds),)
