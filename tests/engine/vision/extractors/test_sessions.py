"""Libraries that run networks: they keep what they see to themselves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab import ROOT

LOADS = """
from engine.vision.detecting import sessions
try:
    sessions.onnx(b"")
except Exception as error:
    print(error)
"""


def test_onnx_runtime_leaves_nothing_at_home_that_could_be_sent(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is not here: pip install 'footplate[extract]'")
    open_ = {name: value for name, value in os.environ.items() if name not in ("CI", "XDG_CACHE_HOME")}
    environment = {**open_, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", LOADS], env=environment, capture_output=True, text=True, check=True)
    assert "no network that ONNX Runtime can run" in done.stdout
    assert list(tmp_path.rglob("*onnx*")) == []
