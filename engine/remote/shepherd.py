"""The shepherd of a run that is elsewhere: brings it to its machine, copies what it says, fetches what it made.

It may be killed at any moment. Each step first looks how things are, so the next shepherd goes on from there; on the
machine nothing depends on it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from engine import code, registry
from engine.errors import FootplateError, Stopped
from engine.files import disk_is_full
from engine.remote import fetching, inputs, memory, patience, place, sending, there, watching
from engine.remote.ending import Ending
from engine.remote.errors import Lost, Taken
from engine.remote.memory import Memory
from engine.remote.messenger import Messenger
from engine.remote.place import Place
from engine.remote.standing import Standing
from engine.remote.there import There
from engine.run import Run
from engine.workspace import Workspace
from vmops import remote, setup
from vmops.errors import OutsideError, StockOut, Unavailable
from vmops.ssh import Host

GRACE_S = 90.0  # after its notice a machine has 30 s


class Shepherd:
    """One run, from the start of its machine to the last file."""

    def __init__(self, workspace: Workspace, run: Run, say: Callable[[str], None]) -> None:
        self.workspace, self.run, self.say = workspace, run, say
        self.memory: Memory = memory.recall(run)
        self.standing = Standing(run, self.memory.wish.name, say)
        self.place: Place = place.of_name(workspace, self.memory.wish.name)
        self.messenger = Messenger(run, self.standing, say)
        self.pauses = patience.Pauses(self._asked_to_stop)

    def attend(self) -> None:
        """See the run to its end, through as many machines and attempts as it takes."""
        self.standing.renew(self.memory.attempt)
        self.messenger.start()
        while self.memory.ended < self.memory.attempt:
            try:
                self._attempt()
            except Stopped as stopped:
                self._conclude("stopped", stopped.message, f"footplate resume {self.run.id} starts it")
            except Taken as taken:
                self._taken(taken)
            except Lost as lost:
                self._conclude("failed", lost.message, lost.hint)
            except FootplateError as error:
                self._conclude("failed", error.message, error.hint)
            except OutsideError as error:
                self._trouble(error)
            except OSError as error:
                if not disk_is_full(error):
                    raise
                self._pause("the disk here is full", "make room: it goes on by itself")
        Ending(self.workspace, self.run, self.standing, self.place, self.memory, self.pauses, self.say).end()

    def _attempt(self) -> None:
        """One attempt, or what is left of it: to the machine, along with it, and back."""
        begun = self.memory.begun >= self.memory.attempt
        far = self._known() if begun else self._begin()
        self.messenger.carry_to(far)
        watching.Watch(self.run, far, self.standing, self.place, self.memory, self.pauses, self.say).to_the_end()
        self._fetch(far)
        verdict = self.standing.verdict
        assert verdict is not None
        if verdict.state == "preempted" and self.memory.wish.keep_alive:
            self._wait_until_it_is_gone()
        self._conclude()

    def _wait_until_it_is_gone(self) -> None:
        """Until then it would be of no use to begin there again; raises Taken."""
        self.standing.link(f"{self.place.name} is being taken back")
        end = time.monotonic() + GRACE_S
        while time.monotonic() < end:
            with suppress(Unavailable):
                self.place.check()
            self.pauses.sleep(1.0)
        raise Taken(f"{self.place.name} was told that it would be taken back")

    # --- to the machine ------------------------------------------------------------------------------------------

    def _known(self) -> There:
        return there.of_run(self.workspace, self.run, self.place.host())

    def _begin(self) -> There:
        """Start the machine, set it up, send everything, start the run: whatever of this is not done yet."""
        wanted = inputs.of_run(self.workspace, self.run)  # what is missing is told before anything costs
        self._stop_if_asked()
        self.standing.link("starting the machine" if self.place.rented else "connecting")
        far = there.of_run(self.workspace, self.run, self._reached())
        seen = far.look()
        self.memory = memory.keep(self.run, self.memory, boot=seen["boot"], kind=self._kind())
        if seen["status"].get("attempt", 0) < self.memory.attempt:
            self._stop_if_asked()
            self._send(far, seen["sizes"], wanted)
        self.memory = memory.keep(self.run, self.memory, begun=self.memory.attempt)
        self.pauses.reset()
        return far

    def _kind(self) -> str:
        return str(self.place.facts().get("kind", ""))

    def _reached(self) -> Host:
        try:
            return self.place.ready(self.memory.make, self._progress("starting the machine"))
        except StockOut as out:
            if not self.memory.wish.keep_alive or self.memory.make or not self.memory.kind:
                raise
            self._look_elsewhere(out)
            raise

    def _look_elsewhere(self, out: StockOut) -> None:
        """A machine that is stopped starts in its own zone only: another one is made wherever there is one."""
        former, taken = self.place.name, self.place.names()
        base = re.sub(r"-\d+$", "", former)[:58]
        name = next(name for number in range(2, 1000) if (name := f"{base}-{number}") not in taken)
        wish = replace(self.memory.wish, name=name)
        self.memory = memory.keep(self.run, self.memory, wish=wish, make=self.memory.kind)
        self.place.close()
        self.place = place.of_name(self.workspace, name)
        self.standing.set(machine=name)
        self.standing.add_flag(f"left_behind: {former} is stopped, and its disk costs: footplate vm delete {former}")
        self.say(f"{out.message}; {name} is made in its stead, and the run goes on there from what is here of it")

    def _send(self, far: There, known: dict[str, int], wanted: list[inputs.Input]) -> None:
        self.standing.link("setting up")
        found = self._prepare(far.host)
        self._stop_if_asked()
        self.standing.link("sending")
        say = self._progress("sending")
        sending.inputs(far, self.run, wanted, say)
        sending.folder(far, self.run, self.memory.attempt, known, wanted)
        self._stop_if_asked()
        self.standing.link("starting the run")
        words = [found.python, "-P", "-m", "engine", "exec", "."]
        variables = {"PYTHONPATH": found.code_folder, "PYTHONUNBUFFERED": "1"}
        remote.start(
            far.host, far.folder, words, variables, token=f"{self.memory.attempt}-{self.memory.asked}", output="log.txt"
        )

    def _prepare(self, host: Host) -> setup.Prepared:
        facts = self.place.facts()
        record = self.run.record()
        folder = code.frozen(self.workspace, record)
        if folder is None:
            hint = "footplate retry does it again with today's code"
            raise FootplateError(
                f"{self.run.id}: its frozen code is gone from {self.workspace.runs / '.code'}", hint=hint
            )
        return setup.prepare(
            host, code=setup.Code(folder, sha256=record["code"]["sha256"]), lock=code.HERE / "requirements.lock",
            python=facts.get("python", ""), gpu=facts.get("gpu", ""), watchdog=facts.get("watchdog"),
            say=self._progress("setting up"),
        )  # fmt: skip

    # --- and back ------------------------------------------------------------------------------------------------

    def _fetch(self, far: There) -> None:
        """Fetch everything that the machine has of the run, and put into the workspace what belongs there."""
        verdict = self.standing.verdict
        assert verdict is not None
        self.standing.link("fetching")
        done = verdict.state == "done"
        fetching.artifacts(far, self.run, self._progress("fetching"), strict=done)
        if not done:
            fetching.work(far, self.run, self._progress("fetching"))
            return
        fetching.forget_work(self.run)
        self._publish(far)

    def _publish(self, far: There) -> None:
        entry = registry.job(self.run.job).publish
        if not entry:
            return
        try:
            registry.load(entry)(self.workspace, self.run, far)
        except FootplateError as error:
            assert self.standing.verdict is not None
            flag = f"not_published: {error.message}; {error.hint}"
            self.say(flag)
            self.standing.add_flag(flag)

    # --- what may come between -----------------------------------------------------------------------------------

    def _taken(self, taken: Taken) -> None:
        """The machine is gone: that ends the attempt, unless it is to go on by itself."""
        if not self.memory.wish.keep_alive or taken.meant or self._asked_to_stop():
            hint = f"footplate resume {self.run.id} starts {self.place.name} again and goes on"
            if taken.for_good:
                hint = f"footplate resume {self.run.id} --on MACHINE goes on elsewhere, from what is here of it"
            self._conclude("preempted", taken.message, hint)
            return
        status = self.standing.status
        self.say(f"{taken.message}; --keep-alive goes on with attempt {max(status.attempt, self.memory.begun) + 1}")
        following = max(status.attempt, self.memory.begun) + 1
        make = self.memory.kind if taken.for_good else self.memory.make
        self.memory = memory.keep(self.run, self.memory, attempt=following, make=make)
        self.standing.renew(following)
        self._pause(taken.message, "it is started again when it can be", quick=True)

    def _trouble(self, error: OutsideError) -> None:
        """What is not to be had now is tried again for a while; the rest ends the run, if it has not begun."""
        begun = self.memory.begun >= self.memory.attempt
        worth_it = isinstance(error, Unavailable) and (self.memory.wish.keep_alive or not isinstance(error, StockOut))
        if begun or (worth_it and (self.memory.wish.keep_alive or not self.pauses.used_up)):
            self._pause(error.message, error.hint)
        else:
            hint = f"{error.hint}; then footplate resume {self.run.id}" if error.hint else ""
            self._conclude("failed", error.message, hint)

    def _pause(self, words: str, hint: str, *, quick: bool = False) -> None:
        """Wait, ever longer; a request to stop ends the wait, and before a run has begun the run."""
        seconds = self.pauses.next(quick=quick)
        at = time.strftime("%H:%M:%S", time.localtime(time.time() + seconds))
        tries = f"tried {self.pauses.count} times, " if self.pauses.count > 1 else ""
        self.standing.link(words, f"{hint}; {tries}next at {at}".removeprefix("; "))
        self.pauses.sleep(seconds)
        if self.memory.begun < self.memory.attempt:
            self._stop_if_asked_later()

    def _conclude(self, state: str = "", error: str = "", hint: str = "") -> None:
        self.standing.conclude(state, error, hint)
        self.memory = memory.keep(self.run, self.memory, ended=self.memory.attempt)

    def _asked_to_stop(self) -> bool:
        return self.run.stop.exists()

    def _stop_if_asked(self) -> None:
        if self._asked_to_stop():
            raise Stopped("stopped before it had begun")

    def _stop_if_asked_later(self) -> None:
        if self._asked_to_stop():
            self._conclude("stopped", "stopped before it had begun", f"footplate resume {self.run.id} starts it")

    def _progress(self, step: str) -> Callable[[str], None]:
        """How a step comes along, in the link's words."""

        def said(words: str) -> None:
            self.standing.set(link=words if words.startswith(step) else f"{step}: {words}")

        return said
