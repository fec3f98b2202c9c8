"""Programs that are sent to machines need Python 3.8 and its standard library, and nothing of ours."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from vmops import programs
from vmops.onmachine import place

FILES = sorted(path for path in programs.FOLDER.glob("*.py") if path.stem != "__init__")
LATER = {"torch"}  # asked for by name on machines that have it, and told where it is not


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_program_is_python_3_8_and_imports_what_is_everywhere(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=(3, 8))
    assert isinstance(tree.body[1], ast.ImportFrom) and tree.body[1].module == "__future__", "annotations are not run"
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    assert not {name.partition(".")[0] for name in names} - sys.stdlib_module_names - LATER


def test_a_program_is_short_enough_for_a_command_line() -> None:
    """The one that makes environments stands on the command line of a process, where Linux takes 128 KiB a word."""
    assert all(len(path.read_bytes()) < 100_000 for path in FILES)


def test_what_was_cut_off_on_its_way_here_long_ago_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "code" / ".part-1" / "engine").mkdir(parents=True)
    (tmp_path / "code" / "0123").mkdir()
    (tmp_path / ".bundle-1").touch()
    place.sweep(tmp_path)
    assert (tmp_path / ".bundle-1").exists(), "it may be on its way"
    monkeypatch.setattr(place, "LONG_S", -1.0)
    place.sweep(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == ["code", "code/0123"]
