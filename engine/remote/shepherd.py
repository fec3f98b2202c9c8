"""The shepherd of a run that is elsewhere: brings it to its machine, copies what it says, fetches what it made.

It may be killed at any moment. Each step first looks how things are, so the next shepherd goes on from there; on the
machine nothing depends on it.
"""

from __future__ import annotations

import time

from engine.errors import FootplateError, Stopped
from engine.files import disk_is_full
from engine.remote import bringing, ending, going, there
from engine.remote.errand import Errand
from engine.remote.errors import Lost, Taken
from engine.remote.messenger import Messenger
from engine.remote.there import There
from engine.remote.watching import Watch
from engine.run import UNFOLLOWED
from engine.status import Status
from vmops import ssh
from vmops.errors import DiskFull, OutsideError, StockOut, Unavailable

GRACE_S = 90.0  # after its notice a machine has 30 s
TRIES = 8  # of what another try hardly mends, such as a file that may not be read: two minutes
FORGET_S = 900.0  # faults of so long ago count no more: a run may take days


class Shepherd:
    """One run, from the start of its machine to the last file."""

    def __init__(self, errand: Errand) -> None:
        self.errand = errand
        self.run, self.standing = errand.run, errand.standing
        self.messenger = Messenger(errand.run, errand.standing, errand.say)
        self._faults: list[OutsideError] = []
        self._faulted_at = 0.0
        self._host: ssh.Host | None = None

    def attend(self) -> None:
        """See the run to its end, through as many machines and attempts as it takes."""
        self.standing.renew(self.errand.memory.attempt)
        self.messenger.start()
        if self.standing.status.link.startswith(UNFOLLOWED):
            self.standing.link("connecting")
        while self.errand.memory.ended < self.errand.memory.attempt and len(self._faults) < TRIES:
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
                self._disk_is_full()
        if len(self._faults) < TRIES:
            ending.end(self.errand)
        else:
            self._leave(self._faults[-1])

    def _attempt(self) -> None:
        """One attempt, or what is left of it: to the machine, along with it, and back."""
        begun = self.errand.memory.begun >= self.errand.memory.attempt
        far = self._known() if begun else going.begin(self.errand)
        self._host = far.host
        self.messenger.carry_to(far)
        verdict = self._watched(far)
        bringing.back(self.errand, far, done=verdict.state == "done")
        if verdict.state == "preempted" and self.errand.memory.wish.keep_alive:
            self._wait_until_it_is_gone()
        self._conclude()

    def _watched(self, far: There) -> Status:
        """How it ended there; what a run left that ended without a word is fetched as well."""
        try:
            return Watch(self.errand, far).to_the_end()
        except Lost:
            bringing.back(self.errand, far, done=False)
            raise

    def _known(self) -> There:
        return there.of_run(self.errand.workspace, self.run, self.errand.place.host())

    # --- what may come between -----------------------------------------------------------------------------------

    def _wait_until_it_is_gone(self) -> None:
        """Until then it would be of no use to begin there again; raises Taken."""
        self.standing.link(f"{self.errand.place.name} is being taken back")
        end = time.monotonic() + GRACE_S
        while time.monotonic() < end:
            try:
                self.errand.place.check()
            except Taken as taken:
                taken.preempted |= not taken.for_good  # it was told so; the cloud's list may come later
                raise
            except Unavailable:  # the cloud, just now
                pass
            self.errand.pauses.sleep(1.0)
        raise Taken(f"{self.errand.place.name} was told that it would be taken back", preempted=True)

    def _taken(self, taken: Taken) -> None:
        """The machine is gone: that ends the attempt, unless the run is to go on by itself."""
        by_itself = self.errand.memory.wish.keep_alive and (taken.preempted or taken.runs)
        if not by_itself or self.errand.asked_to_stop():
            self._conclude("preempted" if taken.preempted else "stopped", taken.message, self._how_to_go_on(taken))
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
        if taken.runs:
            return f"footplate resume {self.run.id} goes on"
        if taken.preempted:
            return f"footplate resume {self.run.id} starts {self.errand.place.name} again and goes on"
        return f"footplate resume {self.run.id} starts it and fetches"

    def _trouble(self, error: OutsideError) -> None:
        """What is not to be had now is tried again for a while; the rest ends the run, if it has not begun."""
        known, again = self.errand.memory, f"footplate resume {self.run.id}"
        patient = known.wish.keep_alive or not (isinstance(error, StockOut) or self.errand.pauses.used_up)
        begun = known.begun >= known.attempt
        if begun and not isinstance(error, Unavailable):
            self._count(error)
        if begun or (isinstance(error, Unavailable) and patient):
            self._pause(error.message, error.hint)
        else:
            self._conclude("failed", error.message, f"{error.hint}; then {again}" if error.hint else again)

    def _count(self, error: OutsideError) -> None:
        if time.monotonic() - self._faulted_at > FORGET_S:
            self._faults.clear()
        self._faults.append(error)
        self._faulted_at = time.monotonic()

    def _disk_is_full(self) -> None:
        """While the run goes on there, we wait for room; afterwards its machine is not kept up for that."""
        words, hint = "the disk here is full", "make room"
        if self.standing.verdict:
            self._trouble(DiskFull(words, hint=hint))
        else:
            self._pause(words, f"{hint}: it goes on by itself")

    def _leave(self, error: OutsideError) -> None:
        """Nothing is lost: the run is as it was, and the machine may stop itself when nobody uses it."""
        again = f"footplate follow {self.run.id} tries again"
        self.standing.link(f"{UNFOLLOWED}: {error.message}", f"{error.hint}; {again}".removeprefix("; "))
        self._disconnect()
        self.errand.place.close()

    def _disconnect(self) -> None:
        """A connection that nobody uses would keep a machine from stopping itself."""
        if self._host:
            ssh.disconnect(self._host)

    def _pause(self, words: str, hint: str, *, quick: bool = False) -> None:
        """Wait, ever longer; a request to stop ends the wait, and before a run has begun the run."""
        pauses, known = self.errand.pauses, self.errand.memory
        seconds = pauses.next(quick=quick)
        at = time.strftime("%H:%M:%S", time.localtime(time.time() + seconds))
        tries = f"tried {pauses.count} times, " if pauses.count > 1 else ""
        self.standing.link(words, f"{hint}; {tries}next at {at}".removeprefix("; "))
        if self.standing.verdict:
            self._disconnect()
        pauses.sleep(seconds)
        if known.begun < known.attempt and self.errand.asked_to_stop():
            self._conclude("stopped", "stopped before it had begun there", f"footplate resume {self.run.id} starts it")

    def _conclude(self, state: str = "", error: str = "", hint: str = "") -> None:
        self.standing.conclude(state, error, hint)
        self.errand.keep(ended=self.errand.memory.attempt)
