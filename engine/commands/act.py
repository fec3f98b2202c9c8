"""Verbs that change something: run, resume, retry, follow, stop, archive, label."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine import archive as archives
from engine import labels, presets
from engine.commands.elsewhere import machine, wish
from engine.commands.follow import follow
from engine.commands.see import full
from engine.commands.verb import Asked, Verb, answer, names_run, say, the_run, workspace
from engine.errors import AskError, RunError
from engine.run import UNFOLLOWED, Run, find, request_stop


def run(asked: Asked) -> int:
    """Start a job; in the foreground its progress is shown until it ends."""
    from engine import launch, registry

    there = workspace(asked)
    registry.job(asked.job)
    file, overrides = split(asked.asked)
    text, source = presets.choose(there, asked.job, file)
    return _started(asked, launch.submit(there, asked.job, text, source, overrides, wish(asked)))


def split(asked: list[str]) -> tuple[str | None, list[str]]:
    """A file and `key=value`s, in any order."""
    files = [word for word in asked if "=" not in word or Path(word).is_file()]
    if len(files) > 1:
        raise AskError(f"expected one FILE, got {', '.join(files)}", hint="everything else is key=value")
    return (files[0] if files else None), [word for word in asked if word not in files]


def retry(asked: Asked) -> int:
    """A new run of the same spec, with today's code."""
    from engine import launch

    run = the_run(asked)
    return _started(asked, launch.retry(workspace(asked), run, wish(asked, run)))


def resume(asked: Asked) -> int:
    """Go on with a run that was stopped, failed or lost."""
    from engine import launch

    run = the_run(asked) if asked.from_bucket is None else _taken_back(asked)
    said = run.events.stat().st_size if run.events.exists() else 0
    return _started(asked, launch.resume(workspace(asked), run, wish(asked, run), say), said)


def _taken_back(asked: Asked) -> Run:
    """The run with the checkpoints that a bucket has of it, whether it was here before or not."""
    from engine import takeback

    try:
        run = the_run(asked)
    except RunError:  # it was never here
        return takeback.whole(workspace(asked), asked.run, asked.from_bucket, say)
    if not (run.spec.is_file() and run.status_file.is_file()):  # a taking back that was killed
        return takeback.whole(workspace(asked), run.id, asked.from_bucket, say)
    takeback.work(run, asked.from_bucket, say)
    return run


def follow_(asked: Asked) -> int:
    """Show a run from now on; of one on a machine that nobody follows, its copy here goes on as well."""
    from engine.remote import following

    run = the_run(asked)
    if run.status().link == UNFOLLOWED:
        following.start(workspace(asked), run)
    said = run.events.stat().st_size if run.events.exists() else 0
    return _started(asked, run, said)


def _started(asked: Asked, run: Run, said: int = 0) -> int:
    if asked.detach:
        return answer(asked, {"id": run.id}, run.id)
    if not asked.json:
        say(f"{run.id} (ctrl-c asks it to stop)")
    code = follow(run, since=said, quiet=asked.json)
    if asked.json:
        answer(asked, full(asked, run), "")
    return code


def stop(asked: Asked) -> int:
    """Ask a run to stop at its next checkpoint."""
    run = the_run(asked)
    request_stop(run, now=asked.now)
    return answer(
        asked, {"id": run.id, "asked": "stop"}, f"{run.id} was asked to stop; footplate resume {run.id} goes on"
    )


def archive(asked: Asked) -> int:
    """Put an ended run out of sight, or back."""
    run = find(workspace(asked), asked.run, archived=asked.undo)
    move = archives.restore if asked.undo else archives.archive
    moved = move(workspace(asked), run)
    return answer(asked, {"id": run.id, "folder": str(moved.folder)}, f"{run.id} → {moved.folder}")


def label(asked: Asked) -> int:
    """Tags and a note."""
    now = labels.change(the_run(asked), add=asked.add, remove=asked.remove, note=asked.note)
    value = {"tags": list(now.tags), "note": now.note}
    return answer(asked, value, f"{' '.join(now.tags) or 'no tags'}{': ' + now.note if now.note else ''}")


def _detach(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--detach", "-d", action="store_true", help="start it and return at once")


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("job", metavar="JOB", help="footplate jobs lists them")
    parser.add_argument("asked", metavar="FILE | key=value", nargs="*", help="a YAML file or preset, and changes to it")
    machine(parser)
    _detach(parser)


def _again(parser: argparse.ArgumentParser) -> None:
    names_run(parser)
    machine(parser)
    _detach(parser)


def _resume(parser: argparse.ArgumentParser) -> None:
    _again(parser)
    parser.add_argument(
        "--from-bucket", metavar="URL", nargs="?", const="", help="take its checkpoints from there, or from where its "
        "spec says, in the place of those here; the run need not be here yet",
    )  # fmt: skip


def _follow(parser: argparse.ArgumentParser) -> None:
    names_run(parser)
    _detach(parser)


def _stop(parser: argparse.ArgumentParser) -> None:
    names_run(parser)
    parser.add_argument("--now", action="store_true", help="do not wait for a checkpoint")


def _archive(parser: argparse.ArgumentParser) -> None:
    names_run(parser)
    parser.add_argument("--undo", action="store_true", help="bring it back")


def _label(parser: argparse.ArgumentParser) -> None:
    names_run(parser)
    parser.add_argument("--add", nargs="+", default=[], metavar="TAG")
    parser.add_argument("--remove", nargs="+", default=[], metavar="TAG")
    parser.add_argument("--note", help="replaces the note")


VERBS = (
    Verb("run", "start a job", _run, run),
    Verb("stop", "ask a run to stop at its next checkpoint", _stop, stop),
    Verb("resume", "go on with a run that was stopped, failed or lost", _resume, resume),
    Verb("retry", "the same again as a new run, with today's code", _again, retry),
    Verb("follow", "show a run until it ends; one on a machine is copied on, where nobody does so", _follow, follow_),
    Verb("archive", "put an ended run out of sight, or back", _archive, archive),
    Verb("label", "tags and a note of a run; with --coder NAME: the screen on which NAME labels frames", _label, label),
)
