"""A git checkout on this side: its commit, what differs from it, and bundles of what another repository lacks."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vmops import sshwords
from vmops.errors import Failed

PATIENCE_S = 300


@dataclass(frozen=True)
class Checkout:
    """A checkout, and which files of it matter, as git's patterns name them: `engine/*.py` is all below `engine`."""

    root: Path
    paths: tuple[str, ...]

    def commit(self) -> str:
        """The commit that is checked out; Failed where there is none."""
        return self._ask("rev-parse", "--verify", "HEAD").decode().strip()

    def changes(self) -> list[str]:
        """Files that are not as in the commit, or not in it."""
        said = self._ask(
            "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--ignored=no", "--", *self.paths
        )
        return [line[3:] for line in said.decode("utf-8", "replace").split("\0") if line]

    def patch(self) -> bytes:
        """What differs from the commit, files that it does not know included; `git apply` takes it."""
        new = self._untracked()
        with tempfile.TemporaryDirectory() as folder:
            index = self._index_with(new, Path(folder)) if new else None
            how = ("--binary", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--src-prefix=a/")
            return self._ask("diff", *how, "--dst-prefix=b/", "HEAD", "--", *self.paths, index=index)

    def lacks(self, commit: str) -> bool:
        """Whether this side does not know a commit, or is no checkout any more."""
        return not self._has(f"{commit}^{{commit}}")

    def known(self, commit: str) -> list[str]:
        """Those paths that a commit has; a pattern stands for whatever it matches."""
        return [path for path in self.paths if "*" in path or self._has(f"{commit}:{path}")]

    def bundle(self, file: Path, commit: str, without: Sequence[str]) -> None:
        """Write everything that leads to a commit, without what leads to others that the reader has."""
        name = f"refs/footplate/{commit}"  # a bundle holds names, and a commit of yesterday may have none
        with tempfile.TemporaryDirectory() as aside:  # which has the name, so that the checkout need not get it
            here = ("--git-dir", aside)
            self._ask("init", "--quiet", "--bare", aside)
            Path(aside, "objects", "info", "alternates").write_text(f"{self._inside('objects')}\n")
            self._ask(*here, "update-ref", name, commit)
            self._ask(*here, "bundle", "create", "--quiet", str(file), name, *(f"^{each}" for each in without))

    def _has(self, what: str) -> bool:
        return self._run("cat-file", "-e", what).returncode == 0

    def _untracked(self) -> list[str]:
        """Files that no commit knows and that are not ignored."""
        said = self._ask("ls-files", "--others", "--exclude-standard", "-z", "--", *self.paths)
        return [name for name in said.decode("utf-8", "surrogateescape").split("\0") if name]

    def _index_with(self, new: Sequence[str], folder: Path) -> Path:
        """A copy of the index that expects these files, so that a difference shows them; the real one stays."""
        copy = folder / "index"
        if (real := self._inside("index")).exists():
            shutil.copyfile(real, copy)
        self._ask("--literal-pathspecs", "add", "--intent-to-add", "--", *new, index=copy)
        return copy

    def _inside(self, name: str) -> Path:
        """Where something of git's own is; of a worktree, elsewhere."""
        return (self.root / os.fsdecode(self._ask("rev-parse", "--git-path", name)).rstrip("\n")).absolute()

    def _ask(self, *words: str, index: Path | None = None) -> bytes:
        done = self._run(*words, index=index)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace")
            raise Failed(f"{self.root}: git {_verb(words)}: {sshwords.last(said)}", hint="is it a whole checkout?")
        return done.stdout

    def _run(self, *words: str, index: Path | None = None) -> subprocess.CompletedProcess[bytes]:
        variables = {**os.environ, "LC_ALL": "C", **({"GIT_INDEX_FILE": str(index)} if index else {})}
        command = ["git", "-C", str(self.root), "-c", "core.quotePath=false", *words]
        try:
            return subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False, env=variables)
        except FileNotFoundError:
            raise sshwords.missing_here("git") from None
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.root}: git {_verb(words)} hangs", hint="is that disk a network's?") from None


def _verb(words: Sequence[str]) -> str:
    return next(word for word in words if not word.startswith(("-", "/")))
