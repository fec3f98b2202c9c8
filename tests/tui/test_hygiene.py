"""The screens stay light: what a fresh interpreter has loaded by the first paint."""

from __future__ import annotations

import subprocess
import sys

from tests.lab import ROOT

HEAVY = (
    "torch",
    "torchvision",
    "timm",
    "numpy",
    "pandas",
    "scipy",
    "sklearn",
    "PIL",
    "cv2",
    "google",
    "matplotlib",
    "pyarrow",
)
LATER = ("pydantic", "yaml", "psutil", "pynvml")  # for who launches a run
CODE = "import sys; import tui.app, tui.screens.overview, tui.screens.runs, tui.screens.run; print(*sys.modules)"


def test_a_fresh_interpreter_loads_nothing_heavy_for_the_screens() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "tui" in loaded and loaded.isdisjoint(HEAVY) and loaded.isdisjoint(LATER)
