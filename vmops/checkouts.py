"""A git checkout on this side: its commit, what differs from it, and bundles of what another repository lacks."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vmops import sshwords
from vmops.errors import Failed, Refused

PATIENCE_S = 300


@dataclass(frozen=True)
class Checkout:
    """A checkout, and which folders of it matter."""

    root: Path
    packages: tuple[str, ...]

    def commit(self) -> str:
        """The commit that is checked out."""
        return self._ask("rev-parse", "HEAD").decode().strip()

    def changes(self) -> list[str]:
        """Files that are not as in the commit, or not in it."""
        said = self._ask("status", "--porcelain", "-z", "--untracked-files=all", "--", *self.packages)
        return [line[3:] for line in said.decode("utf-8", "replace").split("\0") if line]

    def must_be_committed(self) -> None:
        """Refused where the code is not that of a commit."""
        if changed := self.changes():
            some = ", ".join(changed[:3]) + " …" * (len(changed) > 3)
            raise Refused(
                f"{self.root}: {len(changed)} files are not as in the commit: {some}",
                hint="commit, so that it is known what ran there; or --uncommitted, which records the difference",
            )

    def patch(self) -> bytes:
        """What differs from the commit, in files that it knows."""
        return self._ask("diff", "--binary", "--no-ext-diff", "--no-color", "HEAD", "--", *self.packages)

    def patch_sha256(self) -> str:
        """By which a difference is recorded; empty where there is none."""
        patch = self.patch()
        return hashlib.sha256(patch).hexdigest() if patch else ""

    def untracked(self) -> list[str]:
        """Files that no commit knows and that are not ignored."""
        said = self._ask("ls-files", "--others", "--exclude-standard", "-z", "--", *self.packages)
        return [name for name in said.decode("utf-8", "surrogateescape").split("\0") if name]

    def lacks(self, commit: str) -> bool:
        """Whether this side does not know a commit."""
        return self._run("cat-file", "-e", f"{commit}^{{commit}}").returncode != 0

    def bundle(self, file: Path, without: Sequence[str]) -> None:
        """Write everything that leads to the commit, without what leads to others that the reader has."""
        self._ask("bundle", "create", "--quiet", str(file), "HEAD", *(f"^{commit}" for commit in without))

    def _ask(self, *words: str) -> bytes:
        done = self._run(*words)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace")
            raise Failed(f"{self.root}: git {words[0]}: {sshwords.last(said)}", hint="is it a whole checkout?")
        return done.stdout

    def _run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                ["git", "-C", str(self.root), *words], capture_output=True, timeout=PATIENCE_S, check=False
            )
        except FileNotFoundError:
            raise sshwords.missing_here("git") from None
