"""Give code that has arrived its name, where it is what its hash says; the name then stands for this code for ever."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

LONG_S = 86400.0


def main(asked: dict[str, Any]) -> dict[str, Any]:
    """Check it, and rename it in one step; the digest of what is there."""
    code = Path.home() / "footplate" / "code"
    arrived, target = code / asked["arrived"], code / asked["sha256"][:16]
    found = digest(arrived, asked["packages"])
    if found == asked["sha256"]:
        if target.exists() and digest(target, asked["packages"]) != found:  # somebody has edited it there
            target.rename(code / f".damaged-{target.name}-{time.time_ns()}")
        with suppress(OSError):  # another was first, which is as good
            arrived.rename(target)
    shutil.rmtree(arrived, ignore_errors=True)
    sweep(code.parent)
    return {"sha256": found, "folder": str(target)}


def sweep(home: Path) -> None:
    """Remove what was cut off on its way here long ago: who sends it again gives it another name."""
    for left in [*home.glob("code/.part-*"), *home.glob(".bundle-*"), *home.glob(".rsync-partial/.bundle-*")]:
        with suppress(OSError):
            if time.time() - left.stat().st_ctime > LONG_S:  # of this clock; the time of change is that of the sender
                shutil.rmtree(str(left)) if left.is_dir() else left.unlink()


def digest(folder: Path, packages: list[str]) -> str:
    """The hash of all Python files of some packages, and of files that are named themselves; their names included."""
    paths = sorted((path for name in packages for path in (folder / name).rglob("*.py")), key=lambda path: path.parts)
    paths += [folder / name for name in packages if (folder / name).is_file()]
    total = hashlib.sha256()
    for path in paths:
        name = str(path.relative_to(folder))
        total.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.stdin.buffer.readline()))))
