"""Textual's driver for terminals, but for how it ends: at once."""

from __future__ import annotations

import os
from codecs import getincrementaldecoder
from collections.abc import Iterable
from select import select
from typing import Any

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

TICK_S = 0.1  # so long an escape waits to see whether it begins a key
BLOCK = 4096


class Driver(LinuxDriver):
    """Its thread that reads keys is woken to end; Textual's sleeps on, up to 0.2 s after the key that leaves."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._woken, self._wake = os.pipe()

    def disable_input(self) -> None:
        """Read no more keys; the thread that did so has ended then."""
        os.write(self._wake, b"!")
        super().disable_input()
        os.read(self._woken, 1)  # who only makes way for a shell reads on later

    def run_input_thread(self) -> None:
        """Read what the terminal sends, until that is to end or the terminal is gone."""
        parser, decoder = XTermParser(self._debug), getincrementaldecoder("utf-8")("replace")
        there = True
        while there and not self.exit_event.is_set():
            ready, _, _ = select([self.fileno, self._woken], [], [], TICK_S)
            if self.fileno in ready:
                given = os.read(self.fileno, BLOCK)
                there = bool(given)
                self._tell(parser.feed(text) if (text := decoder.decode(given)) else ())
            self._tell(parser.tick())

    def _tell(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)
