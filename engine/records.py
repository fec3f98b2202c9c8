"""Dataclasses and JSON: what of a record fits a dataclass, and numbers for which JSON has no word."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

NOT_FINITE = ("nan", "inf", "-inf")
_NUMBER, _NONE = frozenset({int, float}), type(None)
_JSON_TYPES: dict[str, frozenset[type]] = {
    "str": frozenset({str}),
    "int": frozenset({int}),
    "int | None": frozenset({int, _NONE}),
    "float": _NUMBER,
    "float | None": _NUMBER | {_NONE},
    "bool": frozenset({bool}),
    "bool | None": frozenset({bool, _NONE}),
}


def finite(value: Any) -> Any:
    """The value, or the words nan, inf and -inf."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def fitting(cls: type, record: Mapping[str, Any]) -> dict[str, Any]:
    """What of a JSON record is a field of a dataclass, and of the type that this field has."""
    types = _json_types(cls)
    found = {}
    for name, value in record.items():
        wanted = types.get(name, frozenset())
        if type(value) in wanted:
            found[name] = value
        elif float in wanted and value in NOT_FINITE:
            found[name] = float(value)
    return found


@cache
def _json_types(cls: type) -> dict[str, frozenset[type]]:
    return {f.name: _JSON_TYPES[str(f.type)] for f in fields(cls) if str(f.type) in _JSON_TYPES}
