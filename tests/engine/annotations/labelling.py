"""A coder in a process of its own: labels one frame after another, and says of each act when it was saved.

`python -m tests.engine.annotations.labelling LOG CODER SAYS SECONDS`
"""

from __future__ import annotations

import os
import sys
import time
import uuid
from pathlib import Path

from engine.annotations.decision import Decision, Unit
from engine.annotations.log import Log


def main(log: str, coder: str, says: str, seconds: str) -> None:
    said = os.open(says, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    end = time.monotonic() + float(seconds)
    with Log.open(Path(log)) as opened:
        index = 0
        while time.monotonic() < end:
            act = f"{coder}-{uuid.uuid4().hex}"
            unit = Unit(f"v{index % 7}", index)
            now = time.time()
            opened.add([Decision(coder, unit, name, "a", now, act=act) for name in ("perspective", "distance")])
            os.write(said, f"{act}\n".encode())
            if index % 10 == 9:
                opened.undo(coder, time.time())
            index += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
