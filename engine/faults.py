"""What a spec's fault says: the place as a reader sees it, what was expected there, and what stood there."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from engine.yamltext import Place


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where, and what was expected."""

    place: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def faults(cls: type[BaseModel], errors: Sequence[ErrorDetails], lines: Mapping[Place, int]) -> list[Fault]:
    """One fault a place: a value that fits none of several types is reported once."""
    schema = cls.model_json_schema(mode="validation")
    found: dict[Place, Fault] = {}
    for error in errors:
        place, expected, siblings = _walk(schema, error["loc"])
        message = _message(error, expected, siblings)
        found.setdefault(place, Fault(_dotted(place), message, _nearest(lines, place)))
    return sorted(found.values(), key=lambda fault: fault.line or 0)


def _walk(schema: dict[str, Any], loc: Place) -> tuple[Place, dict[str, Any], list[str]]:
    """The place of an error as a reader of the YAML sees it, the schema there, and the keys known beside it."""
    here, siblings = schema, _properties(schema, schema)
    place: list[str | int] = []
    for step in loc:
        if _is_choice(here):
            continue  # pydantic names the tried member of a union as a step of its own
        siblings = _properties(schema, here)
        place.append(step)
        here = _child(schema, here, step)
    return tuple(place), _resolve(schema, here), siblings


def _is_choice(schema: dict[str, Any]) -> bool:
    return len([member for member in schema.get("anyOf", ()) if member.get("type") != "null"]) > 1


def _resolve(root: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema


def _members(root: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    schema = _resolve(root, schema)
    return [_resolve(root, member) for member in schema.get("anyOf", [schema])]


def _child(root: dict[str, Any], schema: dict[str, Any], step: str | int) -> dict[str, Any]:
    for member in _members(root, schema):
        if isinstance(step, int) and member.get("type") == "array":
            prefix = member.get("prefixItems", [])
            return dict(prefix[step] if step < len(prefix) else member.get("items") or {})
        if step in member.get("properties", {}):
            return dict(member["properties"][step])
        for named in (member.get("additionalProperties"), *member.get("patternProperties", {}).values()):
            if isinstance(named, dict):
                return dict(named)
    return {}


def _properties(root: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    return [name for member in _members(root, schema) for name in member.get("properties", {})]


def _message(error: ErrorDetails, expected: dict[str, Any], siblings: list[str]) -> str:
    if error["type"] in ("extra_forbidden", "invalid_key"):
        return _unknown(str(error["loc"][-1]), siblings)
    if error["type"] == "missing":
        return f"missing, expected {describe(expected)}"
    if error["type"] in ("value_error", "assertion_error"):
        return error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return f"expected {describe(expected)}, got {_shown(error['input'])}"


def _unknown(key: str, siblings: list[str]) -> str:
    close = difflib.get_close_matches(key, siblings, n=1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    return f"unknown key; {meant}known here: {', '.join(siblings)}"


def describe(schema: dict[str, Any]) -> str:
    """What a place of a JSON schema takes, in words: `a number above 0`, `one of: frame, video`."""
    if "description" in schema and "pattern" in schema:
        return str(schema["description"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(describe(member) for member in schema["anyOf"]))
    if "const" in schema:
        return repr(schema["const"])
    if "enum" in schema:
        return f"one of: {', '.join(map(str, schema['enum']))}"
    if "$ref" in schema:
        return "a group of keys"
    return _TYPES.get(str(schema.get("type")), "something else") + _bounds(schema)


_TYPES = {
    "number": "a number",
    "integer": "a whole number",
    "string": "a text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a group of keys",
    "null": "null",
}
_BOUNDS = {
    "exclusiveMinimum": "above {}",
    "minimum": "of at least {}",
    "exclusiveMaximum": "below {}",
    "maximum": "of at most {}",
    "pattern": "like {}",
    "minItems": "with at least {} items",
    "maxItems": "with at most {} items",
}


def _bounds(schema: dict[str, Any]) -> str:
    if schema.get("type") == "string" and schema.get("minLength") == 1:
        return " that is not empty"
    said = [words.format(f"{schema[key]}") for key, words in _BOUNDS.items() if key in schema]
    return f" {' and '.join(said)}" if said else ""


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a group of keys"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _dotted(place: Place) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")


def _nearest(lines: Mapping[Place, int], place: Place) -> int | None:
    for end in range(len(place), 0, -1):
        if place[:end] in lines:
            return lines[place[:end]] or None
    return None
