"""The verb settings: what counts, where the file is, what is wrong in it, and an example to begin with."""

from __future__ import annotations

import argparse
import json
from typing import Any

from engine import home, webhook
from engine import settings as known
from engine.commands.verb import Asked, Verb, answer
from engine.errors import AskError
from engine.files import write_atomic


def settings(asked: Asked) -> int:
    """What counts; 2 where the file has faults."""
    path = known.file()
    if asked.example:
        return answer(asked, {"example": known.EXAMPLE}, known.EXAMPLE.rstrip())
    if asked.write:
        if path.exists():
            raise AskError(f"{path} is there already", hint="edit it; footplate settings --example shows all keys")
        write_atomic(path, known.EXAMPLE)
    found, faults = known.read(path)
    values = _values(found)
    there = "" if path.exists() else " (not there: footplate settings --write makes it)"
    lines = [f"{home.short(path)}{there}", *(f"fault: {fault}" for fault in faults)]
    lines += [f"  {name}: {json.dumps(value) if isinstance(value, bool) else value}" for name, value in values.items()]
    answer(asked, {"file": str(path), "faults": faults, "settings": values}, "\n".join(lines))
    return AskError.exit_code if faults else 0


def _values(found: known.Settings) -> dict[str, Any]:
    """As texts, numbers and yes or no; the webhook, which is a secret, by its host alone."""
    plain = {name: ", ".join(value) if isinstance(value, tuple) else value for name, value in vars(found).items()}
    return {**plain, "webhook_url": webhook.shown(found.webhook_url) if found.webhook_url else ""}


def _settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--example", action="store_true", help="print all keys with comments")
    parser.add_argument("--write", action="store_true", help="write that where there is no file yet")


VERBS = (Verb("settings", "your settings of the screens: what counts, and what is wrong", _settings, settings),)
