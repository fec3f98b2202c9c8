"""The verb export: a job over many videos as a file for a scheduler that is not ours."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from engine.commands.act import split
from engine.commands.verb import Asked, Verb, answer, whole, workspace
from engine.errors import AskError

SUFFIXES = {"skypilot": "yaml", "batch": "json"}


def export(asked: Asked) -> int:
    """Write the file, and say what to do with it."""
    from engine import machines, presets
    from engine.exporting import batch, errand, skypilot
    from engine.files import write_atomic

    there = workspace(asked)
    name, words = split(asked.asked)
    text, source = presets.choose(there, asked.job, name)
    kinds = machines.settings(there).kinds
    if asked.kind not in kinds:
        raise AskError(f"no kind {asked.kind!r}", hint=f"machines.yaml has: {', '.join(kinds)}")
    if not asked.count:
        raise AskError("--count 0: nobody would do it", hint="1 or more")
    package = asked.package or errand.PACKAGE
    made = errand.make(there, asked.job, text, source, words, kinds[asked.kind], asked.count, package)
    writer = {"skypilot": skypilot, "batch": batch}[asked.scheduler]
    file = asked.out or Path(f"{made.name}.{SUFFIXES[asked.scheduler]}")
    afterwards = file.with_suffix(".spec.yaml")
    write_atomic(file, writer.text(made))
    write_atomic(afterwards, made.changed(engine="local"))
    # What stood for `latest` and other words stands in that spec, so that just those commits are found.
    then = [*writer.then(made, str(file)), f"footplate run {made.job} {shlex.quote(str(afterwards))}"]
    value = {"file": str(file), "spec": str(afterwards), "name": made.name, "commits": made.spec.compute.commits,
             "then": then}  # fmt: skip
    told = [f"{file} is written; then", *(f"  {line}" for line in then)]
    told.append("the last line when all is done: it finds what was committed, and writes the tables here")
    return answer(asked, value, "\n".join(told))


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("job", metavar="JOB", help="infer or extract")
    parser.add_argument("asked", metavar="FILE|key=value", nargs="*", help="as with run")
    parser.add_argument("--for", dest="scheduler", choices=sorted(SUFFIXES), required=True, help="for which scheduler")
    parser.add_argument("--kind", metavar="KIND", default="t4-spot", help="a kind of machines.yaml (t4-spot)")
    parser.add_argument("--count", metavar="N", type=whole, default=1, help="so many machines")
    parser.add_argument("--package", metavar="WORDS", default="", help="what pip installs there, as a wheel's address")
    parser.add_argument("--out", metavar="FILE", type=Path, help="the file to write")


VERBS = (Verb("export", "a job as a file for SkyPilot or Google Batch", _arguments, export),)
