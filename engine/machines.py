"""The machines of a workspace: what `configs/machines.yaml` says of them, and where they are asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import AskError, FootplateError, WorkspaceError
from engine.workspace import Workspace
from vmops.errors import NotFound, OutsideError, Refused

if TYPE_CHECKING:
    from vmops.desk import Desk
    from vmops.provider import Call, Machine
    from vmops.settings import Settings
    from vmops.ssh import Host

FILE = "machines.yaml"


class MachineError(FootplateError):
    """Something outside did not work: a cloud, a machine, a connection."""


def file(workspace: Workspace) -> Path:
    """Where it is said."""
    return workspace.configs / FILE


def settings(workspace: Workspace) -> Settings:
    """What it says; SpecError names every fault in it."""
    from engine.config import parse
    from engine.specs.machines import Machines

    path = file(workspace)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise WorkspaceError(
            f"{path} is not there", hint="footplate vm settings --write makes it, with every key explained"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"{path}: cannot be read: {error}") from None
    return parse(Machines, text, str(path)).value()


def desk(workspace: Workspace, called: Callable[[Call], None] | None = None) -> Desk:
    """Where machines are asked about: a process of its own speaks with the cloud. To be closed after use."""
    from vmops.desk import Desk
    from vmops.providers import unheard

    return Desk(settings(workspace), workspace.machines, called or unheard)


provider = desk


def host(workspace: Workspace, machine: Machine | str) -> Host:
    """How ssh finds a machine: a rented one as the cloud told of it, or by name one that is always there."""
    from vmops import hosts

    known = settings(workspace)
    if isinstance(machine, str):
        return hosts.fixed(known, workspace.machines, machine)
    return hosts.rented(known, workspace.machines, machine)


def named(workspace: Workspace, name: str) -> Host:
    """A rented machine by its name alone, to know or forget its host key; it need not be there."""
    from vmops import hosts, naming

    return hosts.named(settings(workspace), workspace.machines, naming.machine(name), name)


@contextmanager
def explained() -> Iterator[None]:
    """Errors of vmops as those of a command: what is asked wrong is 2, what does not work outside is 1."""
    try:
        yield
    except (Refused, NotFound) as error:
        raise AskError(error.message, hint=error.hint) from None
    except OutsideError as error:
        raise MachineError(error.message, hint=error.hint) from None
