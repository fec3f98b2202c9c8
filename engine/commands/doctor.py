"""The verb doctor: what works here, and the one-line fix for what does not."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import chain
from pathlib import Path

from engine.checks import Finding, everything
from engine.commands.verb import Asked, Verb, answer

SIGNS = {"ok": "✓", "note": "·", "bad": "✗"}
MORE: list[Callable[[], Iterator[Finding]]] = []  # what else whoever hands over this verb looks at


def doctor(asked: Asked) -> int:
    """0 where nothing is bad, else 1."""
    found = []
    start = Path(asked.workspace) if asked.workspace else None
    for finding in chain(everything(start), *(more() for more in MORE)):
        found.append(finding)
        if not asked.json:
            print(_plain(finding) if asked.plain else _line(finding), flush=True)
    if asked.json:
        answer(asked, [asdict(finding) for finding in found], "")
    return 1 if any(finding.state == "bad" for finding in found) else 0


def _line(finding: Finding) -> str:
    fix = f"\n    → {finding.fix}" if finding.fix else ""
    return f"{SIGNS[finding.state]} {finding.what:<19}{finding.state:<5} {finding.said}{fix}"


def _plain(finding: Finding) -> str:
    fix = f"\nfix: {finding.fix}" if finding.fix else ""
    return f"{finding.what}: {finding.state}, {finding.said}{fix}\n"


def _nothing(_parser: argparse.ArgumentParser) -> None:
    pass


VERBS = (Verb("doctor", "what works on this machine, and how to mend the rest", _nothing, doctor),)
