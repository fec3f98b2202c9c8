"""Images, looked at in several processes and answered in order; each file is read once, and remembered."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path

from PIL import Image

from engine import contents
from engine.contents import Content, Contents
from engine.errors import DataError
from engine.manifests import Row
from engine.work import die_with

PORTION = 256  # images that a process is given at once
AHEAD = 3  # portions for each process that are asked for before the first is answered
Place = tuple[Path, Row]
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # another one in each process


@dataclass(frozen=True, slots=True)
class Seen:
    """An image that was looked at; `content` is None where no file is."""

    manifest: Path
    row: Row
    content: Content | None

    @property
    def reason(self) -> str:
        """Why it is no use; empty where it is one."""
        return "missing" if self.content is None else self.content.fault or ""


def through(
    places: Iterable[Place], root: Path, cache: Contents, *, processes: int, decode: bool
) -> Iterator[list[Seen]]:
    """All images in order, a portion at a time, while the next portions are looked at."""
    with _workers(processes) as workers:
        waiting: deque[tuple[Sequence[Place], dict[str, Content], Future[list[Content | None]]]] = deque()
        for some in contents.portions(places, PORTION):
            paths = [str(root / row.image_path) for _, row in some]
            known = cache.known(paths)
            waiting.append((some, known, workers.submit(look_at, paths, [known.get(p) for p in paths], decode)))
            if len(waiting) > AHEAD * processes:
                yield _answered(root, cache, *waiting.popleft())
        while waiting:
            yield _answered(root, cache, *waiting.popleft())


def look_at(paths: Sequence[str], known: Sequence[Content | None], decode: bool) -> list[Content | None]:
    """What each file holds; done in a process of its own."""
    return [look(path, before, decode) for path, before in zip(paths, known, strict=True)]


def look(path: str, known: Content | None, decode: bool) -> Content | None:
    """What a file holds, and why no picture comes out of it; None where there is no file."""
    try:
        now = os.stat(path)  # noqa: PTH116 (twice as quick, of half a million)
        if known and known.holds(now) and (known.fault is not None or not decode):
            return known
        data = Path(path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return Content(0, 0, "", f"cannot be read: {error.strerror}")
    return contents.content(data, now, fault(data) if decode else None)


def fault(data: bytes) -> str:
    """Why no picture comes out of these bytes; empty where one does.

    A JPEG is decoded to an eighth of its size: all its bits are read, at a third of the cost.
    """
    try:
        with Image.open(BytesIO(data)) as image:
            image.draft("L", (1, 1))
            image.load()
    except Exception as error:  # noqa: BLE001 (decoders raise what they like at bytes of all kinds)
        return f"unreadable: {type(error).__name__}: {_ADDRESS.sub('', str(error).partition(chr(10))[0])}"
    return ""


def _answered(
    root: Path, cache: Contents, some: Sequence[Place], known: dict[str, Content], found: Future[list[Content | None]]
) -> list[Seen]:
    try:
        now = found.result()
    except BrokenProcessPool:
        hint = "most likely the memory was not enough: compute.processes=1 looks at one image after the other"
        raise DataError("a process that looked at images died", hint=hint) from None
    paths = [str(root / row.image_path) for _, row in some]
    told = {path: one for path, one in zip(paths, now, strict=True) if one and one.sha256}
    cache.keep({path: one for path, one in told.items() if one != known.get(path)})
    return [Seen(*place, one) for place, one in zip(some, now, strict=True)]


class _Here:
    """The same where there is but one process: this one."""

    def submit(self, *call: object) -> Future[list[Content | None]]:
        answer: Future[list[Content | None]] = Future()
        answer.set_result(look_at(*call[1:]))  # type: ignore[arg-type]
        return answer


@contextmanager
def _workers(processes: int) -> Iterator[ProcessPoolExecutor | _Here]:
    """Processes that end with this one, however it ends."""
    if processes == 1:
        yield _Here()
        return
    pool = ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=die_with, initargs=(os.getpid(),)
    )
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
