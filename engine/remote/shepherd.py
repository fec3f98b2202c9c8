"""The shepherd of a run that is elsewhere: brings it to its machine, copies what it says, fetches what it made.

It may be killed at any moment. Each step first looks how things are, so the next shepherd goes on from there; on the
machine nothing depends on it.
"""

from __future__ import annotations

import time
from contextlib import suppress

from engine import registry
from engine.errors import FootplateError, Stopped
from engine.files import disk_is_full
from engine.remote import ending, fetching, going, there
from engine.remote.errand import Errand
from engine.remote.errors import Taken
from engine.remote.messenger import Messenger
from engine.remote.there import There
from engine.remote.watching import Watch
from engine.status import Status
from vmops.errors import OutsideError, StockOut, Unavailable

GRACE_S = 90.0  # after its notice a machine has 30 s


class Shepherd:
    """One run, from the start of its machine to the last file."""

    def __init__(self, errand: Errand) -> None:
        self.errand = errand
        self.run, self.standing = errand.run, errand.standing
        self.messenger = Messenger(errand.run, errand.standing, errand.say)

    def attend(self) -> None:
        """See the run to its end, through as many machines and attempts as it takes."""
        self.standing.renew(self.errand.memory.attempt)
        self.messenger.start()
        while self.errand.memory.ended < self.errand.memory.attempt:
            try:
                self._attempt()
            except Stopped as stopped:
                self._conclude("stopped", stopped.message, f"footplate resume {self.run.id} starts it")
            except Taken as taken:
                self._taken(taken)
            except FootplateError as error:  # Lost is one of them
                self._conclude("failed", error.message, error.hint)
            except OutsideError as error:
                self._trouble(error)
            except OSError as error:
                if not disk_is_full(error):
                    raise
                self._pause("the disk here is full", "make room: it goes on by itself")
        ending.end(self.errand)

    def _attempt(self) -> None:
        """One attempt, or what is left of it: to the machine, along with it, and back."""
        begun = self.errand.memory.begun >= self.errand.memory.attempt
        far = self._known() if begun else going.begin(self.errand)
        self.messenger.carry_to(far)
        verdict = Watch(self.errand, far).to_the_end()
        self._fetch(far, verdict)
        if verdict.state == "preempted" and self.errand.memory.wish.keep_alive:
            self._wait_until_it_is_gone()
        self._conclude()

    def _known(self) -> There:
        return there.of_run(self.errand.workspace, self.run, self.errand.place.host())

    def _fetch(self, far: There, verdict: Status) -> None:
        """Fetch everything that the machine has of the run, and put into the workspace what belongs there."""
        self.standing.link("fetching")
        done, say = verdict.state == "done", self.errand.progress("fetching")
        fetching.artifacts(far, self.run, say, strict=done)
        if not done:
            fetching.work(far, self.run, say)
            return
        fetching.forget_work(self.run)
        self._publish(far)

    def _publish(self, far: There) -> None:
        entry = registry.job(self.run.job).publish
        if not entry:
            return
        try:
            registry.load(entry)(self.errand.workspace, self.run, far)
        except FootplateError as error:
            flag = f"not_published: {error.message}; {error.hint}"
            self.errand.say(flag)
            self.standing.add_flag(flag)

    # --- what may come between -----------------------------------------------------------------------------------

    def _wait_until_it_is_gone(self) -> None:
        """Until then it would be of no use to begin there again; raises Taken."""
        self.standing.link(f"{self.errand.place.name} is being taken back")
        end = time.monotonic() + GRACE_S
        while time.monotonic() < end:
            with suppress(Unavailable):
                self.errand.place.check()
            self.errand.pauses.sleep(1.0)
        raise Taken(f"{self.errand.place.name} was told that it would be taken back")

    def _taken(self, taken: Taken) -> None:
        """The machine is gone: that ends the attempt, unless the run is to go on by itself."""
        if not self.errand.memory.wish.keep_alive or taken.meant or self.errand.asked_to_stop():
            self._conclude("preempted", taken.message, self._how_to_go_on(taken))
            return
        known = self.errand.memory
        following = max(self.standing.status.attempt, known.begun) + 1
        self.errand.say(f"{taken.message}; --keep-alive goes on with attempt {following}")
        self.errand.keep(attempt=following, make=known.kind if taken.for_good else known.make)
        self.standing.renew(following)
        self._pause(taken.message, "it is started again when it can be", quick=True)

    def _how_to_go_on(self, taken: Taken) -> str:
        if taken.for_good:
            return f"footplate resume {self.run.id} --on MACHINE goes on elsewhere, from what is here of it"
        return f"footplate resume {self.run.id} starts {self.errand.place.name} again and goes on"

    def _trouble(self, error: OutsideError) -> None:
        """What is not to be had now is tried again for a while; the rest ends the run, if it has not begun."""
        known, again = self.errand.memory, f"footplate resume {self.run.id}"
        patient = known.wish.keep_alive or not (isinstance(error, StockOut) or self.errand.pauses.used_up)
        if known.begun >= known.attempt or (isinstance(error, Unavailable) and patient):
            self._pause(error.message, error.hint)
        else:
            self._conclude("failed", error.message, f"{error.hint}; then {again}" if error.hint else again)

    def _pause(self, words: str, hint: str, *, quick: bool = False) -> None:
        """Wait, ever longer; a request to stop ends the wait, and before a run has begun the run."""
        pauses, known = self.errand.pauses, self.errand.memory
        seconds = pauses.next(quick=quick)
        at = time.strftime("%H:%M:%S", time.localtime(time.time() + seconds))
        tries = f"tried {pauses.count} times, " if pauses.count > 1 else ""
        self.standing.link(words, f"{hint}; {tries}next at {at}".removeprefix("; "))
        pauses.sleep(seconds)
        if known.begun < known.attempt and self.errand.asked_to_stop():
            self._conclude("stopped", "stopped before it had begun there", f"footplate resume {self.run.id} starts it")

    def _conclude(self, state: str = "", error: str = "", hint: str = "") -> None:
        self.standing.conclude(state, error, hint)
        self.errand.keep(ended=self.errand.memory.attempt)
