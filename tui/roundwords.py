"""One round in words: sizes, scores with intervals, guidance, confusion, what active learning gained over chance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from engine.roundresults import named_alpha
from engine.words import number
from tui.format import cells, several
from tui.rounding import NONE, interval, queue, share, short

if TYPE_CHECKING:
    from engine.rounds import Result, Round
    from tui.services.rounds import Found

Facts = Mapping[str, Any]
Said = tuple[str, str]  # the name of something, and what there is to say of it
NAMES = 11  # cells that names have
# How the model chose frames, where "by the … of the model" would not say it.
CHOSEN = {
    "typical": "typical of the pool (while labels are few)",
    "bald": "by the disagreement within the model (BALD)",
    "k_centre": "far from all that is labelled (k-centre)",
    "badge": "unsure and unlike each other (BADGE)",
}


def head(found: Found) -> list[str]:
    """What holds for all rounds: the test set, or that it is another one now."""
    if found.faults:
        return [*(f"✗ {fault}" for fault in found.faults), "→ put it back as it was: until then no round begins"]
    fixed: Facts = next((one.raw["test_set"] for one in reversed(found.rounds) if one.raw.get("test_set")), {})
    if not fixed:
        return []
    sha, changed = str(fixed.get("sha256", ""))[:12], fixed.get("changed_in_log")
    said = f"✓ test set: {_counted(fixed, 'frame')} in {_counted(fixed, 'group')}, as round 0 fixed it ({sha})"
    return [said, f"  {changed} of its labels were changed later; here they count as they stood"] if changed else [said]


def about(found: Found, round_: Round, result: Result | None) -> list[str]:
    """What the row under the cursor has to say, the most important first."""
    lines = [f"✗ {fault}" for fault in round_.faults]
    lines += ["→ rounds are never edited: bring it back from the files of its run, or from a copy"] * bool(lines)
    if result is not None:
        lines += [f"{short(one)[:1]} {one.says}" for one in result.guidance]
        lines += [f"? interval: {note}" for note in (_of(result.raw, "test").get("interval_note"),) if note]
    asked = list(_asked(found, round_))
    return lines + ([f"queue: {'; '.join(asked)}"] if asked else [])


def detail(found: Found, round_: Round, width: int) -> list[str]:
    """The whole round, in lines of so many cells, unless a single word is longer."""
    folder = f"{round_.folder.parent.name}/{round_.folder.name}"
    lines = [f"Round {round_.number}", *_named([("run", round_.run or "unknown"), ("folder", folder)], width)]
    lines += [line for fault in round_.faults for line in wrap(f"✗ {fault}", width, subsequent_indent="  ")]
    lines += _named([*_sizes(round_), *(("queue", words) for words in _asked(found, round_))], width)
    for result in round_.results:
        lines += ["", result.variable, *_variable(result, width)]
    return lines


def _named(facts: Iterable[Said], width: int) -> list[str]:
    """Facts with their names before them; a name that is the same as the one above is left out."""
    lines, before = [], ""
    for name, words in facts:
        start = f"  {'' if name == before else name:<{NAMES}}"
        lines += wrap(words, width, initial_indent=start, subsequent_indent=" " * len(start))
        before = name
    return lines


def _sizes(round_: Round) -> Iterator[Said]:
    sizes, copies, labels = round_.sizes, _of(round_.raw, "duplicates"), _of(round_.raw, "labels")
    for side in filter(sizes.get, ("train", "validation", "test")):
        yield "frames", f"{side} {_of(sizes, side).get('frames')} in {_counted(_of(sizes, side), 'group')}"
    if sizes:
        added = sizes.get("added")  # None in the first round, before which there was nothing to add to
        new = f", newly labelled since the round before {added}" if added is not None else ""
        yield "frames", f"pool {sizes.get('pool')}, stop set {sizes.get('stop_set')}{new}"
    if copies:
        sign, found = "✗" if copies.get("left") else "✓", copies.get("across_sides")
        yield "alike", f"{sign} {copies.get('left')} near-duplicates across sides, of {found} that were found"
    if labels.get("note"):
        yield "labels", f"! {labels['note']}"
    for failure in round_.raw.get("failures") or ():
        yield "left out", f"! {failure.get('video_id')}, {failure.get('frames')} frames: {failure.get('reason')}"


def _asked(found: Found, round_: Round) -> Iterator[str]:
    """What its queue holds, and how much of that each coder has labelled."""
    query = round_.query
    if not query:
        return
    chosen = CHOSEN.get(str(query.get("used")), f"by the {query.get('used')} of the model")
    yield f"{_counted(query, 'frame')}, {query.get('model')} {chosen}, {query.get('random')} at random"
    yield f"labelled {queue(found, round_.number)}"
    if query.get("note"):
        yield str(query["note"])


def _variable(result: Result, width: int) -> list[str]:
    facts = [*_scores(result), *_calibration(result), *_coders(result), *_training(result), *_advice(result)]
    test = _of(result.raw, "test")
    lines = _named(facts, width) + _classes(_of(test, "by_class"))
    return lines + _confusion(result.raw.get("classes") or (), test.get("confusion") or ())


def _scores(result: Result) -> Iterator[Said]:
    test = _of(result.raw, "test")
    low, high = _of(test, "intervals").get("accuracy") or (None, None)
    yield "test", f"macro-F1 {interval(result.macro_f1, result.low, result.high)}, {result.test_frames} frames"
    yield "test", f"accuracy {interval(result.accuracy, low, high)}"
    yield "test", f"kappa {share(result.kappa)}, balanced accuracy {share(test.get('balanced_accuracy'))}"
    yield "test", f"the commonest class alone: accuracy {share(test.get('commonest_class'))}"
    if test.get("interval_note"):
        yield "test", f"? {test['interval_note']}"
    sides = (f"{side} {share(_of(result.raw, side).get('macro_f1'))}" for side in ("train", "validation", "test"))
    yield "macro-F1", ", ".join(sides)
    if result.gain is not None:
        words = interval(result.gain, result.gain_low, result.gain_high, plus=True)
        yield "gain", f"{words} macro-F1 over the round before"


def _calibration(result: Result) -> Iterator[Said]:
    known = _of(result.raw, "calibration")
    if result.temperature is not None:
        ece = f"ECE {share(known.get('ece_before'))} before, {share(result.ece)} after"
        yield "calibrated", f"temperature {number(result.temperature)}, {ece}"
    if known.get("note"):
        yield "calibrated", f"{known['note']}"


def _coders(result: Result) -> Iterator[Said]:
    known = _of(result.raw, "agreement")
    if not known:
        yield "coders", "fewer than two have labelled the same frames: no agreement"
        return
    same = f"agreement {percent(known.get('percent'))}"
    alpha = f"{named_alpha(result.alpha_level)} {share(result.alpha)}"
    yield "coders", f"{alpha}; {same}, on {known.get('units_both_coded')} frames that two labelled"


def _training(result: Result) -> Iterator[Said]:
    for name, one in _of(_of(result.raw, "training"), "starts").items():
        kept = "kept" if name == result.start else "not kept"
        yield "start", f"{name}: {kept}, {one.get('epochs')} epochs, the best was {one.get('best_epoch')}"
        scores = (f"{side} {share(one.get(f'{side}_macro_f1'))}" for side in ("validation", "test"))
        yield "start", f"macro-F1 {', '.join(scores)}"


def _advice(result: Result) -> Iterator[Said]:
    if result.stop_kappa is not None:
        same = f"{percent(_of(result.raw, 'stop_set').get('share'))} predicted the same"
        words = f"kappa {share(result.stop_kappa)} with the round before ({same}), {result.streak} in a row at .99"
        yield "stop set", words
    for one in result.guidance:
        yield "guidance", f"{short(one)[:1]} {one.says}"
    arms = _of(result.raw, "arms")
    for name, said in (("model", "chosen by the model"), ("random", "drawn at random")) if arms else ():
        arm = _of(arms, name)
        yield "arms", f"{said}: {arm.get('wrong')} of {arm.get('frames')} wrong ({share(arm.get('error'))})"
    if arms.get("says"):
        yield "arms", str(arms["says"])


def _classes(by_class: Facts) -> list[str]:
    scores = ("precision", "recall", "f1")
    rows = [(name, *(share(one.get(key)) for key in scores), str(one.get("frames"))) for name, one in by_class.items()]
    return ["", *_columns([("class", "precision", "recall", "F1", "frames"), *rows])] if rows else []


def _confusion(classes: Sequence[str], table: Sequence[Sequence[int]]) -> list[str]:
    if not classes or not table:
        return []
    rows = [(name, *map(str, row)) for name, row in zip(classes, table, strict=False)]
    title = "  confusion: a row for each label, a column for what the model says"
    return ["", title, *_columns([("", *classes), *rows])]


def _columns(table: Sequence[Sequence[str]]) -> list[str]:
    """Rows whose cells stand below each other, the first column on the left, numbers on the right."""
    widths = [max(map(cells, column)) for column in zip(*table, strict=True)]
    return [f"    {' '.join(map(_padded, row, widths, range(len(row))))}" for row in table]


def _padded(text: str, width: int, place: int) -> str:
    space = " " * (width - cells(text))
    return f" {space}{text}" if place else text + space


def _counted(facts: Facts, noun: str) -> str:
    """How many frames or groups: `1 group`."""
    count = facts.get(f"{noun}s")
    return several(count, noun) if isinstance(count, int) else f"{NONE} {noun}s"


def percent(value: float | None) -> str:
    """A share in per cent; where there is none, a dash."""
    return NONE if value is None else f"{value:.0%}"


def _of(facts: Facts, name: str) -> Facts:
    """A group of facts; an empty one where there is none, or something else stands in its place."""
    found = facts.get(name)
    return found if isinstance(found, Mapping) else {}
