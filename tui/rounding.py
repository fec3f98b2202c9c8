"""Rounds as rows of cells: a row for each variable of each round, so that they can be read one below the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tui import format as words
from tui.entries import Entry
from tui.widgets.columns import Column
from tui.widgets.tones import Cell

if TYPE_CHECKING:
    from engine.rounds import Guidance, Result, Round
    from tui.services.rounds import Found

Cells = tuple[Cell, ...]
Rows = dict[str, Cells]
NONE = "—"
COLUMNS = (
    Column("round", "round", 5),
    Column("variable", "variable", 11, most=16),
    Column("frames", "train/val/test", 14, keep=7, most=16),
    Column("macro_f1", "macro-F1", 18, keep=9),
    Column("guidance", "guidance", 20, flex=2, keep=8, most=44),
    Column("gain", "gain", 21, keep=4),
    Column("accuracy", "accuracy", 8, keep=6, right=True),
    Column("coders", "coders α", 12, keep=5),
    Column("ece", "ECE, T", 11, keep=3),
    Column("start", "start", 10, keep=3),
    Column("stop", "stop κ", 8, keep=2, right=True),
    Column("queue", "queue labelled", 15, flex=1, keep=5),
)
# What a piece of guidance comes to in a word or two: where it says yes, no, and of what nobody can tell.
SHORT = {
    "diminishing_returns": ("! gains little", "✓ gains", "gain"),
    "overfitting": ("! overfits", "✓ fits", "fit"),
    "stable": ("✓ stable", "○ moves", "stability"),
}
CANNOT = "? cannot tell: "
VERDICTS = ("yes", "no", "cannot tell")


def rows(found: Found, moving: Iterable[Entry]) -> Rows:
    """Runs of the next round first, then the rounds, the newest first."""
    made = {entry.id: _run(entry) for entry in moving}
    for round_ in reversed(found.rounds):
        if not round_.results:
            made[f"{round_.number}/"] = _broken(round_)
        for result in round_.results:
            made[f"{round_.number}/{result.variable}"] = _row(found, round_, result)
    return made


def unpublished(entries: Sequence[Entry], rounds: Sequence[Round]) -> list[Entry]:
    """Runs of rounds that move, or ended without a round after the newest one was there."""
    known, newest = {round_.run for round_ in rounds}, max((round_.published_at for round_ in rounds), default=0.0)
    of_rounds = [entry for entry in entries if entry.job == "round" and entry.id not in known]
    moving = [entry for entry in of_rounds if entry.moving]
    ended = [entry for entry in of_rounds if not entry.moving and entry.state != "done" and entry.created_at > newest]
    return moving or ended[:1]


def _run(entry: Entry) -> Cells:
    part = words.fraction(entry.status.done, entry.status.total)
    done = f"{entry.status.phase} {words.counted(entry.status.done, entry.status.total, entry.status.unit)}"
    begins = "waits" if entry.state == "pending" else "begins"
    said = words.first_line(entry.status.error) if not entry.moving else done if entry.status.phase else begins
    tone = words.TONES.get(entry.state, "")
    bar = Cell(f"{part:4.0%}", tone, part) if part is not None and entry.state == "running" else Cell("")
    cells = {"round": Cell("next"), "variable": Cell(words.state(entry.state), tone), "macro_f1": bar,
             "guidance": Cell(said, "" if entry.moving else tone)}  # fmt: skip
    return _cells(cells)


def _broken(round_: Round) -> Cells:
    return _cells({"round": Cell(f"{round_.number} ✗", "bad"), "variable": Cell("damaged", "bad"),
                   "guidance": Cell(_first(round_.faults), "bad")})  # fmt: skip


def _row(found: Found, round_: Round, result: Result) -> Cells:
    first = result is round_.results[0]
    sizes = result.raw.get("sizes") or {}
    frames = "/".join(str(sizes.get(side, NONE)) for side in ("train", "validation", "test"))
    faulty = bool(round_.faults)
    cells = {
        "round": Cell(f"{round_.number}{' ✗' * faulty}", "bad" if faulty else "strong" if first else "dim"),
        "variable": Cell(result.variable),
        "frames": Cell(frames, "dim"),
        "macro_f1": Cell(interval(result.macro_f1, result.low, result.high)),
        "guidance": guidance(result.guidance),
        "gain": Cell(interval(result.gain, result.gain_low, result.gain_high, plus=True), "dim"),
        "accuracy": Cell(share(result.accuracy)),
        "coders": Cell(f"{share(result.alpha)} {result.alpha_level}".strip()),
        "ece": Cell(calibrated(result), "dim"),
        "start": Cell(start(result), "dim"),
        "stop": Cell(share(result.stop_kappa), "dim"),
        "queue": Cell(queue(found, round_.number) if first else "", "dim"),
    }  # fmt: skip
    return _cells(cells)


def _cells(given: dict[str, Cell]) -> Cells:
    return tuple(given.get(column.key, Cell("")) for column in COLUMNS)


# --- words ----------------------------------------------------------------------------------------------------------


def share(value: float | None, *, plus: bool = False) -> str:
    """A score in two digits after the point; where there is none, a dash."""
    return NONE if value is None else f"{value:+.2f}".replace("-", "−") if plus else f"{value:.2f}".replace("-", "−")


def interval(value: float | None, low: float | None, high: float | None, *, plus: bool = False) -> str:
    """A score with its interval: 0.71 [0.55, 0.84]."""
    if value is None or low is None or high is None:
        return share(value, plus=plus)
    return f"{share(value, plus=plus)} [{share(low, plus=plus)}, {share(high, plus=plus)}]"


def guidance(given: Sequence[Guidance]) -> Cell:
    """All guidance in a few words; what should be looked at colours it."""
    said = [short(one) for one in given if one.verdict != VERDICTS[2]]
    untold = [short(one).removeprefix(CANNOT) for one in given if one.verdict == VERDICTS[2]]
    said += [f"{CANNOT}{', '.join(untold)}"] if untold else []
    tone = "warn" if any(word.startswith("!") for word in said) else ""
    return Cell(" · ".join(said) or NONE, tone)


def short(one: Guidance) -> str:
    """A piece of guidance in a word or two."""
    words_ = SHORT.get(one.name)
    if one.verdict == VERDICTS[2]:
        return f"{CANNOT}{words_[2] if words_ else one.name}"
    return words_[VERDICTS.index(one.verdict)] if words_ and one.verdict in VERDICTS else f"{one.name} {one.verdict}"


def start(result: Result) -> str:
    """Which start was kept; of two with both of them named."""
    tried = (result.raw.get("training") or {}).get("starts") or {}
    return f"{result.start} of {len(tried)}" if len(tried) > 1 else result.start or NONE


def queue(found: Found, number: int) -> str:
    """How much of a round's queue has been labelled, by those who have some of it; who has most comes first."""
    queued = found.queued.get(number)
    if queued is None or not queued.frames:
        return NONE
    done = sorted((-count, coder) for coder, count in queued.coders.items() if count)
    return " · ".join(f"{coder} {-count}/{queued.frames}" for count, coder in done) or f"0/{queued.frames}"


def calibrated(result: Result) -> str:
    """How far confidences are off after the temperature, and that temperature."""
    if result.ece is None or result.temperature is None:
        return NONE
    return f"{share(result.ece)}, {words.number(result.temperature)}"


def _first(faults: Sequence[str]) -> str:
    return words.first_line(faults[0]) if faults else "nothing could be read of it"
