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
    "obstore",
    "grpc",
)
LATER = ("pydantic", "yaml", "psutil", "pynvml")  # for who launches a run
CODE = "import sys; import tui.app, tui.screens.overview, tui.screens.runs, tui.screens.run; print(*sys.modules)"


def test_a_fresh_interpreter_loads_nothing_heavy_for_the_screens() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "tui" in loaded and loaded.isdisjoint(HEAVY) and loaded.isdisjoint(LATER)


CLOUD = """
import sys
import tui.screens.machines, tui.screens.creating, tui.screens.overview_machines, tui.screens.machines_section
import tui.screens.bucket, tui.screens.launch, tui.screens.running_on, tui.services.shepherding, tui.machinetelling
print(*sys.modules)
"""


def test_not_even_the_screens_of_machines_and_buckets_load_the_libraries_of_the_cloud() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CLOUD], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    modules = done.stdout.split()
    assert "tui.services.machines" in modules and not [name for name in modules if name.startswith("vmops.gcp")]
    assert {name.partition(".")[0] for name in modules}.isdisjoint(HEAVY)
