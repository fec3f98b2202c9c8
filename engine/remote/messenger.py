"""What goes on beside a shepherd's work: the heartbeat of its run, and requests to stop on their way to the machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from engine.files import read_json
from engine.remote.standing import Standing
from engine.remote.there import There
from engine.run import Run
from vmops.errors import OutsideError

LOOK_S = 0.2
AGAIN_S = 2.0


class Messenger:
    """Two threads that end with their process."""

    def __init__(self, run: Run, standing: Standing, say: Callable[[str], None]) -> None:
        self._run, self._standing, self._say = run, standing, say
        self._far: There | None = None
        self._passed: dict[str, Any] = {}

    def start(self) -> None:
        for name, do in (("heartbeat", self._standing.tick), ("messenger", self._pass_on)):
            threading.Thread(target=self._again_and_again, args=(do,), name=name, daemon=True).start()

    def carry_to(self, far: There) -> None:
        """From now on requests go there; one that was carried before goes once more."""
        self._passed = {}
        self._far = far

    def _again_and_again(self, do: Callable[[], object]) -> None:
        while True:
            do()
            time.sleep(LOOK_S)

    def _pass_on(self) -> None:
        far, asked = self._far, self._asked()
        if far is None or not asked or asked == self._passed:
            return
        try:
            far.stop(asked)
        except OutsideError as error:  # it is still to be passed on when there is a connection again
            self._say(f"the request to stop has not arrived yet: {error.message}")
            time.sleep(AGAIN_S)
            return
        self._passed = asked
        self._say("the request to stop has arrived")

    def _asked(self) -> dict[str, Any]:
        """What was asked; a file without words asks as well."""
        if not self._run.stop.exists():
            return {}
        return read_json(self._run.stop) or {"reason": "asked", "now": False}
