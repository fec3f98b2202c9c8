"""Commits of a run on one machine: each shard is committed when its last video is done, while others go on."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import DataError
from engine.record import Recorder
from engine.scaling.absorbing import absorb, take
from engine.scaling.commits import Commits, versions, whole
from engine.scaling.journal import Journal
from engine.scaling.sending import Sender
from engine.scaling.shards import Shard
from engine.specs.videos import Spread
from engine.vision.consuming import Consumer
from vmops import bucket as buckets
from vmops.bucket import Bucket
from vmops.errors import OutsideError

PATIENCE_S = 60.0  # for the last commits of a run that is done
STOP_PATIENCE_S = 4.0  # of one that is to stop, which has ten seconds


def store(out: Recorder, compute: Spread) -> tuple[Bucket, str]:
    """Where a run's commits go, and below which prefix: the bucket of its checkpoints, else its own folder."""
    if compute.checkpoints is not None:
        return buckets.open(compute.checkpoints, out.workspace.root), f"{compute.commits or out.folder.name}/shards/"
    folder = out.work / "shards"
    folder.mkdir(exist_ok=True)
    return buckets.open(str(folder)), ""


def before(
    out: Recorder, compute: Spread, shards: Sequence[Shard], journals: Sequence[Journal], consumers: Sequence[Consumer]
) -> tuple[Commits, set[str]]:
    """Take what was committed before into the journals; the commits, and the names of shards that are among them.

    Raises:
        DataError: what was committed cannot be read.
    """
    try:
        where, prefix = store(out, compute)
        commits = Commits(where, prefix, versions(journals, consumers))
        committed, otherwise = absorb(commits, shards, journals)
    except OutsideError as error:
        raise DataError(error.message, hint=error.hint or "mend it, or set compute.checkpoints: null") from None
    if committed:
        out.note(f"{len(committed)} of {len(shards)} shards were committed before")
    for name in otherwise:
        differs(out, name)
    return commits, committed


def differs(out: Recorder, shard: str) -> None:
    """Somebody else has committed another result for the same videos."""
    out.flag(
        "commit", f"shard {shard}: was committed with other answers than ours, which are dropped: other hardware, or "
        "another backend; name compute.backend and compute.precision where bytes must be equal"
    )  # fmt: skip


class Committer:
    """Hears of each video that is done, and commits each shard whose last one that was."""

    def __init__(
        self, out: Recorder, commits: Commits, shards: Sequence[Shard], journals: Sequence[Journal], committed: set[str]
    ) -> None:
        self._out, self._commits, self._journals = out, commits, journals
        self._of = {item.video_id: shard for shard in shards for item in shard.items}
        self._items = {item.video_id: item for shard in shards for item in shard.items}
        self._left = {shard.name: len(shard.items) for shard in shards if shard.name not in committed}
        self._sender, self._waiting, self._said = Sender(commits), 0, ""

    def known(self, video_ids: Sequence[str]) -> None:
        """These were done before."""
        for video_id in video_ids:
            self.done(video_id)

    def done(self, video_id: str) -> None:
        """All consumers have answered for a video, or it has failed."""
        shard = self._of[video_id]
        if shard.name in self._left:
            self._left[shard.name] -= 1
            if not self._left[shard.name] and whole(shard, self._journals):
                self._waiting += 1
                self._sender.put(shard, self._commits.pack(shard, self._journals))
        self._hear()

    def close(self) -> None:
        """Wait for the last commits, not for ever; what is not committed is in the journals, and is said."""
        self._sender.close(lambda: STOP_PATIENCE_S if self._out.stopping else PATIENCE_S)
        self._hear()
        if self._waiting:
            self._out.note(f"{self._waiting} shards are not committed; they are kept in the run's folder", "warning")

    def _hear(self) -> None:
        """What became of shards; here, since only one thread writes to journals."""
        for sent in self._sender.taken():
            self._waiting -= sent.settled
            if sent.other is not None:
                differs(self._out, sent.other.shard)
                take(sent.other, self._journals, self._items)
            if sent.words and sent.words != self._said:
                self._said = sent.words
                self._out.note(f"not committed: {sent.words}", "warning")
