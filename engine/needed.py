"""Files that a spec names, as the registry tells its keys, and which of them are not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine import references
from engine.errors import FootplateError
from engine.faults import Fault
from engine.registry import Job
from engine.specs.common import Spec
from engine.workspace import Workspace

VIDEOS = "videos"
# A bucket is read where the run is, with the credentials of that place.
BUCKETS = ("gs://", "file://", "bucket:")


def named(workspace: Workspace, spec: Spec, key: str) -> Iterator[tuple[str, str]]:
    """What a key of a spec names, each with its place: one reference, or one for each variable."""
    value: Any = spec
    for part in key.split("."):
        value = getattr(value, part)
    if key == VIDEOS:
        value = value or workspace.settings.videos
    if isinstance(value, Mapping):
        yield from ((f"{key}.{name}", text) for name, text in value.items() if text)
    elif isinstance(value, list | tuple):
        yield from ((f"{key}.{number}", text) for number, text in enumerate(value) if text)
    elif value:
        yield key, value


def missing(workspace: Workspace, job: Job, spec: Spec) -> list[Fault]:
    """A fault for each file that the spec names and that is not there now; a run that comes first may yet make it."""
    keys = (key for key in job.reads if not key.startswith("@"))
    found = (pair for key in keys for pair in named(workspace, spec, key) if not pair[1].startswith(BUCKETS))
    return [fault for place, text in found if (fault := _looked(workspace, place, text))]


def _looked(workspace: Workspace, place: str, text: str) -> Fault | None:
    try:
        references.resolve(workspace, text)
    except FootplateError as error:
        return Fault(place, error.message)
    return None
