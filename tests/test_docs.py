"""The README tells the truth: its tree is the tree, its commands exist, its exit codes are the ones that come back."""

from __future__ import annotations

import ast
import re
import runpy
import tomllib
from pathlib import Path

import pytest

from engine.__main__ import parser
from tui import options

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = {
    name: (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    for name in ("labelling", "machines", "clusters", "expressions")
}


def commands(text: str) -> list[str]:
    """The commands in the fenced blocks of a document."""
    fenced = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [line.partition("#")[0].strip() for block in fenced for line in block.splitlines() if line.strip()]


COMMANDS = commands(README)


def test_the_readmes_tree_is_the_tree() -> None:
    tree = runpy.run_path(str(ROOT / "docs" / "tree.py"))
    assert tree["renewed"](README) == README, "python docs/tree.py renews it"


@pytest.mark.parametrize(
    "command",
    [
        line
        for line in (*COMMANDS, *(line for text in DOCUMENTS.values() for line in commands(text)))
        if line.startswith("footplate ")
    ],
)
def test_every_command_of_the_documents_is_understood(command: str) -> None:
    words = command.replace("FRAME", "7").split()[1:]
    if "--coder" in words and words[0] == "label":  # a screen
        assert options.of_label(words[1:]).coder == words[-1]
    else:
        parser("footplate").parse_args(words)


@pytest.mark.parametrize("target", [line.split()[1] for line in COMMANDS if line.startswith("make ")])
def test_every_make_target_of_the_readme_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_every_link_of_the_documents_leads_somewhere() -> None:
    for document in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "configs" / "demo" / "README.md"):
        for link in re.findall(r"\]\((?!http)([^)#]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / link).exists(), f"{document.name}: {link}"


def test_every_light_file_stands_under_the_import_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    light = next(contract for contract in contracts if contract["name"].startswith("weight sinks"))["source_modules"]
    flat = {f"engine.{path.stem}" for path in (ROOT / "engine").glob("[!_]*.py")}
    assert flat <= set(light), f"missing there: {sorted(flat - set(light))}"


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = [
        *project["project"]["dependencies"],
        *(name for group in project["project"]["optional-dependencies"].values() for name in group),
        *project["dependency-groups"]["dev"],
    ]
    reasons = (ROOT / "docs" / "decisions.md").read_text()
    for requirement in named:
        name = re.match(r"[A-Za-z0-9-]+", requirement)[0].removeprefix("types-")  # type: ignore[index]
        assert name.removeprefix("pytest-") in reasons, f"docs/decisions.md gives no reason for {name}"


def test_every_module_says_what_it_is_for() -> None:
    for package in ("engine", "tui", "vmops", "bench"):
        for path in (ROOT / package).rglob("*.py"):
            assert ast.get_docstring(ast.parse(path.read_text())), f"{path.relative_to(ROOT)} has no first sentence"


def test_the_lock_file_names_no_host() -> None:
    for name in ("requirements.lock", "bootstrap.lock", "configs/demo/footage.lock"):
        text = (ROOT / name).read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|--index-url|--find-links", text)
