"""The verb doctor: what works here, and the one-line fix for what does not."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from engine.checks import everything
from engine.commands.verb import Asked, Verb, answer

SIGNS = {"ok": "✓", "note": "·", "bad": "✗"}


def doctor(asked: Asked) -> int:
    """0 where nothing is bad, else 1."""
    found = []
    for finding in everything(Path(asked.workspace) if asked.workspace else None):
        found.append(finding)
        if not asked.json:
            fix = f"\n    → {finding.fix}" if finding.fix else ""
            print(f"{SIGNS[finding.state]} {finding.what:<19}{finding.state:<5} {finding.said}{fix}", flush=True)
    if asked.json:
        answer(asked, [asdict(finding) for finding in found], "")
    return 1 if any(finding.state == "bad" for finding in found) else 0


def _nothing(_parser: argparse.ArgumentParser) -> None:
    pass


VERBS = (Verb("doctor", "what works on this machine, and how to mend the rest", _nothing, doctor),)
