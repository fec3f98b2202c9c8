"""Open the screens: on a workspace, or on the demo with its run already moving."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from engine import workspace as workspaces
from engine.errors import FootplateError
from engine.workspace import Workspace
from tui.options import Options

if TYPE_CHECKING:
    from tui.app import FootplateApp


def screens(options: Options) -> int:
    """On the workspace that was named, or the one around the current folder."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _say(
            FootplateError("the screens need a terminal", hint="without one, every verb works: footplate --help")
        )
    try:
        if options.replay:
            return _replay(options)
        if options.demo:
            return _demo_lab(options)
        there = workspaces.at(Path(options.workspace)) if options.workspace else workspaces.find()
        return _open(there.root, None, options)
    except FootplateError as error:
        return _say(error)


def label(options: Options) -> int:
    """The screen for a coder alone."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _say(FootplateError("labelling needs a terminal", hint="without one: footplate code --help"))
    try:
        there = workspaces.at(Path(options.workspace)) if options.workspace else workspaces.find()
        from engine.annotations.saying import known

        known(there.settings, options.coder)
        from tui.alone import AloneApp

        return _run(AloneApp(there.root, None, options))
    except FootplateError as error:
        return _say(error)


def demo(words: list[str]) -> int:
    """Prepare the demo, start its jobs, and open the screens on the first; all go on when they are left."""
    from engine import demomachines
    from engine.__main__ import parser
    from engine.commands import demo as verb
    from engine.commands import demoruns

    asked = parser("footplate").parse_args(words)
    try:
        there = verb.prepare(asked)
        run = demoruns.start_all(there)[0]
    except FootplateError as error:
        return _say(error)
    with demomachines.beside(there.root):
        code = _open(there.root, run.id)
    verb.leave(asked, there)
    return code


def _open(root: Path, run_id: str | None, options: Options | None = None) -> int:
    gc.disable()  # all that is loaded until the first paint stays: looking through it for garbage takes a tenth of it
    from tui.app import FootplateApp

    options = options or Options()
    return _run(taped(root, run_id, options) if options.record else FootplateApp(root, run_id, options))


def _demo_lab(options: Options) -> int:
    """On a lab of its own, which is played by another process and ends with this one."""
    gc.disable()
    from tui.services.demolab import NAME, DemoLab
    from tui.services.watch import Watch

    lab = DemoLab(options.keep)
    try:
        app = _named(lab.root, options, NAME)
        watch = Watch("the demo lab", lab.step, app.post_message, what_to_do="leave, and open it again")
        app.call_later(app.call_after_refresh, watch.start)
        code = _run(app)
        watch.close()
        return code
    finally:
        print(lab.leave(), file=sys.stderr)


def _named(root: Path, options: Options, name: str) -> FootplateApp:
    if options.record:
        return taped(root, None, options, name)
    from tui.app import FootplateApp
    from tui.services.sources import Live

    return FootplateApp(root, None, options, Live(Workspace(root), name))


def taped(root: Path, run_id: str | None, options: Options, name: str = "footplate") -> FootplateApp:
    from tui.services.recording.recorded import Recorded
    from tui.services.recording.tape import Tape
    from tui.taped import TapedApp

    tape = Tape(options.record)
    return TapedApp(root, run_id, options, Recorded(Workspace(root), tape, name), tape)


def _replay(options: Options) -> int:
    gc.disable()
    from tui.replayed import opened

    return _run(opened(options))


def _run(app: FootplateApp) -> int:
    app.call_later(_collect_again)
    if path := os.environ.get("FOOTPLATE_LAG"):
        from tui import lag

        app.call_later(lag.watch, path)
    app.run()
    return app.return_code or 0


def _collect_again() -> None:
    gc.freeze()
    gc.enable()


def _say(error: FootplateError) -> int:
    print(f"footplate: {error}", file=sys.stderr)
    return error.exit_code
