"""The end of a run that was elsewhere: everything is here, and its machine is kept, stopped or deleted."""

from __future__ import annotations

from collections.abc import Callable

from engine.remote import memory, there
from engine.remote.memory import Memory
from engine.remote.patience import Pauses
from engine.remote.place import Place
from engine.remote.standing import Standing
from engine.run import Run, listing
from engine.workspace import Workspace
from vmops import ssh
from vmops.errors import OutsideError, Unavailable


class Ending:
    """What is left to do when the verdict is here."""

    def __init__(
        self, workspace: Workspace, run: Run, standing: Standing, place: Place, known: Memory, pauses: Pauses,
        say: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.workspace, self.run, self.standing, self.place = workspace, run, standing, place
        self.known, self.pauses, self.say = known, pauses, say
        pauses.reset()

    def end(self) -> None:
        """Do with the machine what was wished, however often it takes; then nothing is left to do."""
        then = self._then()
        while then != "keep":
            self.standing.link("stopping the machine" if then == "stop" else "deleting the machine")
            try:
                self._leave()
                self.place.end(then, self.say)
                break
            except Unavailable as error:
                seconds = self.pauses.next()
                self.standing.link(f"the machine goes on: {error.message}", f"{error.hint}; or footplate vm {then}")
                self.pauses.sleep(seconds)
            except OutsideError as error:
                self.say(f"{self.place.name} could not be asked to {then}: {error.message}; {error.hint}")
                self.standing.add_flag(f"machine_goes_on: {self.place.name}: {error.message}; {error.hint}")
                break
        self.place.close()
        self.standing.link("")

    def _then(self) -> str:
        """What becomes of the machine; it stays while others work there, and nothing is deleted that is not here."""
        then = self.known.wish.then
        if then == "keep" or not self.place.rented:
            return "keep"
        if others := self._others():
            self.say(f"{self.place.name} goes on for {', '.join(others)}")
            return "keep"
        if then == "delete" and self.standing.status.state != "done":
            self.say(f"{self.place.name} is stopped and not deleted: the run is not done, and may go on there")
            return "stop"
        return then

    def _others(self) -> list[str]:
        """Runs that are about this machine: of this workspace, and those that are at work there."""
        ours = [
            run.id
            for run in listing(self.workspace)
            if run.id != self.run.id and _is_on(run, self.place.name) and run.status().active
        ]
        try:
            far = there.of_run(self.workspace, self.run, self.place.host())
            return sorted({*ours, *far.look()["others"]})
        except Exception as error:  # noqa: BLE001 (then the machine is down, or it cannot be asked)
            self.say(f"who else works on {self.place.name} is not known: {error}")
            return ours

    def _leave(self) -> None:
        """End the shared connection, which would hang when the machine goes."""
        try:
            ssh.disconnect(self.place.host())
        except Exception as error:  # noqa: BLE001 (there may be no connection to end)
            self.say(f"disconnecting: {error}")


def _is_on(run: Run, name: str) -> bool:
    return run.status().machine == name and memory.recall(run).wish.name == name
