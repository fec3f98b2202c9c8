"""What the launch screen asks and does: jobs, presets, checks of what is typed, the queue, the start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine import presets, registry, slots
from engine.run import held
from engine.workspace import Workspace
from tui.services.gate import Gate

if TYPE_CHECKING:
    from engine.faults import Fault
    from engine.remote.wish import Wish
    from engine.specs.common import Spec


@dataclass(frozen=True)
class Preset:
    """A commented YAML to begin with."""

    job: str
    name: str
    title: str
    text: str
    source: str


@dataclass(frozen=True)
class Checked:
    """What a check of the form found: faults as (line, words), and which queue the run would join."""

    faults: tuple[tuple[int | None, str], ...]
    queue: str = ""
    missing: tuple[str, ...] = ()  # files that it names and that are not there now
    loose: tuple[str, ...] = ()  # files of the code that no commit holds, where the run may not take them along


def all_presets(workspace: Workspace) -> list[Preset]:
    """The presets of every job; a job without any offers its defaults."""
    found = []
    for job in registry.JOBS.values():
        paths = presets.listing(workspace, job.name)
        found += [_preset(workspace, job, path.stem) for path in paths] or [_defaults(job)]
    return found


def _preset(workspace: Workspace, job: registry.Job, stem: str) -> Preset:
    text, source = presets.choose(workspace, job.name, stem)
    return Preset(job.name, stem, job.title, text, source)


def _defaults(job: registry.Job) -> Preset:
    from engine.config import dump

    spec, _faults = _attempt(job.name, "")
    text = dump(spec) if spec is not None else ""
    return Preset(job.name, job.name, job.title, text, f"defaults of {job.name}")


def check(workspace: Workspace, job: str, text: str, wish: Wish | None = None) -> Checked:
    """Every fault of a text, each with its line; where there is none, what is missing, whose turn comes before, or
    what goes along."""
    spec, faults = _attempt(job, text)
    if spec is None:
        return Checked(tuple((fault.line, str(fault)) for fault in faults))
    from engine import code, needed

    missing = tuple(map(str, needed.missing(workspace, registry.job(job), spec)))
    if wish is None:
        return Checked((), queue(job, spec.compute.device), missing)
    goes = f"a {wish.kind} is made for it, {wish.name}" if wish.kind else f"it goes to {wish.name}"
    return Checked((), goes, missing, () if wish.uncommitted else tuple(code.uncommitted()))


def start(gate: Gate, job: str, text: str, source: str, wish: Wish | None = None) -> str:
    """Start a run of a text, here or on a machine; its id."""

    def do() -> str:
        from engine import launch

        return launch.submit(gate.workspace, job, text, source, machine=wish).id

    there = f" --on {wish.name}{f' --kind {wish.kind}' * bool(wish.kind)} --then {wish.then}" if wish else ""
    there += " --keep-alive" * bool(wish and wish.keep_alive) + " --uncommitted" * bool(wish and wish.uncommitted)
    return gate.change(f"footplate run {job} --detach{there} (the form, from {source})", do)


def queue(job: str, wanted: str) -> str:
    """Which devices would serve, who holds them, and who waits for them."""
    from engine.errors import DeviceError
    from engine.host import visible_gpus

    gpus = visible_gpus()
    if wanted == "auto":
        wanted = "cuda" if gpus and registry.job(job).gpu else "cpu"
    try:
        fit = slots.fitting(wanted, slots.devices(gpus))
    except DeviceError as error:
        return f"{error.message}; {error.hint}"
    free = [name for name in fit if not held(slots.folder() / name)]
    waiting = sum(held(ticket) for ticket in slots.folder().glob("ticket-*"))
    if free and not waiting:
        return f"{free[0].replace('-', ' ')} is free: it starts at once"
    return f"{', '.join(name.replace('-', ' ') for name in fit)} in use; {waiting or 'nobody'} waiting before it"


def _attempt(job: str, text: str) -> tuple[Spec | None, list[Fault]]:
    from engine.config import attempt

    return attempt(registry.job(job).spec_class(), text)
