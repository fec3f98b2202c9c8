"""`python -m tests.tui.snapshots --renew`: draw every scene again, and write what differs."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.tui.scenes import SIZES, alike, drawn, take_environment

HERE = Path(__file__).parent


async def renew() -> list[str]:
    """Write every scene at every size; the names of those that were otherwise."""
    changed, known = [], set()
    for name, size in SIZES.items():
        async for scene, _app, text in drawn(size):
            file = HERE / f"{scene.name}-{name}.txt"
            known.add(file)
            if not file.exists() or file.read_text(encoding="utf-8") != text:
                file.write_text(text, encoding="utf-8")
                changed.append(file.name)
    for file in set(HERE.glob("*.txt")) - known:
        file.unlink()
        changed.append(file.name)
    return changed


def main() -> int:
    if sys.argv[1:] != ["--renew"]:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        take_environment(alike(Path(folder)))
        changed = asyncio.run(renew())
    sys.stdout.write("".join(f"{name}\n" for name in changed) + f"{len(changed)} differ\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
