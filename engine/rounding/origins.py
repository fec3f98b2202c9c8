"""What the networks of a round start from: the configured base, the last round's best, or each in turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.errors import DataError, FootplateError, SpecError
from engine.files import sha256
from engine.rounds import Round

CHAIN, BASE = "chain", "base"


@dataclass(frozen=True)
class Origin:
    """A file of weights to start from.

    Attributes:
        start: chain or base.
        path: None where it starts from chance.
        file: how the record names it.
        round: whose round's best it is; None for the base.
    """

    start: str
    path: Path | None
    file: str
    sha256: str
    round: int | None

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {key: value for key, value in asdict(self).items() if key in ("file", "sha256", "round")}


def origins(
    start: str, given: str | Mapping[str, str], variable: str, previous: Round | None, resolve: Callable[[str], Path]
) -> list[Origin]:
    """What a variable's network starts from: one origin, or with `both` two, the last round's first.

    Raises:
        SpecError: the base of this variable is not named.
        DataError: a file is missing, or is not the one that the last round made; names the file.
    """
    if previous is None or previous.weights(variable) is None:
        return [base(given, variable, resolve)]
    wanted = {CHAIN: (CHAIN,), BASE: (BASE,)}.get(start, (CHAIN, BASE))
    return [chain(previous, variable) if name == CHAIN else base(given, variable, resolve) for name in wanted]


def base(given: str | Mapping[str, str], variable: str, resolve: Callable[[str], Path]) -> Origin:
    """The configured weights."""
    if not isinstance(given, str):
        if variable not in given:
            raise SpecError([f"model.weights: no weights for {variable!r}"], hint="name a file for each variable")
        given = given[variable]
    if not given:
        return Origin(BASE, None, "", "", None)
    try:
        path = resolve(given)
    except FootplateError as error:
        raise DataError(f"model.weights of {variable}: {error.message}", hint=error.hint) from None
    return Origin(BASE, path, given, sha256(path), None)


def chain(previous: Round, variable: str) -> Origin:
    """The best of the last round."""
    path = previous.weights(variable)
    if path is None or not path.is_file():
        raise DataError(
            f"{path}: is missing, and round {previous.number + 1} starts from it",
            hint=f"bring it back from the artifacts of {previous.run or 'its run'}, or start: base",
        )
    (told,) = [one.weights_sha256 for one in previous.results if one.variable == variable]
    found = sha256(path)
    if found != told:
        raise DataError(
            f"{path}: is not what round {previous.number} made: sha256 {found} instead of {told}",
            hint=f"bring it back from the artifacts of {previous.run or 'its run'}, or start: base",
        )
    name = f"{path.parent.parent.parent.name}/{path.relative_to(path.parents[2])}"
    return Origin(CHAIN, path, name, found, previous.number)
