"""What a shepherd asks on the machine: one file, Python 3.8 and its standard library, sent along with each question.

It must not need anything of ours there: the code of a run is that of its day, and questions are those of today.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Callable, Dict  # noqa: UP035 (Python 3.8)

CHUNK = 1 << 20
GROWING = ("events.jsonl", "log.txt", "log.times")
Answer = Dict[str, Any]  # noqa: UP006 (Python 3.8)


def held(lock: Path) -> bool:
    """Whether a living process holds a lock."""
    try:
        file = os.open(lock, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(file)
    return False


def look(folder: str) -> Answer:
    """How a run stands: whether its supervisor lives, its status, its files and checkpoints, who else is at work."""
    run = Path(folder).resolve()
    alive = held(run / "lock")  # before the rest: of a dead one nothing changes any more
    return {
        "now": time.time(),
        "boot": text(Path("/proc/sys/kernel/random/boot_id")),
        "alive": alive,
        "status": values(run / "status.json"),
        "sizes": {name: size(run / name) for name in GROWING},
        "work_at": newest(run / "work"),
        "others": others(run),
    }


def stop(folder: str, asked: Answer) -> Answer:
    """Pass on that somebody asks a run to stop."""
    replace(Path(folder, "stop"), asked)
    return {}


def place(source: str, target: str) -> Answer:
    """Put a database where another one is: what belonged to that one must not be taken for its own."""
    for end in ("-wal", "-shm"):
        with suppress(OSError):
            Path(target + end).unlink()
    Path(source).replace(target)
    return {}


def ready(folder: str, status: Answer, places: Answer) -> Answer:
    """Make a run's folder fit for its next attempt: no old request to stop, and no older status than ours."""
    run = Path(folder)
    know(run.parent.parent, places)
    (run / "artifacts").mkdir(parents=True, exist_ok=True)
    for name in ("events.jsonl", "log.txt", "lock"):
        (run / name).touch()
    with suppress(OSError):
        (run / "stop").unlink()
    if values(run / "status.json").get("attempt", -1) < status["attempt"]:
        replace(run / "status.json", status)
    return {}


def know(workspace: Path, places: Answer) -> None:
    """Where files are that lay outside of the workspace they were sent from; many runs share this list."""
    with (workspace / ".places.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = values(workspace / "places.json")
        if any(known.get(name) != where for name, where in places.items()):
            replace(workspace / "places.json", {**known, **places})


def others(run: Path) -> list[str]:
    """Other runs at work on this machine, of any workspace."""
    found = (lock.parent for lock in run.parent.parent.parent.glob("*/runs/*/lock") if held(lock))
    return sorted(other.name for other in found if other != run)


def newest(folder: Path) -> float:
    """When the newest file of a folder was written; 0 where there is none."""
    found = 0.0
    for path in folder.rglob("*"):
        with suppress(OSError):
            if path.is_file():
                found = max(found, path.stat().st_mtime)
    return found


def size(path: Path) -> int:
    """How long a file is; of events up to the last whole line, since a half one may be cut off again."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            return whole(file, end) if path.name == "events.jsonl" else end
    except OSError:
        return 0


def whole(file: BinaryIO, end: int) -> int:
    """Where the last whole line ends."""
    while end > 0:
        begin = max(0, end - CHUNK)
        file.seek(begin)
        at = file.read(end - begin).rfind(b"\n")
        if at >= 0:
            return begin + at + 1
        end = begin
    return 0


def replace(path: Path, value: Answer) -> None:
    """Write JSON beside its place, and put it there."""
    beside = path.with_name("." + path.name + ".part")
    with beside.open("w") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def text(path: Path) -> str:
    """What a file says; nothing where there is none."""
    with suppress(OSError):
        return path.read_text().strip()
    return ""


def values(path: Path) -> Answer:
    """The object in a file; an empty one where it is missing or damaged."""
    with suppress(ValueError):
        value = json.loads(text(path))
        return value if isinstance(value, dict) else {}
    return {}


def main() -> None:
    """Answer one question, asked and answered in JSON; folders are below HOME."""
    words = json.loads(sys.stdin.read())
    os.chdir(Path.home())
    known: dict[str, Callable[..., Answer]] = {"look": look, "stop": stop, "place": place, "ready": ready}
    answer = known[sys.argv[1]](**words)
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
