"""Providers by their name; each is loaded when it is opened, in the process that speaks with its cloud."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vmops.errors import Refused, Unavailable
from vmops.provider import Call, Provider
from vmops.settings import Settings

ENTRIES = {"gce": "vmops.gcp.gce:Gce"}


def unheard(call: Call) -> None:
    """Where nobody listens to what the cloud is asked."""


def open_provider(settings: Settings, folder: Path, called: Callable[[Call], None] = unheard) -> Provider:
    """The provider that the settings name, with its journal and audit in a folder."""
    if settings.provider not in ENTRIES:
        raise Refused(
            f"no provider {settings.provider!r}", hint=f"there are {', '.join(ENTRIES)}: configs/machines.yaml"
        )
    provider: Provider = load(ENTRIES[settings.provider])(settings, folder, called)
    return provider


def load(entry: str) -> Any:
    """What `module:name` stands for; Unavailable where a package that it needs is not installed."""
    module, _, name = entry.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("google", "obstore"):
            raise
        raise Unavailable(f"{error.name} is not installed", hint="pip install 'footplate[cloud]'") from None
