"""Videos through all stages: fetched, decoded, shown to whoever has not seen them, and every answer kept.

One decode feeds all consumers. What a consumer's journal has is not done again, so a consumer that is new or has
changed runs alone over everything, and what was killed goes on where its journals stand.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from engine.files import sha256
from engine.scaling.decoding import Chunk, Done
from engine.scaling.failures import Broken
from engine.scaling.feeding import Feed, Open
from engine.scaling.fetching import Source
from engine.scaling.journal import Journal, Place
from engine.scaling.listing import Item
from engine.scaling.pace import Load
from engine.scaling.stages import Again, Stages
from engine.vision.consuming import Consumer, View

WAITING = 256  # videos that may wait for the rest of their batches


@dataclass(frozen=True)
class Step:
    """What has become of a video; without one, just a moment that has passed.

    Attributes:
        video_id: of a video that was answered for, or failed.
        failed: the reason, where it did.
        load: what the stages have done so far.
        fetched: videos that wait for a decoder.
        decoded: pieces of videos that wait for the forward pass.
        replaced: decoders that were killed or died.
    """

    load: Load
    fetched: int
    decoded: int
    replaced: int
    video_id: str = ""
    failed: str = ""


def missing(items: Sequence[Item], journals: Sequence[Journal]) -> list[Open]:
    """The videos that are not in all journals as they are now, with the consumers that have to see them."""
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda item: [n for n, journal in enumerate(journals) if not _knows(journal, item)], items)
        return [Open(item, consumers) for item, consumers in zip(items, found, strict=True) if consumers]


def _knows(journal: Journal, item: Item) -> bool:
    """Whether a record is of the bytes that are there now; where the stamp has changed, the hash decides."""
    place = journal.place(item.video_id)
    return place is not None and (place.stamp == item.stamp or _same(place, item))


def _same(place: Place, item: Item) -> bool:
    if not place.content:
        return False
    if item.content or item.path is None or not item.path.is_file():
        return place.content == item.content
    return place.content == f"sha256:{sha256(item.path)}"


class Pipeline:
    """Runs once over some videos; `run` tells of each."""

    def __init__(
        self, videos: Sequence[Open], consumers: Sequence[Consumer], journals: Sequence[Journal], source: Source, *,
        frames: int, decoders: int, deadline_s: float, check: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Args: check: is called before each batch; what it raises ends the work, with every answer kept so far."""
        self._left, self._journals = len(videos), journals
        self._views: list[View] = list(dict.fromkeys(consumer.view for consumer in consumers))
        self._seen_as = [self._views.index(consumer.view) for consumer in consumers]
        self._feeds = [Feed(number, consumer, self._answered, check) for number, consumer in enumerate(consumers)]
        self._open: dict[Open, None] = {}
        self._finished: list[tuple[str, str]] = []
        self._videos, self._frames = 0, 0
        self._consumers = consumers
        self._stages = Stages(videos, self._views, source, frames=frames, decoders=decoders, deadline_s=deadline_s)

    def run(self) -> Generator[Step]:
        """Until all videos are done; to be closed, which keeps what was answered."""
        try:
            while self._left:
                came = self._stages.next()
                if came is not None:
                    self._take(came.video, came.what)
                if len(self._open) > WAITING or (came is None and self._all_decoded()):
                    self._flush()
                for journal in self._journals:
                    journal.tick()
                yield from self._steps()
        finally:
            for journal in self._journals:  # before all else: who has half a minute left may be killed before
                journal.flush()
            self._stages.close()

    def _take(self, video: Open | None, what: object) -> None:
        if video is None:
            assert isinstance(what, BaseException)
            raise what
        if isinstance(what, Chunk):
            self._feed(video, what)
        elif isinstance(what, Done):
            video.content, video.facts = what.content, what.facts
            for consumer in video.consumers:
                self._answered(video, consumer)
        elif isinstance(what, Again):
            self._frames -= video.frames
            video.again()
        elif isinstance(what, Broken):
            self._broken(video, what)

    def _feed(self, video: Open, chunk: Chunk) -> None:
        self._open[video] = None
        for shown in chunk.frames:
            video.frames += 1
            for consumer in video.consumers:
                self._feeds[consumer].add(video, shown, shown.pixels[self._seen_as[consumer]])
        self._frames += len(chunk.frames)
        chunk.release()

    def _answered(self, video: Open, consumer: int) -> None:
        """Keep a video's answers when they are all there."""
        if video.dropped or not video.whole(consumer):
            return
        frames = sorted(video.answers.pop(consumer), key=lambda one: one[0])
        rows, times = [row for _, _, row in frames], [time_s for _, time_s, _ in frames]
        answer = self._consumers[consumer].video(rows, times, video.facts or {})
        record = {"facts": video.facts, "frames": [[i, at, *row] for i, at, row in frames], "video": list(answer)}
        self._journals[consumer].put(video.item.video_id, video.item.stamp, video.content, record)
        video.consumers = [number for number in video.consumers if number != consumer]
        if not video.consumers:
            self._finish(video)

    def _broken(self, video: Open, broken: Broken) -> None:
        video.dropped = True
        for consumer in video.consumers:
            record = {"failed": broken.reason, "words": broken.words}
            self._journals[consumer].put(video.item.video_id, video.item.stamp, broken.content, record)
        self._finish(video, broken.reason)

    def _finish(self, video: Open, failed: str = "") -> None:
        self._open.pop(video, None)
        self._left -= 1
        self._videos += 1
        self._finished.append((video.item.video_id, failed))

    def _all_decoded(self) -> bool:
        """Whether all that is left waits for batches that will not be filled."""
        return len(self._open) == self._left and all(video.facts is not None for video in self._open)

    def _flush(self) -> None:
        for feed in self._feeds:
            feed.flush()

    def _steps(self) -> Iterator[Step]:
        stages = self._stages
        load = Load(
            self._videos, self._frames, stages.download_s, stages.decode_s, sum(feed.busy_s for feed in self._feeds)
        )
        now = (load, stages.fetched.qsize(), stages.decoded.qsize(), stages.replaced)
        done, self._finished = self._finished, []
        yield Step(*now)
        for video_id, failed in done:
            yield Step(*now, video_id, failed)
