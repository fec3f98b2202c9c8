"""From YAML and `key=value` to a spec; all faults at once, each with its place and what was expected there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engine.errors import SpecError

M = TypeVar("M", bound=BaseModel)
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where, and what was expected."""

    place: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def parse(cls: type[M], text: str, source: str, overrides: Sequence[str] = ()) -> M:
    """The spec that a YAML text and `key=value` overrides ask for.

    Raises:
        SpecError: with every fault, each as `source:line: key: expected …, got …`.
    """
    spec, faults = attempt(cls, text, overrides)
    if spec is None:
        raise SpecError([f"{source}:{fault.line}: {fault}" if fault.line else f"{source}: {fault}" for fault in faults])
    return spec


def attempt(cls: type[M], text: str, overrides: Sequence[str] = ()) -> tuple[M | None, list[Fault]]:
    """The spec, or None and its faults; what the launch screen calls while somebody types."""
    try:
        values, lines = _load(text)
        for override in overrides:
            _override(values, lines, override)
    except _Unreadable as error:
        return None, [error.fault]
    try:
        return cls.model_validate(values), []
    except ValidationError as error:
        return None, _faults(cls, error.errors(include_url=False), lines)


def dump(spec: BaseModel) -> str:
    """A spec as YAML, with every key in the order of its class."""
    return yaml.safe_dump(spec.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=110)


# --- reading -----------------------------------------------------------------------------------------------------


class _Unreadable(Exception):
    def __init__(self, place: str, message: str, line: int | None = None) -> None:
        self.fault = Fault(place, message, line)


def _load(text: str) -> tuple[dict[str, Any], dict[Place, int]]:
    """The values of a YAML mapping, and the line of each place in it."""
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        lines = dict(_lines(node, ())) if node is not None else {}
        values = loader.construct_document(node) if node is not None else {}
    except yaml.YAMLError as error:
        raise _Unreadable("", _yaml_message(error), _yaml_line(error)) from None
    except RecursionError:
        raise _Unreadable("", "nested too deeply, or an anchor that holds itself") from None
    finally:
        loader.dispose()
    if not isinstance(values, dict):
        raise _Unreadable("", f"expected keys with values, got {_shown(values)}", 1)
    return values, lines


def _lines(node: yaml.Node, place: Place) -> Iterable[tuple[Place, int]]:
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                raise _Unreadable(name, "named twice", key.start_mark.line + 1)
            seen.add(name)
            yield (*place, name), key.start_mark.line + 1
            yield from _below(value, (*place, name))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*place, index))


def _below(node: yaml.Node, place: Place) -> Iterable[tuple[Place, int]]:
    return (found for found in _lines(node, place) if found[0] != place)


def _yaml_message(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or str(error)
    if "could not determine a constructor" in problem:
        tag = problem.rsplit("'", 2)[-2] if "'" in problem else "a tag"
        return f"{tag} would construct an object; only plain texts, numbers, lists and keys are read"
    return f"not YAML: {problem}"


def _yaml_line(error: yaml.YAMLError) -> int | None:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else None


def _override(values: dict[str, Any], lines: dict[Place, int], override: str) -> None:
    key, sign, text = override.partition("=")
    if not sign or not key.strip():
        raise _Unreadable(override, "expected key=value, such as train.lr=3e-4")
    try:
        value = yaml.safe_load(text) if text.strip() else ""
    except yaml.YAMLError as error:
        raise _Unreadable(key, _yaml_message(error)) from None
    *groups, name = key.strip().split(".")
    inner = values
    for group in groups:
        if not isinstance(inner.get(group), dict):
            inner[group] = {}
        inner = inner[group]
    inner[name] = value
    place = tuple(key.strip().split("."))
    for known in [known for known in lines if known[: len(place)] == place]:
        del lines[known]  # what the command line says stands in no line of the file


# --- telling -----------------------------------------------------------------------------------------------------


def _faults(cls: type[BaseModel], errors: Sequence[ErrorDetails], lines: Mapping[Place, int]) -> list[Fault]:
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
        if isinstance(member.get("additionalProperties"), dict):
            return dict(member["additionalProperties"])
    return {}


def _properties(root: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    return [name for member in _members(root, schema) for name in member.get("properties", {})]


def _message(error: ErrorDetails, expected: dict[str, Any], siblings: list[str]) -> str:
    if error["type"] == "extra_forbidden":
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
            return lines[place[:end]]
    return None
