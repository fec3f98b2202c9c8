"""Rounds on generated videos; the first one is done once, and each test has a copy of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from engine.init import make
from engine.run import listing
from engine.workspace import Workspace
from tests.engine.rounding import shapes


@pytest.fixture(autouse=True, scope="package")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Videos and labels; nobody writes there."""
    return shapes.study(make(tmp_path_factory.mktemp("studied") / "study"))


@pytest.fixture(scope="session")
def rounded(studied: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The same with round 0; nobody writes there."""
    root = tmp_path_factory.mktemp("rounded") / "study"
    shutil.copytree(studied.root, root)
    shapes.do(Workspace(root))
    return Workspace(root)


@pytest.fixture
def lab(studied: Workspace, workspace: Workspace) -> Workspace:
    """Videos and labels."""
    return _copied(studied, workspace)


@pytest.fixture
def first(rounded: Workspace, workspace: Workspace) -> shapes.Done:
    """Round 0 is done."""
    there = _copied(rounded, workspace)
    return shapes.Done(there, listing(there)[0])


def _copied(source: Workspace, target: Workspace) -> Workspace:
    shutil.copytree(source.root, target.root, dirs_exist_ok=True, ignore=_but_code)
    return target


def _but_code(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == ".code" and Path(folder).name == "runs"]
