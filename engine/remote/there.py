"""A run's folder on its machine, and what is asked about it there."""

from __future__ import annotations

import hashlib
import json
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.run import Run
from engine.workspace import Workspace
from vmops import ssh
from vmops.errors import Broken
from vmops.ssh import Host

BASE = "footplate/workspaces"
_PROGRAM = Path(__file__).with_name("far.py")


def workspace_folder(workspace: Workspace) -> str:
    """The folder of a workspace on every machine, below HOME: its name, and what tells it from others of that name."""
    name = re.sub(r"[^a-z0-9]+", "-", workspace.root.name.lower()).strip("-")[:40] or "study"
    who = f"{socket.gethostname()}:{workspace.root.resolve()}"
    return f"{BASE}/{name}-{hashlib.sha256(who.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class There:
    """A run on a machine; folders are below HOME."""

    host: Host
    workspace: str
    run_id: str

    @property
    def folder(self) -> str:
        return f"{self.workspace}/runs/{self.run_id}"

    def look(self) -> dict[str, Any]:
        """How it stands: alive, status, sizes of its files, boot, clock, other runs at work."""
        return self._ask("look", folder=self.folder)

    def stop(self, asked: dict[str, Any]) -> None:
        """Pass on a request to stop."""
        self._ask("stop", folder=self.folder, asked=asked)

    def place(self, source: str, target: str) -> None:
        """Put a database in place of another."""
        self._ask("place", source=f"{self.workspace}/{source}", target=f"{self.workspace}/{target}")

    def ready(self, status: dict[str, Any], places: dict[str, str]) -> None:
        """Make its folder fit for the next attempt."""
        self._ask("ready", folder=self.folder, status=status, places=places)

    def _ask(self, what: str, **words: Any) -> dict[str, Any]:
        text = _PROGRAM.read_text(encoding="utf-8")
        done = ssh.run(self.host, ["python3", "-c", text, what], data=json.dumps(words).encode())
        try:
            answer = json.loads(done.out)
        except ValueError:
            said = done.text[:200]
            raise Broken(
                f"{self.host.name}: {what} answered {said!r}", hint="does a login script print there?"
            ) from None
        assert isinstance(answer, dict)
        return answer


def of_run(workspace: Workspace, run: Run, host: Host) -> There:
    """Where a run is on a machine."""
    return There(host, workspace_folder(workspace), run.id)
