"""Things done side by side in threads, never more of them at once than the memory can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_order_of_arrival(do: Callable[[T], R], things: Iterable[T], in_flight: int) -> Iterator[R]:
    """What `do` makes of each thing, as soon as it is made; the next thing begins only when a result was taken."""
    done: SimpleQueue[Future[R]] = SimpleQueue()
    waiting = 0
    with ThreadPoolExecutor(in_flight, thread_name_prefix="parallel") as pool:
        for thing in things:
            pool.submit(do, thing).add_done_callback(done.put)
            waiting += 1
            if waiting == in_flight:
                yield done.get().result()
                waiting -= 1
        for _ in range(waiting):
            yield done.get().result()
