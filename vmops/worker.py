"""`python -m vmops.worker`: the one process that speaks with the cloud; asked in JSON lines, answers in them.

The first line settles it: {"settings": …, "folder": …}. Then questions, {"id": 1, "do": "stop", "name": "gpu-1"}, each
in a thread of its own. Lines out: {"id", "answer"}, {"id", "error", "hint", "kind"}, {"id", "say"}, {"call": …}.
It ends with whoever started it. What it was in the middle of is in the journal, and the next one adopts it.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

from vmops import codec, durable, ledger, prices, providers
from vmops.errors import OutsideError, Refused
from vmops.provider import Call, Provider, Say
from vmops.settings import Settings, from_json

AT_ONCE = 16
BUCKET = "vmops.gcp.bucketdesk:answer"  # who is asked whatever begins with bucket_
SAYING = ("create", "start", "stop", "delete", "adopt", "delete_orphan")
PLAIN = ("machines", "machine", "plan", "quotas", "orphans", "serial", "host_keys", "watchdog")


class Worker:
    """Answers questions about one workspace's machines and buckets."""

    def __init__(self, settings: Settings, folder: Path, out: TextIO) -> None:
        self.settings = settings
        self.folder = folder
        self._out = out
        self._opening = threading.Lock()
        self._telling = threading.Lock()

    def answer(self, line: str) -> None:
        """Do what a line asks, and write lines about it; nothing is raised."""
        number = None
        try:
            question = json.loads(line)
            number = question.pop("id")
            do = question.pop("do")
            self._tell(
                id=number, answer=codec.plain(self._do(do, question, lambda words: self._tell(id=number, say=words)))
            )
        except OutsideError as error:
            self._tell(id=number, **codec.fault(error))
        except OSError as error:
            self._tell(id=number, **codec.fault(durable.trouble(error)))
        except Exception as error:  # noqa: BLE001 (our own mistake: it is told to who asked, and others go on)
            traceback.print_exc()
            self._tell(id=number, error=f"{type(error).__name__}: {error}", hint="", kind="Broken")

    def _do(self, do: str, words: Mapping[str, Any], say: Say) -> Any:
        if do.startswith("bucket_"):
            return providers.load(BUCKET)(do, words, say, self._called, self.folder)
        if do == "costs":
            return self._costs()
        if do not in SAYING + PLAIN:
            raise Refused(f"nobody can be asked to {do!r}", hint=f"there are {', '.join(SAYING + PLAIN)}")
        method: Callable[..., Any] = getattr(self._provider, do)
        given = {**words, "say": say} if do in SAYING else dict(words)
        try:
            inspect.signature(method).bind(**given)
        except TypeError as error:
            raise Refused(f"{do}: {error}") from None
        return method(**given)

    def _costs(self) -> Any:
        found = self._provider.machines()
        return ledger.to_json(ledger.cost(self.folder, found, prices.load(self.folder)))

    @cached_property
    def _opened(self) -> Provider:
        return providers.open_provider(self.settings, self.folder, self._called)

    @property
    def _provider(self) -> Provider:
        with self._opening:  # loading Google's libraries takes seconds: once
            return self._opened

    def _called(self, call: Call) -> None:
        self._tell(call=codec.plain(call))

    def _tell(self, **words: Any) -> None:
        with self._telling, contextlib.suppress(OSError, ValueError):  # nobody listens any more
            self._out.write(json.dumps(words) + "\n")
            self._out.flush()


def main() -> int:
    """Answer until the input ends."""
    asked, told = sys.stdin, os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer, one in C among them
    sys.stdout = sys.stderr
    first = json.loads(asked.readline() or "{}")
    if not first:
        return 2
    worker = Worker(from_json(first["settings"]), Path(first["folder"]), told)
    pool = ThreadPoolExecutor(AT_ONCE)
    for line in asked:
        pool.submit(worker.answer, line)
    os._exit(0)  # who asked is gone; an act in progress is in the journal


if __name__ == "__main__":
    sys.exit(main())
