"""Every job by its name; specs and code are named as texts, so that listing jobs loads none of them."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import AskError

if TYPE_CHECKING:
    from engine.specs.common import Spec


@dataclass(frozen=True)
class Job:
    """A job: what it takes and where its code is."""

    name: str
    title: str
    spec: str
    entry: str
    gpu: bool = True  # whether it can use one; `device: auto` then takes one where there is one
    # What it reads: keys of its spec that name files, and after an @ places of the workspace. On a machine it finds
    # nothing else.
    reads: tuple[str, ...] = ()
    # What puts into the workspace here what the job has put into that of the machine, when its artifacts are here.
    publish: str = ""

    def spec_class(self) -> type[Spec]:
        found: type[Spec] = load(self.spec)
        return found

    def function(self) -> Callable[[Any, Any], None]:
        """The job's `run(spec, out)`; loads whatever the job needs, torch too."""
        found: Callable[[Any, Any], None] = load(self.entry)
        return found


def load(entry: str) -> Any:
    """What a text such as `engine.jobs.infer:run` names."""
    module, _, name = entry.partition(":")
    return getattr(importlib.import_module(module), name)


_ALL = (
    Job(
        "agreement",
        "how far coders agree on what they labelled",
        "engine.specs.agreement:Agreement",
        "engine.jobs.agreement:run",
        gpu=False,
        reads=("@annotations.sqlite", "@rounds"),
    ),
    Job(
        "frames",
        "list frames of each video to be labelled",
        "engine.specs.frames:Frames",
        "engine.jobs.frames:run",
        gpu=False,
        reads=("videos", "@frames.csv", "@frames.json"),
        publish="engine.remote.publishing:frames",
    ),
    Job(
        "round",
        "a round of active learning: train, judge, ask for the next labels",
        "engine.specs.round:Round",
        "engine.jobs.round:run",
        reads=("videos", "model.weights", "@annotations.sqlite", "@frames.csv", "@rounds", "@queue.csv"),
        publish="engine.remote.publishing:rounds",
    ),
    Job(
        "finetune",
        "leave-one-out fine-tuning on a small gold set",
        "engine.specs.finetune:Finetune",
        "engine.jobs.finetune:run",
        reads=("gold", "videos", "model.weights", "@annotations.sqlite", "@annotations.csv"),
    ),
    Job(
        "infer",
        "classifiers over many videos: labels and probabilities",
        "engine.specs.infer:Infer",
        "engine.jobs.infer:run",
        reads=("videos", "weights"),
    ),
    Job(
        "extract",
        "features of many videos: colours, objects, faces, gaze, text",
        "engine.specs.extract:Extract",
        "engine.jobs.extract:run",
        gpu=False,
        reads=("videos", "files"),
    ),
    Job(
        "manifest",
        "manifests of labelled images: every row and image checked, merged into one",
        "engine.specs.manifest:Manifest",
        "engine.jobs.manifest:run",
        gpu=False,
        reads=("files", "data_root"),
    ),
    Job(
        "teacher",
        "a large network on the images of a manifest, to teach students",
        "engine.specs.teacher:Teacher",
        "engine.jobs.teacher:run",
        reads=("manifest", "data_root", "model.weights"),
    ),
    Job(
        "distill",
        "a small network in stages: cross-entropy, then from soft labels of teachers",
        "engine.specs.distill:Distill",
        "engine.jobs.distill:run",
        reads=("manifest", "data_root", "model.weights", "softlabels"),
    ),
    Job(
        "ensemble",
        "several teachers as one: fused logits, weights swept or fitted, judged on test",
        "engine.specs.ensemble:Ensemble",
        "engine.jobs.ensemble:run",
        reads=("weights_files", "manifest", "data_root"),
    ),
    Job(
        "softlabels",
        "what teachers say of each training image, for students to learn from",
        "engine.specs.softlabels:SoftLabels",
        "engine.jobs.softlabels:run",
        reads=("weights_files", "ensemble", "manifest", "data_root"),
    ),
    Job(
        "report",
        "runs in Markdown and HTML, every number with its origin",
        "engine.specs.report:Report",
        "engine.jobs.report:run",
        gpu=False,
        reads=("folders",),
    ),
    Job(
        "toy",
        "a small descent without torch, for trying screens and queues",
        "engine.specs.toy:Toy",
        "engine.jobs.toy:run",
        gpu=False,
        reads=("after",),
    ),
)
JOBS: dict[str, Job] = {job.name: job for job in _ALL}


def job(name: str) -> Job:
    """The job of a name; AskError with the nearest names where there is none."""
    if name in JOBS:
        return JOBS[name]
    close = difflib.get_close_matches(name, JOBS, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    raise AskError(f"no job {name!r}", hint=f"{hint}jobs: {', '.join(JOBS)}")
