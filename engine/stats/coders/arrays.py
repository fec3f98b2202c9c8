"""The kinds of arrays that agreement is computed with."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int16]  # places of labels in the codebook, UNSEEN, CANT_TELL or BLANK
Some = npt.NDArray[Any]

UNSEEN, CANT_TELL, BLANK = -3, -2, -1
