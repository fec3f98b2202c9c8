"""What the Compare screen asks: runs read side by side, their paired differences, a file's diff, and its export."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from engine.compare import code, parts, whole, words
from engine.compare.whole import Comparison
from engine.errors import FootplateError
from engine.files import write_atomic
from engine.run import find, unwritable
from engine.workspace import Workspace
from tui.services.gate import Gate


def read(workspace: Workspace, ids: Sequence[str]) -> Comparison | None:
    """The runs side by side, without the paired differences; of one alone its stages or sweep, None without any."""
    if len(ids) == 1 and len(parts.within(workspace, find(workspace, ids[0].partition(":")[0]))) < 2:
        return None
    return whole.named(workspace, ids)


def with_paired(found: Comparison, common: bool) -> Comparison:
    """The same with paired differences; where they cannot be computed, with the reason."""
    try:
        return whole.with_paired(found, common=common)
    except FootplateError as error:
        return whole.with_note(found, f"{error.message}  {error.hint}".rstrip())


def difference(found: Comparison, workspace: Workspace, path: str) -> str:
    """How a file of the code differs between the reference and each other run, as unified diffs."""
    texts = []
    for one, files in zip(found.sides, found.files, strict=True):
        if not isinstance(files, str) and any(file.path == path for file in files):
            texts.append(code.difference(workspace, found.sides[0].run, one.run, path))
    return "\n\n".join(texts)


def export(gate: Gate, found: Comparison) -> str:
    """Write it as Markdown and as CSV; the words that tell where."""
    folder = gate.workspace.root / "comparisons"
    name = time.strftime("%Y%m%d-%H%M%S")
    ids = " ".join(one.id for one in found.sides)
    paths = [folder / f"{name}.md", folder / f"{name}.csv"]

    def do() -> str:
        texts = (words.markdown(found), words.as_csv(found))
        for path, text in zip(paths, texts, strict=True):
            _write(path, text)
        return f"written: {paths[0]} and {paths[1].name}"

    return gate.change(f"footplate compare {ids} --markdown --out {paths[0]}", do)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        write_atomic(path, text)
    except OSError as error:
        raise unwritable(path, error) from None
