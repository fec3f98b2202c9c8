"""Mirror a folder of a machine while it grows: no byte is lost or doubled, however often the connection is cut."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from vmops import ssh
from vmops.errors import Unavailable
from vmops.mirrorlink import TAIL, Beat, Link, Mark, Piece, Replaced, Said, Whole, connection

__all__ = ["Beat", "Link", "Mark", "Piece", "Replaced", "Said", "Whole", "follow", "mark"]

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0


def mark(path: Path) -> Mark:
    """How far a file here is known: to its end."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - TAIL))
            return Mark(size, file.read(size))
    except FileNotFoundError:
        return Mark()


def follow(
    host: ssh.Host,
    there: str,
    growing: Mapping[str, Mark],
    whole: Sequence[str] = (),
    *,
    wait: Callable[[float], object] = time.sleep,
) -> Generator[Said, None, None]:
    """What happens to files of a folder there, without an end; who has seen enough closes it.

    A machine that cannot be reached is tried again and again, ever more rarely, and each failed try is told. What
    another try does not mend is raised: Denied, Missing, Failed.

    Args:
        there: the folder, below HOME.
        growing: files that only grow, with what is known of them.
        whole: small files that are replaced.
        wait: how to sleep.
    """
    marks, since, pause = dict(growing), time.time(), FIRST_PAUSE_S
    while True:
        try:
            with closing(connection(host, there, marks, whole)) as all_said:
                for said in all_said:
                    if isinstance(said, Link):
                        since, pause = said.since, FIRST_PAUSE_S
                    yield said
        except Unavailable as error:
            if pause == FIRST_PAUSE_S:
                since = time.time()
            yield Link(False, error.message, error.hint, since)
        wait(pause * random.uniform(0.7, 1.0))  # many followers of one machine should not come back all at once
        pause = min(pause * 2, LONGEST_PAUSE_S)
