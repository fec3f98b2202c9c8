"""What the run says while videos go through: progress, rates, queues, and which stage holds the others up."""

from __future__ import annotations

import time
from collections import Counter

from engine.record import Recorder
from engine.scaling.failures import REASONS
from engine.scaling.pace import Clock, Pace
from engine.scaling.pipeline import Step

EVERY_S = 5.0
FIRST_SENTENCE_S, SENTENCE_S = 10.0, 300.0
WARNINGS = 20
PACE = "what holds it up"


class Teller:
    """Hears of every step, and says what a person wants to know, not too often."""

    def __init__(self, out: Recorder, total: int, before: int, stages: dict[str, int], forward: str) -> None:
        """Args: total: videos in all. before: those that an earlier attempt has done. stages: workers of each.
        forward: what would help where the forward pass holds the others up."""
        self._forward = forward
        self._out, self._total, self._done = out, total, before
        self._clock = Clock(stages)
        self.failed: Counter[str] = Counter()
        self._last, self._sentence_at, self._slow = time.monotonic(), time.monotonic() + FIRST_SENTENCE_S, ""
        self._step: Step | None = None

    def hear(self, step: Step) -> None:
        """A video is done, or a moment has passed."""
        self._step = step
        if step.video_id:
            self._done += 1
            if step.failed:
                self.failed[step.failed] += 1
                self._warn(step)
            held = f"{self._slow} holds it up, " if self._slow else ""
            detail = f"{held}{step.load.frames} frames, queues: {step.fetched} to decode, {step.decoded} to forward"
            self._out.progress(self._done, self._total, "videos", detail)
        if time.monotonic() - self._last >= EVERY_S:
            self._last = time.monotonic()
            self._tell(self._clock.since_last(step.load, step.fetched, step.decoded))

    def _warn(self, step: Step) -> None:
        """The first failures in full; thousands would drown the rest, and all are in the table."""
        count = self.failed.total()
        if count <= WARNINGS:
            more = "; of further ones only failures.csv tells" if count == WARNINGS else ""
            self._out.note(f"{step.video_id}: {step.failed}: {REASONS[step.failed]}{more}", "warning")

    def end(self) -> None:
        """Rates over all, and the sentence."""
        if self._step is None or not self._step.load.videos:
            return
        pace = self._clock.overall(self._step.load)
        self._out.metric("videos_per_s", pace.videos_per_s)
        self._out.metric("frames_per_s", pace.frames_per_s)
        for stage, share in pace.shares.items():
            self._out.metric(f"busy_{stage}", share)
        self._out.metric("decoders_replaced", self._step.replaced)
        self._out.finding(PACE, pace.sentence(self._clock.stages, self._forward))

    def _tell(self, pace: Pace) -> None:
        step = self._done
        self._out.metric("now.videos_per_s", pace.videos_per_s, step)
        self._out.metric("now.frames_per_s", pace.frames_per_s, step)
        self._out.metric("queue.to_decode", pace.fetched, step)
        self._out.metric("queue.to_forward", pace.decoded, step)
        for stage, share in pace.shares.items():
            self._out.metric(f"busy.{stage}", share, step)
        self._say_what_holds_it_up(pace)

    def _say_what_holds_it_up(self, pace: Pace) -> None:
        """When that has changed, and now and then for its numbers; not while the first processes begin."""
        now = time.monotonic()
        if now < self._sentence_at and (not self._slow or pace.bottleneck == self._slow):
            return
        self._slow, self._sentence_at = pace.bottleneck, now + SENTENCE_S
        self._out.finding(PACE, pace.sentence(self._clock.stages, self._forward))
