"""Clips that all tests of this folder share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.scaling import clips


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty clips and four broken files."""
    return clips.folder(tmp_path_factory.mktemp("clips"), 60)
