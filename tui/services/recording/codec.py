"""Values of ours as JSON and back: dataclasses of this program, tuples, numbers that are not finite, bytes, paths."""

from __future__ import annotations

import base64
import importlib
import math
import zlib
from array import array
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Any

OURS = ("tui.", "engine.", "vmops.")  # a file names the classes that it holds, and only these are ever made
CLASS, TUPLE, NUMBER, PAIRS, BYTES, PATH, ARRAY, NONE = "=", "(", "#", "{", "bytes", "path", "array", "none"
PIXELS = "pixels"
TAGS = {CLASS, TUPLE, NUMBER, PAIRS, BYTES, PATH, ARRAY, NONE, PIXELS}


class UnknownError(ValueError):
    """A value that has no place in a recording."""


def plain(value: Any) -> Any:
    """A value as JSON has it; fields that have their default are left out."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {NUMBER: str(value)}
    if is_dataclass(value) and not isinstance(value, type):
        return _object(value)
    if isinstance(value, Mapping):
        return _mapping(value)
    return _sequence(value)


def _object(value: Any) -> dict[str, Any]:
    cls: type = type(value)
    if not cls.__module__.startswith(OURS):
        raise UnknownError(f"{cls.__module__}.{cls.__qualname__} is none of ours")
    found: dict[str, Any] = {CLASS: f"{cls.__module__}:{cls.__qualname__}"}
    for name, default in _fields(cls):
        given = getattr(value, name)
        if given is None and default() is not None:
            found[name] = {NONE: 1}  # in a difference a bare null means the default
        elif given != default():
            found[name] = plain(given)
    return found


@cache
def _fields(cls: type) -> tuple[tuple[str, Callable[[], Any]], ...]:
    return tuple((field.name, _default(field)) for field in fields(cls) if field.init)


def _default(field: Field[Any]) -> Callable[[], Any]:
    if field.default_factory is not MISSING:
        return field.default_factory
    value = field.default
    return lambda: value


def _mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    if all(isinstance(key, str) and key not in TAGS for key in value):
        return {key: {NONE: 1} if item is None else plain(item) for key, item in value.items()}
    return {PAIRS: [[plain(key), plain(item)] for key, item in value.items()]}


def _sequence(value: Any) -> Any:
    if isinstance(value, tuple):
        return {TUPLE: [plain(item) for item in value]}
    if isinstance(value, list | deque | range):
        return _pixels(value) or [plain(item) for item in value]
    if isinstance(value, bytes | bytearray):
        return {BYTES: base64.b64encode(value).decode()}
    if isinstance(value, PurePath):
        return {PATH: str(value)}
    if isinstance(value, array):
        return {ARRAY: [value.typecode, base64.b64encode(value.tobytes()).decode()]}
    raise UnknownError(f"{type(value).__qualname__} has no place in a recording")


def _pixels(rows: Any) -> Any:
    """A picture takes a hundredth of what a list of lists of threes would."""
    if not (rows and isinstance(rows[0], list) and rows[0] and _is_pixel(rows[0][0])):
        return None
    try:
        data = b"".join(bytes(pixel) for row in rows for pixel in row)
    except (TypeError, ValueError):
        return None
    even = len(data) == 3 * len(rows) * len(rows[0])
    return {PIXELS: [len(rows[0]), base64.b64encode(zlib.compress(data)).decode()]} if even else None


def _is_pixel(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 3 and all(isinstance(part, int) for part in value)


def _made_pixels(raw: Any) -> list[list[tuple[int, ...]]]:
    width, data = raw[0], zlib.decompress(base64.b64decode(raw[1]))
    pixels = [tuple(data[at : at + 3]) for at in range(0, len(data), 3)]
    return [pixels[at : at + width] for at in range(0, len(pixels), width)]


def made(raw: Any) -> Any:
    """The value again; UnknownError where the JSON names something that is none of ours."""
    if isinstance(raw, list):
        return [made(item) for item in raw]
    if not isinstance(raw, dict):
        return raw
    if CLASS in raw:
        return _made_object(raw)
    for tag, make in _MAKERS.items():
        if tag in raw:
            return make(raw[tag])
    return {key: made(item) for key, item in raw.items()}


def _made_object(raw: dict[str, Any]) -> Any:
    cls = _class(str(raw[CLASS]))
    known = {name for name, _ in _fields(cls)}
    return cls(**{name: made(item) for name, item in raw.items() if name in known})


@cache
def _class(name: str) -> type:
    module, _, path = name.partition(":")
    if module.startswith(OURS):
        try:
            found: Any = importlib.import_module(module)
            for part in path.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError):
            found = None
        if isinstance(found, type) and is_dataclass(found):
            return found
    raise UnknownError(f"{name} is not known to this version")


def _array(raw: Any) -> array[Any]:
    found = array(raw[0])
    found.frombytes(base64.b64decode(raw[1]))
    return found


_MAKERS: dict[str, Callable[[Any], Any]] = {
    TUPLE: lambda raw: tuple(made(item) for item in raw),
    NUMBER: float,
    PAIRS: lambda raw: {made(key): made(item) for key, item in raw},
    BYTES: base64.b64decode,
    PATH: Path,
    ARRAY: _array,
    NONE: lambda _raw: None,
    PIXELS: _made_pixels,
}
