"""The app copies: through whatever lies between it and the clipboard of who sits there."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import partial

from textual import on
from textual.message import Message

from engine.errors import FootplateError
from tui.terminal import TerminalApp


class CopyingApp(TerminalApp):
    """An app that copies, and tells which way it went."""

    @dataclass
    class CopyEnded(Message):
        """Something was copied, or not; `text` is for the terminal to be handed."""

        words: str
        text: str = ""
        fault: str = ""

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through whatever lies between, and tell which way it went."""
        self._clipboard = text
        self.run_worker(partial(self._copy, text), thread=True, group="copying", exclusive=True)

    def _copy(self, text: str) -> None:
        from tui.services import clipboard

        try:
            done = clipboard.copy(text, self.lab.gate, way=self.settings.copy)
        except (FootplateError, OSError) as error:
            self.post_message(self.CopyEnded("", fault=str(error)))
        else:
            self.post_message(self.CopyEnded(done.words, text if done.by_sequence else ""))

    @on(CopyEnded)
    def _copied(self, message: CopyEnded) -> None:
        if message.text:
            self.to_terminal(f"\x1b]52;c;{base64.b64encode(message.text.encode('utf-8', 'replace')).decode()}\a")
        if message.fault:
            self.notify(message.fault, title="copying did not work", severity="error", timeout=12, markup=False)
        else:
            self.notify(message.words, markup=False)
