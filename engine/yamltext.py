"""The values of a YAML text, with the line of each of them; nothing in it can construct an object."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

Place = tuple[str | int, ...]


class Unreadable(Exception):
    """The text is not what it has to be, at a place and in a line."""

    def __init__(self, place: str, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.place, self.message, self.line = place, message, line


def load(text: str) -> tuple[dict[str, Any], dict[Place, int]]:
    """The values of a YAML mapping, and the line of each place in it."""
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        lines = dict(_lines(node, ())) if node is not None else {}
        values = loader.construct_document(node) if node is not None else {}
    except yaml.YAMLError as error:
        raise Unreadable("", message(error), _line(error)) from None
    except RecursionError:
        raise Unreadable("", "nested too deeply, or an anchor that holds itself") from None
    finally:
        loader.dispose()
    if not isinstance(values, dict):
        raise Unreadable("", f"expected keys with values, got {values!r:.60}", 1)
    return values, lines


def _lines(node: yaml.Node, place: Place) -> Iterable[tuple[Place, int]]:
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                raise Unreadable(name, "named twice", key.start_mark.line + 1)
            seen.add(name)
            yield (*place, name), key.start_mark.line + 1
            yield from _below(value, (*place, name))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*place, index))


def _below(node: yaml.Node, place: Place) -> Iterable[tuple[Place, int]]:
    return (found for found in _lines(node, place) if found[0] != place)


def message(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or str(error)
    if "could not determine a constructor" in problem:
        tag = problem.rsplit("'", 2)[-2] if "'" in problem else "a tag"
        return f"{tag} would construct an object; only plain texts, numbers, lists and keys are read"
    return f"not YAML: {problem}"


def _line(error: yaml.YAMLError) -> int | None:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else None
