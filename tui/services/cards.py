"""Reliability cards: computed in a process of their own, and kept in the workspace's cache until labels change."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.annotations import reliability
from engine.annotations.log import Log
from engine.errors import FootplateError
from engine.files import read_json, write_json
from engine.workspace import Workspace
from tui.cases import Cards

FORMAT = 1
NAME = "agreement.json"


def kept(workspace: Workspace) -> Cards | None:
    """The cards that were computed last, of whatever version of the log; None where there are none."""
    raw = read_json(_file(workspace))
    if raw.get("format") != FORMAT or not isinstance(raw.get("variables"), dict):
        return None
    return Cards(int(raw["version"]), raw["variables"])


def of(workspace: Workspace, keep: bool) -> Cards:
    """The cards of now: those that are kept where the log has not changed since, else new ones, which takes a second.

    Args:
        keep: whether anything may be written.
    """
    here = Workspace(workspace.root)
    with Log.open(here.labels, readonly=True) as log:
        version = log.version()
    known, asked = kept(here), _asked(here)
    if known is not None and known.version == version and read_json(_file(here)).get("asked") == asked:
        return known
    try:
        found = reliability.of_workspace(here)
    except FootplateError as error:
        return Cards(version, fault=f"{error.message}{f'  → {error.hint}' if error.hint else ''}")
    except Exception as error:  # noqa: BLE001 (whatever it is, the screen has to say so and not wait for ever)
        return Cards(version, fault=f"agreement: {type(error).__name__}: {error}")
    if keep:
        write_json(_file(here), {"format": FORMAT, "version": version, "asked": asked, "at": time.time(),
                                 "variables": found})  # fmt: skip
    return Cards(version, found)


def _asked(workspace: Workspace) -> dict[str, Any]:
    """What of the workspace the cards depend on beside the log."""
    return {name: [variable.level, *variable.labels] for name, variable in workspace.settings.variables.items()}


def _file(workspace: Workspace) -> Path:
    return workspace.cache / NAME


def line(workspace: Workspace) -> str:
    """Agreement in a line, for the Overview: what was computed last, and how much was decided since."""
    found = kept(workspace)
    if found is None:
        return ""
    with Log.open(workspace.labels, readonly=True) as log:
        newer = log.version() - found.version
    known = {name: of_it["all"] for name, of_it in found.variables.items() if of_it["all"]["units_both_coded"]}
    said = " · ".join(f"{name} {_said(card)}" for name, card in known.items()) or "no frame was labelled by two coders"
    return said + (f" ({newer:,} entries ago)" if newer > 0 else "")


def _said(card: Mapping[str, Any]) -> str:
    name = "alpha_ordinal" if card["level"] == "ordinal" else "alpha_nominal"
    alpha = "undefined" if card[name] is None else f"{card[name]:.3f}"
    return f"{card['percent']:.1%}, alpha {alpha} of {card['units_both_coded']}"
