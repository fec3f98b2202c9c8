"""A store that fails, conflicts, or lets somebody else write in between, when a test asks for it."""

from __future__ import annotations

from collections.abc import Callable

from vmops.storage import Object, Store


class Faulty:
    """Another store, before whose calls things happen: `before` holds what is called or raised, one entry a call."""

    def __init__(self, store: Store, *before: Callable[[], None] | Exception | None) -> None:
        self.store, self.before, self.calls = store, list(before), 0

    def _happens(self) -> None:
        self.calls += 1
        event = self.before.pop(0) if self.before else None
        if isinstance(event, Exception):
            raise event
        if event is not None:
            event()

    def list(self, prefix: str = "") -> list[str]:
        self._happens()
        return self.store.list(prefix)

    def read(self, name: str) -> Object:
        self._happens()
        return self.store.read(name)

    def write(self, name: str, data: bytes, *, if_generation: int | None = None) -> int:
        self._happens()
        return self.store.write(name, data, if_generation=if_generation)

    def delete(self, name: str, *, if_generation: int | None = None) -> None:
        self._happens()
        self.store.delete(name, if_generation=if_generation)
