"""The budgets of the screens: the one place where they stand, each with the result that answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SPEC = "screens.md"
ISSUE = "held against what lands"


@dataclass(frozen=True)
class Budget:
    """A limit on one result: `key` is its dotted place in the results, `limit` in its unit, `least` turns it around."""

    name: str
    key: str
    limit: float
    unit: str
    source: str
    least: bool = False

    def kept(self, value: float) -> bool:
        return value >= self.limit if self.least else value <= self.limit


_LABELS = "annotations.decisions_100000"
BUDGETS = (
    Budget("`--version`", "startup.version.footplate_s", 0.120, "s", SPEC),
    Budget("first paint in tmux", "startup.first_paint.footplate_s", 0.400, "s", SPEC),
    Budget("memory at first paint", "startup.memory.footplate_mib", 60, "MiB", SPEC),
    Budget("heavy modules loaded at first paint", "startup.heavy_modules", 0, "", SPEC),
    Budget("log, sustained", "tail.firehose.footplate.lines_per_s", 100_000 * 0.98, "lines/s", SPEC, least=True),
    Budget("loop lag p95 at that rate", "tail.firehose.footplate.loop_lag_p95_ms", 20, "ms", SPEC),
    Budget("lines lost at that rate", "tail.firehose.footplate.lines_lost", 0, "", SPEC),
    Budget("append to screen, p95 at that rate", "tail.firehose.footplate.age_on_screen_p95_ms", 150, "ms", ISSUE),
    Budget("append to screen, single lines", "tail.single_lines.footplate_ms", 150, "ms", ISSUE),
    Budget("memory for 1,000,000 lines", "million.open.footplate.added_mib", 60, "MiB", SPEC),
    Budget("regex filter over 1,000,000 lines", "million.filter.footplate_ms", 300, "ms", SPEC),
    Budget("table of 100,000 rows", "table.rows_100k.ours_s", 0.3, "s", SPEC),
    *(
        Budget(f"150,000 predictions, {kind}: {name}", f"predictions.{kind}.{key}", limit, "ms", "video.md")
        for kind in ("csv", "parquet")
        for name, key, limit in (("filtered", "filtered_ms", 2000), ("loop lag p95", "loop_lag_p95_ms", 20))
    ),
    Budget("curves: 100,000 steps × 4, loaded", "curves.load_100k_x4_s", 1.0, "s", SPEC),
    Budget("curves: redrawn", "curves.redraw_ms", 20, "ms", SPEC),
    Budget("curves: on the screen in tmux", "leet.chart.footplate_s", 1.0, "s", SPEC),
    Budget("frame swap in Annotate at 120×40", "annotate.swap_120x40.ours_ms", 15, "ms", SPEC),
    Budget("Annotate: from a key to the next frame, in tmux", "annotate.next_frame.next_frame_ms", 50, "ms", SPEC),
    Budget("idle, Overview: bytes in 10 s", "wire.idle.overview_bytes", 0, "bytes", SPEC),
    Budget("idle, Runs: bytes in 10 s", "wire.idle.runs_bytes", 0, "bytes", SPEC),
    Budget("idle, log of an ended run: bytes in 10 s", "wire.idle.log_bytes", 0, "bytes", SPEC),
    Budget("1,000 log lines/s on the wire", "wire.log.footplate_kib_per_s", 80, "KiB/s", SPEC),
    Budget("drawings a second with `--low-bandwidth`", "wire.log.low_bandwidth_drawings_per_s", 2.2, "/s", SPEC),
    Budget("keys typed ahead that get lost", "keys.typed_ahead.footplate_lost", 0, "", ISSUE),
    Budget("`q` to the screen before", "keys.back_ms", 20, "ms", ISSUE),
    Budget("`q` leaves", "keys.leave.footplate_ms", 20, "ms", ISSUE),
    Budget("agreement: all intervals, 53 units", "agreement.n_53.ours.intervals_ms", 60, "ms", ISSUE),
    Budget("agreement: all intervals, 1,000,000 units", "agreement.n_1000000.ours.intervals_ms", 60, "ms", ISSUE),
    Budget("one frame of a coder in 100,000 decisions", f"{_LABELS}.one_frame_of_a_coder_ms", 10, "ms", ISSUE),
    Budget(
        "1 MB objects through 40 ms, against threads",
        "bucket.read.ratio_to_the_best_of_google",
        1,
        "×",
        ISSUE,
        least=True,
    ),
    Budget("words of progress for 15,000 objects", "bucket.list_15000.words_of_progress", 10, "", ISSUE, least=True),
    Budget("all of a coder in 100,000 decisions", f"{_LABELS}.all_that_a_coder_has_done_ms", 10, "ms", ISSUE),
    Budget("ten frames of 10 s: OpenCV's time over ours", "decode.clip_10_s.opencv.times_ours", 1.7, "×", ISSUE, True),
    Budget("ten frames of 40 s: OpenCV's time over ours", "decode.clip_40_s.opencv.times_ours", 1.7, "×", ISSUE, True),
    Budget(
        "extract, 40 s: five passes that read whole, over one decode",
        "extract.clip_40_s.five_read_whole_times_ours",
        3,
        "×",
        ISSUE,
        True,
    ),
    Budget(
        "text at a fixed size: rapidocr's own path over ours", "extract.text.rapidocr.times_ours", 1, "×", ISSUE, True
    ),
    Budget("extract: memory grown over 10,000 frames", "extract.memory.grown", 0.05, "", ISSUE),
    Budget("infer: the pipeline against its limit", "infer.pipeline_to_limit", 0.9, "×", ISSUE, least=True),
    Budget("infer: against fetch, then decode and forward", "infer.times_faster_than_plain", 1, "×", ISSUE, least=True),
)


def value(results: Mapping[str, Any], key: str) -> float | None:
    """The result at a dotted place: a number, or the median of several; None where it was not measured."""
    found: Any = results
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, Mapping):
        found = found.get("median")
    return float(found) if isinstance(found, (int, float)) else None
