"""What can be told of the frames of a video: one file an extractor, and a line in this table. Loads none of them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.errors import DataError

if TYPE_CHECKING:
    from engine.vision.consuming import Consumer
    from engine.vision.detecting.shipped import Given


class Entry(NamedTuple):
    """Where an extractor's class is, and what it tells."""

    code: str
    title: str


TABLE: dict[str, Entry] = {
    "colour": Entry("engine.vision.extractors.colour:Colour", "how many colours a frame has: entropy in bits"),
    "objects": Entry("engine.vision.extractors.objects:Objects", "how many things, and of which kinds"),
    "faces": Entry("engine.vision.extractors.faces:Faces", "how many faces, and how large"),
    "gaze": Entry("engine.vision.extractors.gaze:Gaze", "whether anybody looks at the lens"),
    "text": Entry("engine.vision.extractors.text:Text", "text on the screen: whether, how much, how often it changes"),
}


def make(name: str, given: Mapping[str, Given] | None = None, threads: int = 1) -> Consumer:
    """The extractor of a name, with its weights.

    Args:
        given: files to take in place of the weights that packages ship, by the part that each is for.
        threads: so many frames at once, where its work is worth it; the answers are the same.

    Raises:
        DataError: there is no such extractor or part, its weights are not there or are other ones, or a package is
            missing that runs them; says how to get it.
    """
    from engine.vision.detecting import shipped

    kind = load(name)
    unknown = sorted(set(given or {}) - set(kind.needs))
    if unknown:
        takes = f"it takes {', '.join(kind.needs)}" if kind.needs else "it has none"
        raise DataError(f"{name}: no weights are called {unknown[0]!r}", hint=takes)
    weights = {part: shipped.find(one, (given or {}).get(part)) for part, one in kind.needs.items()}
    made: Consumer = kind(weights, threads)
    return made


def fetch(names: Sequence[str], said: Callable[[str], None]) -> None:
    """Download the packages whose weights these extractors need and this machine lacks; `said` hears which.

    Where no registry can be reached nothing happens: `make` tells what is missing, and how to get it.
    """
    from engine.vision.detecting import shipped

    wanted = [one for name in names for one in load(name).needs.values()]
    packages = sorted({one.package for one in wanted if not shipped.here(one)})
    if packages:
        said(f"weights are fetched: {', '.join(packages)}")
        try:
            shipped.fetch(packages)
        except DataError as error:
            said(error.message)


def load(name: str) -> Any:
    """The class of an extractor: `needs` names its weights, and it is made from these and a number of threads."""
    if name not in TABLE:
        raise DataError(f"no extractor {name!r}", hint=f"extractors: {', '.join(TABLE)}")
    module, _, kind = TABLE[name].code.partition(":")
    return getattr(importlib.import_module(module), kind)
