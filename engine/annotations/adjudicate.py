"""Settling what coders disagree on: somebody who does not see their names decides, and says why."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence

from engine.annotations.decision import BLANK, CANT_TELL, CODED, Decision, Unit
from engine.annotations.given import Variables, is_label
from engine.annotations.log import Log
from engine.errors import AskError, DataError

KIND = "adjudication"


def adjudicate(
    log: Log, variables: Variables, unit: Unit, variable: str, label: str, *, reason: str, by: str, at: float
) -> Decision:
    """Append what somebody decided; adjudicating again is a newer decision, and the older one stays in the history.

    Raises:
        AskError: there is no such variable or label, no name, or no reason.
        DataError: nobody has seen the frame.
    """
    _must_be_known(variables, variable, label)
    if not by.strip():
        raise AskError("who adjudicates is not said", hint="--by NAME: it is kept with the decision")
    if not reason.strip():
        raise AskError("no reason is given", hint="--reason WORDS: why this label and not the other")
    if not any(one.variable == variable for one in log.newest(unit=unit, kinds=CODED)):
        raise DataError(
            f"{unit.video_id}, frame {unit.frame_index}: no coder has seen it", hint="footplate disagreements lists"
        )
    made = Decision(by.strip(), unit, variable, label, at, kind=KIND, reason=" ".join(reason.split()))
    log.add([made])
    return made


def _must_be_known(variables: Variables, variable: str, label: str) -> None:
    if variable not in variables:
        raise AskError(f"there is no variable {variable!r}", hint=_nearest(variable, list(variables)))
    choices = [*variables[variable], CANT_TELL]
    if label not in choices:
        raise AskError(f"{variable} has no label {label!r}", hint=_nearest(label, choices))


def _nearest(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(known)}"


def undo(log: Log, by: str, at: float) -> list[Decision]:
    """Take back the newest adjudication of somebody that stands; empty where there is none."""
    return log.undo(by.strip(), at, kinds=(KIND,))


def standing(log: Log, *, as_of: float | None = None) -> list[Decision]:
    """All adjudications that stand."""
    return log.newest(kinds=(KIND,), as_of=as_of)


def reasons(adjudications: Iterable[Decision]) -> list[str]:
    """Earlier reasons, the one that was given most often first."""
    return [reason for reason, _ in Counter(one.reason for one in adjudications if one.reason).most_common()]


def unanimous(values: Iterable[str]) -> str:
    """The label that all coders agree on, of whom there are at least two; a blank says nothing; empty where none is."""
    chosen = [value for value in values if value != BLANK]
    agreed = len(chosen) > 1 and len(set(chosen)) == 1 and is_label(chosen[0])
    return chosen[0] if agreed else ""


def labelled_by(log: Log, unit: Unit, variable: str, by: str) -> bool:
    """Whether the adjudicator is one of the coders who labelled this: two hats on one head."""
    return any(one.variable == variable for one in log.newest(coder=by.strip(), unit=unit, kinds=CODED))
