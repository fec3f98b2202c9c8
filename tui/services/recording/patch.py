"""Differences of JSON values, as RFC 7386 has them: what is named is replaced, what is null is taken away."""

from __future__ import annotations

from typing import Any


def difference(old: Any, new: Any) -> Any:
    """What makes `new` of `old`; objects are compared member by member, all else is replaced whole."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    found: dict[str, Any] = {name: None for name in old if name not in new}
    for name, value in new.items():
        if name not in old:
            found[name] = value
        elif old[name] != value:
            found[name] = difference(old[name], value)
    return found


def patched(old: Any, patch: Any) -> Any:
    """`old` with a difference applied; `old` itself stays as it is."""
    if not isinstance(patch, dict):
        return patch
    found = dict(old) if isinstance(old, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = patched(found.get(name), value)
    return found
