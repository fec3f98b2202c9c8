"""Take a commit out of what was sent of a repository: a bundle first, where there is a new one, then its files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any


def main(asked: dict[str, Any]) -> dict[str, Any]:
    """Put files of a commit, and a difference to it, into a new folder; what went wrong."""
    home = Path.home() / "footplate"
    repository, arrived = home / "repo.git", home / "code" / asked["arrived"]
    commit, bundle = asked["commit"], home / asked["bundle"]
    arrived.mkdir(parents=True)
    try:
        git(repository, "init", "--quiet", "--bare")
        if asked["bundle"]:
            git(repository, "fetch", "--quiet", str(bundle), f"refs/footplate/{commit}:refs/footplate/{commit}")
        files = git(repository, "archive", "--format=tar", commit, "--", *asked["paths"])
        said(["tar", "-x", "-C", str(arrived)], files)
        if asked["patch"]:
            # Without a repository around it, below whose top it would silently leave everything as it is.
            os.environ["GIT_CEILING_DIRECTORIES"] = str(arrived.parent)
            said(["git", "-C", str(arrived), "apply", "--whitespace=nowarn", "-"], asked["patch"].encode("latin-1"))
    except RuntimeError as error:
        shutil.rmtree(str(arrived), ignore_errors=True)
        return {"error": str(error)}
    finally:
        if asked["bundle"]:
            bundle.unlink()
    return {}


def git(repository: Path, *words: str) -> bytes:
    """What git says."""
    return said(["git", "--git-dir", str(repository), *words])


def said(words: list[str], data: bytes = b"") -> bytes:
    """What a command writes; RuntimeError with its complaint where it fails."""
    done = subprocess.run(words, input=data, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{words[0]}: {done.stderr.decode('utf-8', 'replace').strip()[-500:]}")
    return done.stdout


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.stdin.buffer.readline()))))
