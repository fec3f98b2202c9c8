"""What a scheduler elsewhere is to have done: a job with its spec, what it reads, and on which machines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import __version__, references, registry
from engine.config import dump, parse
from engine.errors import AskError, SpecError
from engine.references import PLACES
from engine.remote.inputs import Input, of_spec
from engine.specs.videos import OverVideos
from engine.workspace import Workspace
from vmops.provider import Kind

PACKAGE = f"footplate[engine,extract,cloud,ray]=={__version__}"
END = "END_OF_FILE"


@dataclass(frozen=True)
class Errand:
    """A job to be done elsewhere.

    Attributes:
        name: small letters, digits and hyphens; commits lie under it, so that who is started again goes on.
        spec: the values of its spec.
        inputs: what it reads, beside videos and bucket.
        kind: of its machines.
        count: how many of them.
        package: what pip installs there.
    """

    name: str
    job: str
    spec: OverVideos
    inputs: Sequence[Input]
    kind: Kind
    count: int
    package: str

    def changed(self, **compute: Any) -> str:
        """The spec as YAML, with some keys of `compute` changed."""
        group = self.spec.compute.model_copy(update=compute)
        return dump(self.spec.model_copy(update={"compute": group}))

    @property
    def bucket(self) -> str:
        """Where commits go, as `gs://…` without a slash at the end."""
        return str(self.spec.compute.checkpoints).rstrip("/")


def make(
    workspace: Workspace, job: str, text: str, source: str, words: Sequence[str], kind: Kind, count: int, package: str
) -> Errand:
    """Check what is asked.

    Raises:
        AskError: the job does not go over many videos.
        SpecError: videos or commits are where no other machine sees them.
    """
    found = registry.job(job)
    spec = parse(found.spec_class(), text, source, words)
    if not isinstance(spec, OverVideos):
        raise AskError(f"{job} cannot be exported", hint="infer and extract can: what they have done is kept by shards")
    pinned = type(spec).model_validate(references.pinned(workspace, spec.model_dump(mode="json")))
    _in_a_bucket(workspace, pinned, source)
    name = f"footplate-{job}-{_digest(pinned)}"
    compute = pinned.compute.model_copy(update={"commits": pinned.compute.commits or name})
    whole = pinned.model_copy(update={"compute": compute})
    return Errand(name, job, whole, of_spec(workspace, found, whole), kind, count, package)


def files(errand: Errand, spec: str) -> str:
    """Lines of a shell that write the spec, and where files are that lay outside of the workspace."""
    places = {one.reference: one.target for one in errand.inputs if one.moved}
    return _here("spec.yaml", spec) + (_here(PLACES, json.dumps(places)) if places else "")


def _here(name: str, text: str) -> str:
    return f"cat > {name} <<'{END}'\n{text.rstrip()}\n{END}\n"


def _in_a_bucket(workspace: Workspace, spec: OverVideos, source: str) -> None:
    named = spec.videos or workspace.settings.videos
    where = (workspace.settings.bucket or "") if named.startswith("bucket:") else named
    faults = []
    if not where.startswith("gs://"):
        faults.append(f"{source}: videos: {named!r} is no bucket, and machines elsewhere see nothing else")
    if not (spec.compute.checkpoints or "").startswith("gs://"):
        faults.append(f"{source}: compute.checkpoints: names no bucket (gs://…), in which finished shards are kept")
    if faults:
        raise SpecError(faults, hint="footplate bucket sync brings videos into one")


def _digest(spec: OverVideos) -> str:
    values: Mapping[str, Any] = spec.model_dump(mode="json", exclude={"title", "tags", "success"})
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:8]
