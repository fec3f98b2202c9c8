"""Processes that die by SIGKILL before or after one of their questions to the cloud."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from pathlib import Path

from tests.vmops.gce import Lab
from vmops.settings import Settings

DEADLINE_S = 60.0
COUNTED = ("instances.insert", "instances.stop", "instances.start", "instances.delete", "zoneOperations.wait")


def context() -> ForkServerContext:
    """Processes in which Google's libraries are loaded already."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["vmops.gcp.gce"])
    return made


def dying(settings: Settings, folder: Path, words: tuple[str, ...], number: int, when: str) -> None:
    """Do an act, and die before or after one of its questions that change something, or that wait for a change."""
    from vmops.gcp.asking import Asker
    from vmops.gcp.gce import Gce

    real, seen = Asker._once, []

    def once(self: Asker, what: str, go: Callable[[], object]) -> object:
        if what.startswith(COUNTED):
            seen.append(what)
        if when == "before" and len(seen) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = real(self, what, go)
        if when == "after" and len(seen) == number and what == seen[-1]:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    Asker._once = once  # type: ignore[method-assign]
    act, *rest = words
    getattr(Gce(settings, folder, lambda call: None), act)(*rest)


def died(processes: ForkServerContext, here: Lab, words: tuple[str, ...], number: int, when: str) -> bool:
    """Whether the act came so far."""
    process = processes.Process(target=dying, args=(here.settings, here.folder, words, number, when))
    process.start()
    process.join(DEADLINE_S)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode != 0
