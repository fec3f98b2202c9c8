"""A folder of a bucket as the videos of a new run: the form of a job, with its line `videos:` filled in."""

from __future__ import annotations

import json
import re
from pathlib import Path

from engine import presets
from engine.errors import AskError
from tui.services import bucket
from tui.services.gate import Gate

JOBS = {
    "infer": "infer: trained classifiers over these videos",
    "extract": "extract: colours, objects, faces, gaze and text of these videos",
    "frames": "frames: which of their frames are labelled (a folder only)",
}
_VIDEOS = re.compile(r"^videos:.*$", re.MULTILINE)


def form(gate: Gate, job: str, url: str, prefix: str) -> tuple[str, str]:
    """The preset of a job by its name, and its text with these videos.

    Raises:
        AskError: the job cannot read videos from there.
    """
    videos = json.dumps(_videos(gate, url, prefix), ensure_ascii=False)  # as YAML has a text between quotes
    if job == "frames" and url.startswith("gs://"):
        raise AskError("frames reads videos of a folder, and this is a bucket of the cloud",
                       hint="sync this folder here first, then footplate run frames")  # fmt: skip
    text, _source = presets.choose(gate.workspace, job, None)
    line = f"videos: {videos}"
    return job, _VIDEOS.sub(lambda _found: line, text, count=1) if _VIDEOS.search(text) else f"{line}\n{text}"


def _videos(gate: Gate, url: str, prefix: str) -> str:
    if url.startswith("gs://"):
        return f"{url.rstrip('/')}/{prefix}"
    where = Path(bucket.whole(gate, url).removeprefix("file://")) / prefix
    root = gate.workspace.root
    return f"{where.relative_to(root)}/" if where.is_relative_to(root) else f"{where}/"
