"""Keys of units: md5 of some words and then of the unit, which knows nothing of other units."""

from __future__ import annotations

import hashlib

from engine.annotations.decision import Unit


class Keys:
    """Keys that begin with the same words."""

    def __init__(self, *words: str) -> None:
        self._begun = hashlib.md5("".join(map(_told, words)).encode("utf-8", "surrogatepass"), usedforsecurity=False)

    def of(self, unit: Unit) -> bytes:
        """The key of a unit."""
        key = self._begun.copy()
        key.update((_told(unit.video_id) + _told(str(unit.frame_index))).encode("utf-8", "surrogatepass"))
        return key.digest()

    def hex(self) -> str:
        """The key of the words alone, as a word."""
        return self._begun.hexdigest()


def _told(word: str) -> str:
    """A word with its length, so that none can be mistaken for a part of another."""
    return f"{len(word)}:{word}"
