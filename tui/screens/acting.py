"""What can be done to runs, the same on every screen that shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from engine.errors import FootplateError
from engine.workspace import Workspace
from tui import actions
from tui.entries import Entry
from tui.format import several
from tui.lab import Undo
from tui.screens.base import FootplateScreen
from tui.services import acts, clipboard

NAMED = 6  # runs that a question names before it only counts the rest


class RunScreenActs(FootplateScreen, inherit_bindings=False):
    """A screen with runs on it; `targets` says which ones are meant."""

    def targets(self) -> Sequence[Entry]:
        """The runs that an action acts on."""
        raise NotImplementedError

    def copyable(self) -> str:
        """What `y` copies."""
        return "\n".join(entry.id for entry in self.targets())

    def facts(self) -> actions.Facts:
        undo = self.lab.undos[-1].what if self.lab.undos else ""
        return actions.Facts(tuple(entry.state for entry in self.targets()), undo=undo, copyable=self.copyable())

    def question(self, name: str) -> str:
        meant = self._meant(name)
        word = {"stop": "Stop", "archive": "Archive"}[name]
        lines = [f"  {entry.id}  {entry.name}" for entry in meant[:NAMED]]
        more = [f"  and {several(len(meant) - NAMED, 'more run')}"] if len(meant) > NAMED else []
        after = {
            "stop": "What it has done so far is kept; R goes on with it.",
            "archive": "It moves to the archive; z brings it back.",
        }[name]
        return "\n".join([f"{word} {several(len(meant), 'run')}?", "", *lines, *more, "", after])

    def _meant(self, name: str) -> list[Entry]:
        """The targets that an action can be done to."""
        return [entry for entry in self.targets() if not actions.BY_ID[name].why_not(actions.Facts((entry.state,)))]

    def _each(self, name: str, what: str, do: Callable[[str], str], then: Callable[[list[str]], None]) -> None:
        """Do something to each target in the background; the first fault is told after the others were done."""
        ids = [entry.id for entry in self._meant(name)]
        self.work(what, partial(_all, do, ids), lambda done: self._told(what, done, then))

    def _told(
        self, what: str, done: tuple[list[str], FootplateError | None], then: Callable[[list[str]], None]
    ) -> None:
        words, error = done
        if words:
            then(words)
        if error is not None:
            self.tell_error(what, error.message, error.hint)
        self.footplate.look_again()

    def _tell_all(self, words: list[str]) -> None:
        self.tell(words[0] if len(words) == 1 else f"{words[0]}\nand {len(words) - 1} more")

    # --- the actions ---------------------------------------------------------------------------------------------

    def do_open(self) -> None:
        if self.targets():
            self.footplate.open_run(self.targets()[0].id)

    def do_stop(self) -> None:
        self._each("stop", "stopping", partial(acts.stop, self.lab.workspace), self._tell_all)

    def do_resume(self) -> None:
        self._each("resume", "resuming", partial(acts.resume, self.lab.workspace), self._tell_all)

    def do_retry(self) -> None:
        def tell(ids: list[str]) -> None:
            self._tell_all([f"{run_id} is started" for run_id in ids])

        self._each("retry", "starting again", partial(acts.retry, self.lab.workspace), tell)

    def do_archive(self) -> None:
        ids = [entry.id for entry in self._meant("archive")]

        def tell(words: list[str]) -> None:
            undo = Undo(f"archiving {several(len(ids), 'run')}", partial(_restore, self.lab.workspace, ids))
            self.lab.undos.append(undo)
            self.tell(f"{several(len(words), 'run')} archived; z brings back")

        self._each("archive", "archiving", partial(acts.archive, self.lab.workspace), tell)

    def do_undo(self) -> None:
        undo = self.lab.undos.pop()

        def tell(words: str) -> None:
            self.tell(words)
            self.footplate.look_again()

        self.work(f"taking back {undo.what}", undo.take_back, tell)

    def do_edit(self) -> None:
        from tui.screens.edit import Edit

        entry = self.targets()[0]

        def change(given: tuple[tuple[str, ...], str] | None) -> None:
            if given is not None:
                label = partial(acts.label, self.lab.workspace, entry.id, *given)
                self.work("labelling", label, lambda before: self._labelled(entry, before.tags, before.note))

        self.app.push_screen(Edit(entry.name, entry.tags, entry.note), change)

    def _labelled(self, entry: Entry, tags: Sequence[str], note: str) -> None:
        def back() -> str:
            acts.label(self.lab.workspace, entry.id, tags, note)
            return f"{entry.name} has its old tags and note"

        self.lab.undos.append(Undo(f"labelling {entry.name}", back))
        self.tell(f"{entry.name} is labelled; z takes it back")
        self.footplate.look_again()

    def do_copy(self) -> None:
        self.copy_text(self.copyable())

    def copy_text(self, text: str) -> None:
        """Hand a text to the clipboard, through whatever lies between."""
        self.app.copy_to_clipboard(text)
        self.work("copying", partial(clipboard.to_tmux, text), lambda _: self.tell(f"copied {text}"))

    def do_log(self) -> None:
        self._open_at("log")

    def do_describe(self) -> None:
        self._open_at("about")

    def _open_at(self, pane: str) -> None:
        self.lab.pane = pane
        self.do_open()


def _all(do: Callable[[str], str], ids: Sequence[str]) -> tuple[list[str], FootplateError | None]:
    words, fault = [], None
    for run_id in ids:
        try:
            words.append(do(run_id))
        except FootplateError as error:
            fault = fault or error
    return words, fault


def _restore(workspace: Workspace, ids: Sequence[str]) -> str:
    for run_id in ids:
        acts.restore(workspace, run_id)
    return f"{several(len(ids), 'run')} brought back"
