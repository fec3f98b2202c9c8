"""Draws the README's tree, a line a file, from the first sentence of each file. `python docs/tree.py` renews it."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BEGIN, END = "<!-- tree -->\n```\n", "```\n<!-- end of tree -->\n"
WIDTH = 92
FOLDERS = ("engine", "tui", "vmops", "configs", "bench", "docs")
OTHERS = {
    "pyproject.toml": "dependencies, script, ruff, mypy, pytest, import contracts",
    "requirements.lock": "every version pinned, with hashes",
    "bootstrap.lock": "the installer that reads it, pinned as well",
    "Makefile": "demo, test, check, bench, lock",
    "CONTRIBUTING.md": "set up; how to add a job, a screen, a dependency",
    "CHANGELOG.md": "what changed, for users",
    "tests/": "mirrors the packages; test_imports.py and test_docs.py hold the tree's promises",
}


def tree() -> str:
    """The whole tree as text."""
    lines = [_line(0, name, about) for name, about in OTHERS.items()]
    for folder in FOLDERS:
        lines += _folder(ROOT / folder, 0)
    return "\n".join(lines) + "\n"


def _folder(folder: Path, depth: int) -> list[str]:
    lines = [""] * (not depth) + [_line(depth, folder.name + "/", _about(folder / "__init__.py"))]
    tracked = _tracked(folder)
    for path in sorted(path for path in tracked if path.parent == folder and path.name != "__init__.py"):
        lines.append(_line(depth + 1, path.name, _about(path)))
    for inner in sorted({_below(folder, path) for path in tracked if path.parent != folder}):
        lines += _folder(inner, depth + 1)
    return lines


def _below(folder: Path, path: Path) -> Path:
    return folder / path.relative_to(folder).parts[0]


def _tracked(folder: Path) -> list[Path]:
    asked = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z", str(folder)]
    names = subprocess.run(asked, capture_output=True, check=True).stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).exists()]


def _line(depth: int, name: str, about: str) -> str:
    return f"{'  ' * depth + name:<26} {about}".rstrip()


def _about(path: Path) -> str:
    """The first sentence of a file: of its docstring, its first comment or its heading."""
    if not path.exists():
        return ""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".py":
        text = ast.get_docstring(ast.parse(text)) or ""
    elif path.suffix in (".csv", ".svg", ".png"):
        return {".csv": "table", ".svg": "picture", ".png": "picture"}[path.suffix]
    first = text.strip().splitlines()[0].strip("#/* ").strip() if text.strip() else ""
    return _clause(first.partition(". ")[0].rstrip(".:"))


def _clause(sentence: str) -> str:
    """As many of the sentence's clauses as fit the line."""
    while len(sentence) > WIDTH:
        cut = max(sentence.rfind(sign) for sign in (";", ":", ",", " and "))
        sentence = sentence[:cut] if cut > 0 else sentence[:WIDTH]
    return sentence.rstrip()


def renewed(readme: str) -> str:
    """The README's text with the tree as it is now."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + tree() + END + after


if __name__ == "__main__":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
