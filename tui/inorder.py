"""Keys in the order in which they were typed: each has done all that it does before the next one is looked at."""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from functools import partial

from textual import events
from textual.app import App, ScreenStackError
from textual.message import Message
from textual.message_pump import MessagePump
from textual.timer import Timer

ROUNDS = 3  # what a key says to its screen, and what that says in turn, has been heard by then
AGAIN_S = 0.02  # until somebody else is asked, where what was asked is going away
LOOK_S = 0.1  # how often keys that wait see whether what they wait for is still there
PATIENCE_S = 20.0  # longer than any key, or the first paint, takes on a machine that is busy


class Settled(Message):
    """Sent behind a key through the same queues; where it arrives, the key has been there before."""

    def __init__(self, key: int, rounds: int) -> None:
        super().__init__()
        self.key, self.rounds = key, rounds


class InOrder(App[None]):
    """An app that takes one key after the other, the first one when there is something for it to act on.

    Textual hands a key to what has the focus at that moment, and keys that were typed fast (or over a slow line, which
    delivers many at once) would all go to where the first one went: `/a` would archive what it should have filtered.
    """

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Key] = deque()
        self._key = 0  # the number of the key that is settling
        self.pressed = ""  # its name
        self._settling = True  # keys that are typed ahead wait for `take_keys`
        self._asked: MessagePump | None = None  # who was asked last whether the key has settled
        self._rescue: Timer | None = None
        self._since = 0.0  # when keys began to wait
        self._held = self._over = False  # whether keys wait for `release`, and whether the last one is through

    def leaves(self, key: str) -> bool:
        """Whether a key is the way out, which is open however busy the app is."""
        return False

    @property
    def settling(self) -> bool:
        """Whether a key is still at work."""
        return self._settling and not self._over and self._key > 0

    def hold(self) -> None:
        """Let the next keys wait until `release`: what they are meant for is not on the screen yet."""
        self._held = True
        if not self._settling:
            self._settling = self._over = True

    async def release(self) -> None:
        """What keys are meant for is on the screen."""
        self._held = False
        if self._over:
            await self._next()

    async def take_keys(self) -> None:
        """There is something on the screen for keys to act on: take those that were typed ahead, and all others."""
        if not self._key:
            await self._next()

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key) or event.is_forwarded:
            with suppress(ScreenStackError):
                await super().on_event(event)
        elif self._settling and not self.leaves(event.key):
            self._typed.append(event)
            self._wait()
        else:
            await self._take(event)

    async def _take(self, event: events.Key) -> None:
        self._settling, self.pressed = True, event.key
        self._key += 1
        with suppress(ScreenStackError):  # the last screen has gone, and with it whom this was for
            await super().on_event(event)
        await self.on_settled(Settled(self._key, ROUNDS))

    async def on_settled(self, message: Settled) -> None:
        """Once more around, or on to the next key."""
        if message.key != self._key or not self._settling:
            return  # it was given up, and comes late
        if not message.rounds:
            await self._next()
            return
        self._asked = (self.focused or self.screen) if self._screen_stack else None
        again = Settled(message.key, message.rounds - 1)
        if self._asked is None or not self._asked.post_message(again):  # what comes in its place is asked then
            self.set_timer(AGAIN_S, partial(self.on_settled, again))

    def _wait(self) -> None:
        """What was sent behind a key is lost where the key has closed what had the focus: go on without it then."""
        if self._rescue is None:
            self._since = time.monotonic()
            self._rescue = self.set_interval(LOOK_S, self._look)

    async def _look(self) -> None:
        lost = self._asked is not None and not self._asked.is_running and not self._over
        if lost or time.monotonic() - self._since > PATIENCE_S:
            await self._next()

    async def _next(self) -> None:
        if self._rescue is not None:
            self._rescue.stop()
            self._rescue = None
        self._over, self._asked = self._held, None
        if self._held:
            return
        self._settling = False
        if self._typed:
            event = self._typed.popleft()
            if self._typed:
                self._wait()
            await self._take(event)
