"""`footplate`: which words open the screens, and which are handed to the engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from engine import __version__
from engine.workspace import Workspace
from tests.lab import ROOT
from tui import keymap
from tui.__main__ import main


def test_a_verb_is_handed_to_the_engine(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-w", str(workspace.root), "runs"]) == 0
    assert capsys.readouterr().out == "no runs yet\n"


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"footplate {__version__}\n"


def test_without_a_terminal_a_verb_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main([])
    assert refused.value.code == 2
    assert "the following arguments are required: VERB" in capsys.readouterr().err


def test_on_a_terminal_screens_without_a_workspace_say_how_to_make_one(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    words = [sys.executable, "-m", "tui", "-w", str(tmp_path)]
    with subprocess.Popen(words, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        said = b""
        with suppress(OSError):  # how a terminal ends when nobody is on its other side any more
            while part := os.read(ours, 1 << 12):
                said += part
    os.close(ours)
    assert process.returncode == 2
    assert b"no workspace.yaml in it" in said
    assert b"footplate init" in said


def test_the_doctor_looks_into_the_keys_file(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests" / "fakes" / "torchless"))
    file = keymap.path()
    file.parent.mkdir(parents=True)
    file.write_text("fly: f\n")
    assert main(["-w", str(workspace.root), "doctor", "--json"]) == 1
    [keys] = [finding for finding in json.loads(capsys.readouterr().out) if finding["what"] == "keys"]
    assert keys["state"] == "bad" and "fly" in keys["said"] and "keys.yaml" in keys["fix"]
