"""Arrays in files that are whole or not there."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.files import write_atomic


def write(path: Path, **arrays: npt.NDArray[Any]) -> None:
    """Some arrays by name, as .npz."""
    buffer = BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    write_atomic(path, buffer.getvalue())


def read(path: Path) -> dict[str, npt.NDArray[Any]]:
    """What `write` wrote."""
    with np.load(path) as found:
        return {name: found[name] for name in found.files}
