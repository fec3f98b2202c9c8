"""What a coder says of a frame without a screen: checked against the workspace, then appended to the log."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from engine.annotations.decision import BLANK, CANT_TELL, CODED, REMARK, Decision, Unit
from engine.annotations.given import Variables
from engine.annotations.log import Log
from engine.errors import AskError

if TYPE_CHECKING:
    from engine.specs.workspace import Settings

SHOWN = "command"


def known(settings: Settings, coder: str) -> str:
    """The coder, where the workspace knows somebody of that name; where it names nobody, whoever comes.

    Raises:
        AskError: it names others, or this is no name.
    """
    if coder in settings.coders or (coder.strip() and not settings.coders):
        return coder
    names = ", ".join(settings.coders)
    hint = f"known are: {names}; others are added in workspace.yaml" if names else "a coder needs a name"
    raise AskError(f"workspace.yaml: coders does not name {coder!r}", hint=hint)


def values(variables: Variables, words: Iterable[str]) -> dict[str, str]:
    """What words such as `distance=social` say; nothing behind the sign is a blank.

    Raises:
        AskError: there is no such variable or label.
    """
    found = {}
    for word in words:
        variable, sign, label = word.partition("=")
        if not sign:
            raise AskError(f"{word!r}: expected VARIABLE=LABEL", hint=f"variables: {', '.join(variables)}")
        if variable not in variables:
            raise AskError(f"there is no variable {variable!r}", hint=_nearest(variable, list(variables)))
        choices = [*variables[variable], CANT_TELL, BLANK]
        if label not in choices:
            raise AskError(f"{variable} has no label {label!r}", hint=_nearest(label, choices[:-1]))
        found[variable] = label
    return found


def _nearest(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(known)}"


def say(
    log: Log,
    coder: str,
    unit: Unit,
    said: Mapping[str, str],
    *,
    at: float,
    flagged: bool | None = None,
    note: str | None = None,
) -> list[Decision]:
    """Append labels of a frame as one act, with a flag and a note where they change; what was appended."""
    before = next((one for one in log.newest(coder=coder, unit=unit) if one.variable == REMARK), None)
    flag = flagged if flagged is not None else before is not None and before.flagged
    words = note if note is not None else before.note if before is not None else ""
    changed = flagged is not None or note is not None
    cells = {**({REMARK: BLANK} if changed else {}), **said}
    made = [Decision(coder, unit, name, value, at, words, flag, shown=SHOWN) for name, value in cells.items()]
    if made:
        log.add(made)
    return [one for one in log.newest(coder=coder, unit=unit, kinds=CODED) if one.variable in cells]
