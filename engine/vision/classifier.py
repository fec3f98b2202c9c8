"""A network with trained weights, and what its answers hang on. Needs torch to be loaded."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import nn

from engine.errors import DataError
from engine.vision import models, weights
from engine.vision.data import Preprocessing


@dataclass(frozen=True)
class Classifier:
    """A network with trained weights.

    Attributes:
        name: of what it tells, such as a variable; columns begin with it.
        model: a name of timm, or torchvision:NAME.
        classes: in the order of its head.
        preprocessing: as it was trained.
        path: of its weights.
        sha256: of that file.
    """

    name: str
    model: str
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    path: Path
    sha256: str

    def facts(self) -> dict[str, Any]:
        """What its answers hang on."""
        return {**asdict(self), "path": ""}

    def load(self) -> nn.Module:
        """The network, in eval mode.

        Raises:
            DataError: the file holds other weights, or a head for another number of classes.
        """
        network = models.build(self.model, len(self.classes))
        if not weights.begin(network, self.path, models.head(self.model), self.classes):
            raise DataError(
                f"{self.path}: its head is not for {', '.join(self.classes)}", hint="name its classes, in its order"
            )
        return network.eval()
