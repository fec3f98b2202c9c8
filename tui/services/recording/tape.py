"""The writer of a recording: JSON lines, appended four times a second by a thread of its own."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO, cast

from engine.errors import FootplateError
from engine.words import size
from engine.workspace import home

FORMAT = 1
MARK = "footplate_recording"
LIMIT_BYTES = 64 << 20  # of JSON, before it is packed
EVERY_S = 0.25
_END = "end"

Line = dict[str, Any]
Make = Callable[[], Iterable[Line]]  # what makes the lines of something that was told; called in the tape's thread


class Tape:
    """Takes what is told, with its time, and never keeps who tells it waiting."""

    def __init__(self, name: str, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self.path = home(Path(name))
        self._file = _new(self.path)
        self._limit, self._written = limit_bytes, 0
        self._told: SimpleQueue[tuple[float, Make | None]] = SimpleQueue()
        self._began = time.monotonic()
        self._full = self._closed = False
        self.failed: Callable[[str, str], object] = lambda _why, _what_to_do: None
        self._thread = threading.Thread(target=self._go, name="recording", daemon=True)

    def start(self, header: Line) -> Tape:
        """Begin, with what is to be known of the whole."""
        self._began = time.monotonic()
        self._append([_line({MARK: FORMAT, "at": time.time(), **header})])
        self._thread.start()
        return self

    def keep(self, make: Make) -> None:
        """Keep what these lines say; they are made later, in another thread."""
        if not (self._full or self._closed):
            self._told.put((time.monotonic() - self._began, make))

    def line(self, kind: str, **values: Any) -> None:
        """Keep one line of plain values."""
        self.keep(lambda: [{"kind": kind, **values}])

    def close(self) -> None:
        """Write what is left, and that this is the end."""
        if not self._closed:
            self.line(_END)
            self._closed = True
            self._told.put((0.0, None))
            self._thread.join(timeout=5.0)

    # --- the thread ----------------------------------------------------------------------------------------------

    def _go(self) -> None:
        going = True
        while going and not self._full:
            told = [self._told.get()]
            time.sleep(EVERY_S if not self._closed else 0)
            told += self._rest()
            going = told[-1][1] is not None
            try:
                self._append(list(self._lines(told)))
            except Exception as error:  # noqa: BLE001 (a recording that ends in silence would be taken for whole)
                self._stop(f"{type(error).__name__}: {error}", "what follows is not kept")
        self._file.close()

    def _rest(self) -> Iterator[tuple[float, Make | None]]:
        while True:
            try:
                yield self._told.get_nowait()
            except Empty:
                return

    def _lines(self, told: Iterable[tuple[float, Make | None]]) -> Iterator[bytes]:
        for at, make in told:
            for line in make() if make else ():
                yield _line({"t": round(at, 3), **line})

    def _append(self, lines: list[bytes]) -> None:
        data = b"".join(lines)
        if self._written + len(data) > self._limit:
            data = _line({"t": round(time.monotonic() - self._began, 3), "kind": "full"})
            self._stop(f"it has reached {size(self._limit)}", "what follows is not kept; a new --record FILE goes on")
        self._written += len(data)
        self._file.write(data)
        self._file.flush()

    def _stop(self, why: str, what_to_do: str) -> None:
        self._full = True
        self.failed(why, what_to_do)


def _new(path: Path) -> BinaryIO:
    """The file, which must be new; packed where its name ends in .gz."""
    try:
        file = path.open("xb", buffering=0)
    except FileExistsError:
        raise FootplateError(f"{path} exists already", hint="a recording never overwrites; name another file") from None
    except OSError as error:
        raise FootplateError(f"{path}: {error.strerror}", hint="name a file that can be written") from None
    return cast(BinaryIO, gzip.GzipFile(fileobj=file, mode="wb", mtime=0) if path.suffix == ".gz" else file)


def _line(values: Line) -> bytes:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Bytes of a log that are no UTF-8 are lone surrogates here; as \udcff they are JSON like any other.
    return text.encode("utf-8", "backslashreplace") + b"\n"
