"""Contracts between packages hold, and light stays light: each import in a fresh interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {
    "torch",
    "torchvision",
    "timm",
    "numpy",
    "pandas",
    "scipy",
    "sklearn",
    "PIL",
    "cv2",
    "matplotlib",
    "av",
    "pyarrow",
    "google",
    "ray",
}
LIGHT = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for folder in (
        "engine",
        "engine/annotations",
        "engine/specs",
        "engine/commands",
        "engine/look",
        "engine/reports",
        "vmops",
        "vmops/loopback",
    )
    for path in (ROOT / folder).glob("*.py")
    if path.stem not in ("__init__", "__main__")
)


def loaded(code: str, *words: str) -> set[str]:
    """Top names of all modules that are loaded after some code has run."""
    tell = (
        "import sys, json\n"
        + code
        + "\nprint('\\n' + json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", tell, *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def command(module: str, *words: str) -> str:
    """Code that does a command and lives on."""
    return f"import sys\nfrom {module}.__main__ import main\ntry: main({list(words)!r})\nexcept SystemExit: pass"


def test_no_light_module_loads_anything_heavy() -> None:
    assert not loaded("\n".join(f"import {name}" for name in LIGHT)) & HEAVY


def test_the_screens_load_nothing_heavy() -> None:
    assert not loaded("import tui.app") & HEAVY


@pytest.mark.parametrize("words", [["--help"], ["jobs"], ["run", "--help"]])
def test_the_engine_works_without_textual(words: list[str]) -> None:
    assert not loaded(command("engine", *words)) & (HEAVY | {"textual", "rich"})


@pytest.mark.parametrize("module", ["engine", "tui"])
def test_a_look_at_runs_loads_neither_pydantic_nor_yaml(tmp_path: Path, module: str) -> None:
    (tmp_path / "workspace.yaml").write_text("name: x\n")
    (tmp_path / "runs" / "20260203-101522-toy-0000").mkdir(parents=True)
    seen = loaded(command(module, "-w", str(tmp_path), "runs"))
    assert not seen & (HEAVY | {"textual", "rich", "pydantic", "yaml", "psutil", "pynvml"})


def test_the_version_loads_next_to_nothing() -> None:
    assert not loaded(command("tui", "--version")) & (HEAVY | {"textual", "rich", "pydantic", "yaml", "argparse"})


def test_a_toy_run_loads_nothing_heavy() -> None:
    assert not loaded("import engine.exec, engine.work, engine.jobs.toy") & (HEAVY | {"textual", "rich"})


def test_the_import_contracts_hold() -> None:
    """As `make check` asks, and that every contract was looked at."""
    checked = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    assert "0 broken" in checked.stdout
