"""How the consumers of a run are made: here, or on another machine that is sent the recipe and the files it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from engine.files import sha256
from engine.record import Recorder
from engine.scaling.pace import ADVICE
from engine.specs.extract import Extract
from engine.specs.infer import Infer
from engine.vision import extractors
from engine.vision.consuming import Consumer
from engine.vision.detecting.shipped import Given

if TYPE_CHECKING:
    from engine.vision.classifier import Classifier


@dataclass(frozen=True)
class Classifying:
    """Consumers of infer."""

    spec: Infer
    videos: int
    classifiers: Sequence[Classifier]
    gpu: ClassVar[bool] = True
    advice: ClassVar[str] = ADVICE["forward"]

    def make(self, out: Recorder) -> Sequence[Consumer]:
        """The consumers; of `out` only what is said, kept in `work`, and asked for."""
        from engine.inferring import building  # torch, which the extractors may do without

        return building.consumers(self.spec, out, self.classifiers, self.videos)

    def files(self) -> dict[str, Path]:
        """What it reads, by hash."""
        return {one.sha256: one.path for one in self.classifiers}

    def moved(self, to: Callable[[str], Path]) -> Classifying:
        """The same with its files elsewhere."""
        return replace(self, classifiers=[replace(one, path=to(one.sha256)) for one in self.classifiers])


@dataclass(frozen=True)
class Extracting:
    """Consumers of extract; weights that are not given come out of packages, on each machine."""

    spec: Extract
    given: Mapping[str, Mapping[str, Given]] = field(default_factory=dict)
    gpu: ClassVar[bool] = False
    advice: ClassVar[str] = (
        "compute.threads up to the number of processors, or fewer extractors, would help; more decoders would not"
    )

    def make(self, out: Recorder) -> Sequence[Consumer]:
        """The consumers."""
        extractors.fetch([name for name in self.spec.extractors if name not in self.given], out.note)
        return [
            extractors.make(name, self.given.get(name, {}), self.spec.compute.threads) for name in self.spec.extractors
        ]

    def files(self) -> dict[str, Path]:
        """What it reads, by hash."""
        return {sha256(one.path): one.path for parts in self.given.values() for one in parts.values()}

    def moved(self, to: Callable[[str], Path]) -> Extracting:
        """The same with its files elsewhere."""
        given = {
            name: {part: Given(to(digest), digest) for part, digest in ((p, sha256(g.path)) for p, g in parts.items())}
            for name, parts in self.given.items()
        }
        return replace(self, given=given)


Recipe = Classifying | Extracting
