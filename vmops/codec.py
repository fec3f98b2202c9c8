"""Values of machines as JSON and back, for the two ends of a pipe."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from vmops import errors
from vmops.errors import OutsideError
from vmops.provider import Allowance, Call, Kind, Machine, Offer, Orphan, Plan


def plain(value: Any) -> Any:
    """Dataclasses and mappings as JSON has them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def machine(value: Mapping[str, Any]) -> Machine:
    return Machine(**value)


def allowance(value: Mapping[str, Any]) -> Allowance:
    return Allowance(**value)


def orphan(value: Mapping[str, Any]) -> Orphan:
    return Orphan(**value)


def call(value: Mapping[str, Any]) -> Call:
    return Call(**value)


def kind(value: Mapping[str, Any]) -> Kind:
    return Kind(**{**value, "scopes": tuple(value.get("scopes", ()))})


def plan(value: Mapping[str, Any]) -> Plan:
    """A plan, with what is inside it."""
    return Plan(
        **{
            **value,
            "kind": kind(value["kind"]),
            "zones": tuple(Offer(**one) for one in value["zones"]),
            "quotas": tuple(allowance(one) for one in value["quotas"]),
            "limits": tuple(value["limits"]),
            "problems": tuple(value["problems"]),
            "there": machine(value["there"]) if value["there"] else None,
        }
    )


def fault(error: OutsideError) -> dict[str, str]:
    """An error, with the name of its class."""
    return {"error": error.message, "hint": error.hint, "kind": type(error).__name__}


def error(value: Mapping[str, Any]) -> OutsideError:
    """The error that was told, of its own class where that is known here."""
    found = getattr(errors, str(value.get("kind")), OutsideError)
    cls = found if isinstance(found, type) and issubclass(found, OutsideError) else OutsideError
    try:
        return cls(str(value["error"]), hint=str(value.get("hint", "")))
    except TypeError:  # a class that takes more than words
        return OutsideError(str(value["error"]), hint=str(value.get("hint", "")))
