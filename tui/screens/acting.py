"""What can be done to runs, the same on every screen that shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from engine.errors import FootplateError
from tui import actions
from tui.entries import Entry
from tui.format import several
from tui.lab import Undo
from tui.screens.undoing import Undoing
from tui.services import acts
from tui.services.gate import Gate

NAMED = 6  # runs that a question names before it only counts the rest
QUESTIONS = {  # the verb, and what happens then
    "stop": ("Stop", "What it has done so far is kept; {resume} goes on with it."),
    "archive": ("Archive", "It moves to the archive; {undo} brings it back."),
    "resume": ("Resume", "It goes on from its last checkpoint, on this machine."),
    "retry": ("Start again", "The same spec, as a new run on this machine."),
}
Act = Callable[[Gate, str], str]
Done = tuple[str, str]  # a run's id, and what was done


class RunScreenActs(Undoing, inherit_bindings=False):
    """A screen with runs on it; `targets` says which ones are meant."""

    _named: Sequence[str] = ()  # ids of the runs that the last question was about

    def targets(self) -> Sequence[Entry]:
        """The runs that an action acts on."""
        raise NotImplementedError

    def copyable(self) -> str:
        """What `y` copies."""
        return "\n".join(entry.id for entry in self.targets())

    def facts(self) -> actions.Facts:
        return actions.Facts(
            tuple(entry.state for entry in self.targets()),
            undo=self.undo,
            copyable=self.copyable(),
            read_only=self.lab.gate.closed,
        )

    def question(self, name: str) -> str:
        if name not in QUESTIONS:
            return super().question(name)
        meant = self._meant(name)
        self._named = [entry.id for entry in meant]
        lines = [f"  {entry.id}  {entry.name}" for entry in meant[:NAMED]]
        more = [f"  and {several(len(meant) - NAMED, 'more run')}"] if len(meant) > NAMED else []
        word, after = QUESTIONS[name]
        return "\n".join([f"{word} {several(len(meant), 'run')}?", "", *lines, *more, "", self.lab.worded(after)])

    def _meant(self, name: str) -> list[Entry]:
        """The targets that an action can be done to."""
        return [entry for entry in self.targets() if not actions.BY_ID[name].why_not(actions.Facts((entry.state,)))]

    def _each(self, name: str, what: str, do: Act, then: Callable[[list[Done]], None]) -> None:
        """Do something to each target in the background; the first fault is told after the others were done."""
        # The runs that the question named: meanwhile the cursor may have had to go to another one.
        self.work(
            what, partial(_all, partial(do, self.lab.gate), self._named), lambda done: self._told(what, done, then)
        )

    def _told(
        self, what: str, done: tuple[list[Done], FootplateError | None], then: Callable[[list[Done]], None]
    ) -> None:
        said, error = done
        if said:
            then(said)
        if error is not None:
            self.tell_error(what, error.message, error.hint)
        self.footplate.look_again()

    def _tell_all(self, done: list[Done]) -> None:
        words = done[0][1]
        self.tell(words if len(done) == 1 else f"{words}\nand {len(done) - 1} more")

    # --- the actions ---------------------------------------------------------------------------------------------

    def do_open(self) -> None:
        if self.targets():
            self.footplate.open_run(self.targets()[0].id)

    def do_stop(self) -> None:
        self._each("stop", "stopping", acts.stop, self._tell_all)

    def do_resume(self) -> None:
        self._each("resume", "resuming", acts.resume, self._tell_all)

    def do_retry(self) -> None:
        def tell(done: list[Done]) -> None:
            self._tell_all([(run_id, f"{new_id} is started") for run_id, new_id in done])

        self._each("retry", "starting again", acts.retry, tell)

    def do_archive(self) -> None:
        def tell(done: list[Done]) -> None:
            runs = several(len(done), "run")
            back = partial(_restore, self.lab.gate, [run_id for run_id, _ in done])
            self.lab.undos.append(Undo(f"archiving {runs}", back))
            self.tell(self.lab.worded(f"{runs} archived; {{undo}} brings back"))

        self._each("archive", "archiving", acts.archive, tell)

    def do_edit(self) -> None:
        from tui.screens.edit import Edit

        entry = self.targets()[0]

        def change(given: tuple[tuple[str, ...], str] | None) -> None:
            if given is not None:
                label = partial(acts.label, self.lab.gate, entry.id, *given)
                self.work("labelling", label, lambda before: self._labelled(entry, before.tags, before.note))

        self.app.push_screen(Edit(entry.name, entry.tags, entry.note), change)

    def _labelled(self, entry: Entry, tags: Sequence[str], note: str) -> None:
        def back() -> str:
            acts.label(self.lab.gate, entry.id, tags, note)
            return f"{entry.name} has its old tags and note"

        self.lab.undos.append(Undo(f"labelling {entry.name}", back))
        self.tell(f"{entry.name} is labelled; {self.lab.worded('{undo}')} takes it back")
        self.footplate.look_again()

    def do_copy(self) -> None:
        self.copy_text(self.copyable())

    def copy_text(self, text: str) -> None:
        """Hand a text to the clipboard, through whatever lies between; the app tells which way it went."""
        self.app.copy_to_clipboard(text)

    def do_log(self) -> None:
        self._open_at("log")

    def do_describe(self) -> None:
        self._open_at("about")

    def _open_at(self, pane: str) -> None:
        self.lab.pane = pane
        self.do_open()


def _all(do: Callable[[str], str], ids: Sequence[str]) -> tuple[list[Done], FootplateError | None]:
    done, fault = [], None
    for run_id in ids:
        try:
            done.append((run_id, do(run_id)))
        except FootplateError as error:
            fault = fault or error
    return done, fault


def _restore(gate: Gate, ids: Sequence[str]) -> str:
    for run_id in ids:
        acts.restore(gate, run_id)
    return f"{several(len(ids), 'run')} brought back"
