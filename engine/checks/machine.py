"""The workspace, torch, the GPU, and the programs that are used."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from engine import host
from engine.checks.finding import Finding, ask, either
from engine.errors import FootplateError
from engine.words import size
from engine.workspace import find

LOW_DISK = 5 << 30


def workspace(start: Path | None) -> Iterator[Finding]:
    """Whether there is one, whether its file is in order, and whether runs can be written."""
    try:
        found = find(start)
        found.must_be_writable()
        variables = len(found.settings.variables)
    except FootplateError as error:
        yield Finding("workspace", "bad", error.message, error.hint)
        return
    yield Finding("workspace", "ok", f"{found.root} ({variables} variables)")
    free = shutil.disk_usage(found.root).free
    fix = "footplate archive does not free any; remove runs"
    yield either("disk", free >= LOW_DISK, f"{size(free)} free", fix)


def gpu() -> Finding:
    """The GPUs of this machine."""
    found = host.gpus()
    if not found:
        return Finding("GPU", "note", "no NVIDIA driver answers: jobs run on the processor")
    return Finding("GPU", "ok", ", ".join(f"{gpu.name} ({size(gpu.memory_total)})" for gpu in found))


def torch() -> Finding:
    """Whether torch works, and sees the GPUs that there are."""
    # In a process of its own: it costs seconds and hundreds of megabytes, and a broken one may crash.
    code = "import json,torch,torchvision; print(json.dumps([torch.__version__, torch.cuda.is_available()]))"
    said = ask([sys.executable, "-c", code], timeout_s=120)
    if not said:
        return Finding("torch", "bad", "does not import", "pip install 'footplate[engine]'")
    version, cuda = json.loads(said.splitlines()[-1])
    missing = bool(host.gpus()) and not cuda
    fix = "the driver is older than this torch needs, or torch was built without CUDA"
    return either("torch", not missing, f"{version}, {'with' if cuda else 'without'} CUDA", fix, "bad")


def tools() -> Iterator[Finding]:
    """The programs that are used where they are there."""
    for name, why, fix in (
        ("ssh", "runs on rented machines need it", "install openssh-client"),
        ("rsync", "inputs and results of runs on rented machines go through it", "install rsync"),
        ("git", "the commit of the code is recorded with each run", "install git"),
    ):
        path = shutil.which(name)
        yield either(name, path is not None, path or f"not here; {why}", fix)
    yield ssh_key(Path.home(), os.environ)


def ssh_key(home: Path, environ: Mapping[str, str]) -> Finding:
    """Whether there is a key to log in with: in a file, or held by an agent."""
    files = sorted(file.name for file in (home / ".ssh").glob("id_*") if file.suffix != ".pub")
    held = ["an agent"] if environ.get("SSH_AUTH_SOCK") else []
    return either("ssh key", bool(files or held), ", ".join([*files, *held]) or "none", "ssh-keygen -t ed25519")
