"""The values of a YAML text, with the line of each of them; nothing in it can construct an object."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import yaml

Place = tuple[str | int, ...]
LIMIT = 10_000  # values in a text; nine lines of anchors can stand for a billion


class Unreadable(Exception):
    """The text is not what it has to be, at a place and in a line."""

    def __init__(self, place: str, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.place, self.message, self.line = place, message, line


class _Loader(yaml.SafeLoader):
    """Plain values only; a date, which no spec has, stays the text that somebody wrote (`title: 2026-02-03`)."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in known if tag != "tag:yaml.org,2002:timestamp"]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Dumper(yaml.SafeDumper):
    """Quotes what PyYAML would fold: its plain styles lose the rarer ends of lines."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    rare = any(sign in value for sign in "\x85\u2028\u2029")
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if rare else None)


_Dumper.add_representer(str, _text)


def dump(values: Any) -> str:
    """Values as YAML, keys in their order."""
    return str(yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110))


def load(text: str) -> tuple[dict[str, Any], dict[Place, int]]:
    """The values of a YAML mapping, and the line of each place in it."""
    found, lines = _read(text)
    values = {} if found is None else found
    if not isinstance(values, dict):
        raise Unreadable("", f"expected keys with values, got {values!r:.60}", 1)
    return values, lines


def value(text: str, place: str) -> Any:
    """The value of a YAML text that is meant for a place; no text at all is an empty text.

    `> 0.5` and `!= 0` are criteria here, and neither a folded block nor a tag.
    """
    plain = text.strip()
    if not plain or plain.startswith((">", "|", "!=")):
        return plain
    try:
        return _read(text)[0]
    except Unreadable as error:
        raise Unreadable(place, error.message) from None


def _read(text: str) -> tuple[Any, dict[Place, int]]:
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None, {}
        lines = dict(islice(_lines(node, ()), LIMIT))
        if len(lines) == LIMIT:
            raise Unreadable("", f"more than {LIMIT} values; do its anchors multiply?")
        return loader.construct_document(node), lines
    except yaml.YAMLError as error:
        raise Unreadable("", message(error), _line(error)) from None
    except RecursionError:
        raise Unreadable("", "nested too deeply, or an anchor that holds itself") from None
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        # PyYAML believes tags: it trips over `!!bool 7`, and over whole numbers of 5,000 digits.
        raise Unreadable("", f"a value is not what it looks like or what its tag says: {error}") from None


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
