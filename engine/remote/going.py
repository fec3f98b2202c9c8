"""To the machine: it is started or made, set up and sent everything, and the run begins; any step may be repeated."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from engine import code
from engine.errors import FootplateError
from engine.remote import inputs, place, restoring, sending, there
from engine.remote.errand import Errand
from engine.remote.inputs import Input
from engine.remote.there import There
from engine.run import Run
from vmops import remote, setup
from vmops.errors import StockOut
from vmops.setupcode import Origin
from vmops.ssh import Host


def begin(errand: Errand) -> There:
    """Whatever is not done yet of the way to an attempt that has begun there."""
    wanted = inputs.of_run(errand.workspace, errand.run)  # what is missing is told before anything costs
    errand.stop_if_asked()
    errand.standing.link("starting the machine" if errand.place.rented else "connecting")
    far = there.of_run(errand.workspace, errand.run, _reached(errand))
    seen = far.look()
    # What was to be made is there: where its zone has none left later, it is looked for elsewhere.
    errand.keep(boot=seen["boot"], kind=str(errand.place.facts().get("kind", "")), make="")
    if seen["status"].get("state") == "done":
        _only_fetch(errand, int(seen["status"].get("attempt", 1)))
    elif seen["status"].get("attempt", 0) < errand.memory.attempt:
        _send(errand, far, seen, wanted)
    errand.keep(begun=errand.memory.attempt)
    errand.pauses.reset()
    return far


def _only_fetch(errand: Errand, attempt: int) -> None:
    """It was done there while nobody followed: that attempt is the one that is wanted, and all of it is to come."""
    if attempt < errand.memory.attempt:
        errand.say(f"attempt {attempt} is done on {errand.place.name} already: what it made is fetched")
        errand.keep(attempt=attempt, begun=attempt, ended=attempt - 1)


def _reached(errand: Errand) -> Host:
    try:
        return errand.place.ready(errand.memory.make, errand.progress("starting the machine"))
    except StockOut as out:
        if errand.memory.wish.keep_alive and errand.memory.kind and not errand.memory.make:
            _look_elsewhere(errand, out)
        raise


def _look_elsewhere(errand: Errand, out: StockOut) -> None:
    """A machine that is stopped starts in its own zone only: another one is made, wherever there is one."""
    former, taken = errand.place.name, errand.place.names()
    base = re.sub(r"-\d+$", "", former)[:58]
    name = next(name for number in range(2, 1000) if (name := f"{base}-{number}") not in taken)
    errand.keep(wish=replace(errand.memory.wish, name=name), make=errand.memory.kind)
    errand.place.close()
    errand.place = place.of_name(errand.workspace, name)
    errand.standing.set(machine=name)
    errand.standing.add_flag(f"left_behind: {former} is stopped, and its disk costs: footplate vm delete {former}")
    errand.say(f"{out.message}; {name} is made in its stead, and the run goes on there from what is here of it")


def _send(errand: Errand, far: There, seen: dict[str, Any], wanted: list[Input]) -> None:
    known, ours = seen["sizes"], sending.has_older_work(errand.run, seen)
    errand.stop_if_asked()
    errand.standing.link("setting up")
    found = _prepared(errand, far.host)
    errand.say(f"code on {far.host.name}: {found.came_as}")
    errand.keep(code=f"{far.host.name}: {found.came_as}")
    for words in found.warnings:
        errand.standing.add_flag(f"{far.host.name}: {words}")
    errand.stop_if_asked()
    errand.standing.link("sending")
    sending.inputs(far, errand.run, wanted, errand.progress("sending"))
    if errand.memory.attempt > 1 and ours and sending.lacks(errand.run, known):
        restoring.work(errand.run, errand.say)
    sending.folder(far, errand.run, errand.memory.attempt, known, wanted, with_work=ours)
    errand.stop_if_asked()
    errand.standing.link("starting the run")
    _start(errand, far, found)


def _start(errand: Errand, far: There, found: setup.Prepared) -> None:
    """Its supervisor, at most once: who asks for this attempt again is told that it was started."""
    words = [found.python, "-P", "-m", "engine", "exec", "."]
    variables = {"PYTHONPATH": found.code_folder, "PYTHONUNBUFFERED": "1"}
    token = f"{errand.memory.attempt}-{errand.memory.asked}"
    remote.start(far.host, far.folder, words, variables, token=token, output="log.txt")


def _prepared(errand: Errand, host: Host) -> setup.Prepared:
    facts, record = errand.place.facts(), errand.run.record()
    folder = code.frozen(errand.workspace, record)
    if folder is None:
        where, hint = errand.workspace.runs / ".code", "footplate retry does it again with today's code"
        raise FootplateError(f"{errand.run.id}: its frozen code is gone from {where}", hint=hint)
    sent = setup.Code(folder, record["code"]["sha256"], code.CONTENTS, _origin(errand.run))
    return setup.prepare(
        host, code=sent, lock=code.HERE / "requirements.lock",
        python=facts.get("python", ""), gpu=facts.get("gpu", ""), watchdog=facts.get("watchdog"),
        say=errand.progress("setting up"),
    )  # fmt: skip


def _origin(run: Run) -> Origin | None:
    """The commit of a run's code; None where it was not made in a checkout, or ours is no longer one."""
    made, here = run.record()["code"], code.checkout()
    if here is None or not made.get("commit"):
        return None
    patch = run.folder / code.PATCH
    return Origin(here, str(made["commit"]), patch.read_bytes() if patch.exists() else b"")
