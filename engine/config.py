"""From YAML and `key=value` to a spec; all faults at once, each with its place and what was expected there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine import yamltext
from engine.errors import SpecError
from engine.faults import Fault, faults
from engine.yamltext import Place, Unreadable

M = TypeVar("M", bound=BaseModel)


def parse(cls: type[M], text: str, source: str, overrides: Sequence[str] = ()) -> M:
    """The spec that a YAML text and `key=value` overrides ask for.

    Raises:
        SpecError: with every fault, each as `source:line: key: expected …, got …`.
    """
    spec, found = attempt(cls, text, overrides)
    if spec is None:
        raise SpecError(located(found, source, overrides))
    return spec


def attempt(cls: type[M], text: str, overrides: Sequence[str] = ()) -> tuple[M | None, list[Fault]]:
    """The spec, or None and its faults; what the launch screen calls while somebody types."""
    try:
        values, lines = yamltext.load(text)
        for override in overrides:
            _override(values, lines, override)
    except Unreadable as error:
        return None, [Fault(error.place, error.message, error.line)]
    try:
        return cls.model_validate(values), []
    except ValidationError as error:
        return None, faults(cls, error.errors(include_url=False), lines)


def located(found: Sequence[Fault], source: str, overrides: Sequence[str] = ()) -> list[str]:
    """Each fault as a line that editors can jump to: `source:line: key: expected …, got …`.

    One that a `key=value` word brought in names the word, since the file says nothing of it.
    """
    return [f"{_origin(fault, source, overrides)}: {fault}" for fault in found]


def _origin(fault: Fault, source: str, overrides: Sequence[str]) -> str:
    for word in overrides:
        key = word.partition("=")[0].strip()
        if f"{fault.place}.".startswith(f"{key}.") or key.startswith(f"{fault.place}."):
            return f"the word {word!r}"
    return f"{source}:{fault.line}" if fault.line else source


def dump(spec: BaseModel) -> str:
    """A spec as YAML, with every key in the order of its class."""
    return yamltext.dump(spec.model_dump(mode="json"))


def _override(values: dict[str, Any], lines: dict[Place, int], override: str) -> None:
    key, sign, text = override.partition("=")
    if not sign or not key.strip():
        raise Unreadable(override, "expected key=value, such as train.lr=3e-4")
    value = yamltext.value(text, key.strip())
    *groups, name = key.strip().split(".")
    inner = values
    for group in groups:
        if not isinstance(inner.get(group), dict):
            inner[group] = {}
        inner = inner[group]
    inner[name] = value
    place = tuple(key.strip().split("."))
    for known in [known for known in lines if known[: len(place)] == place]:
        del lines[known]
    lines[place] = 0  # what the command line says stands in no line of the file
