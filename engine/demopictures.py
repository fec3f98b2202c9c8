"""Pictures for the demo lab, drawn here: a disc before a sky, nearer or farther, for trying how labelling feels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine import tables
from engine.files import replacing
from engine.png import png
from engine.workspace import Workspace

CLIPS, FRAMES, APART = 8, 6, 10
WIDTH, HEIGHT = 96, 72
SKIES = ((90, 120, 170), (60, 90, 80), (150, 130, 110), (70, 70, 90))
DISCS = ((220, 180, 60), (200, 90, 80), (120, 190, 120))


def make(workspace: Workspace) -> int:
    """Draw the pictures of each clip, and list them in frames.csv; how many there are. Nobody has labelled them."""
    units = list(_draw(workspace.root / "videos"))
    with tables.writer(workspace.frames, ["video_id", "frame_index"]) as table:
        for unit in units:
            table.write(*unit)
    return len(units)


def _draw(folder: Path) -> Iterator[tuple[str, int]]:
    for clip in range(CLIPS):
        name = f"clip-{clip:02}"
        (folder / name).mkdir(parents=True, exist_ok=True)
        for frame in range(FRAMES):
            index = frame * APART
            with replacing(folder / name / f"{index:04}.png") as beside:
                beside.write_bytes(png(picture(clip, frame)))
            yield name, index


def picture(clip: int, frame: int) -> list[bytes]:
    """The rows of a picture: each clip has a sky and a disc of its own, which comes nearer from frame to frame."""
    sky, disc = bytes(SKIES[clip % len(SKIES)]), bytes(DISCS[clip % len(DISCS)])
    radius = 4 + 5 * (clip % 4) + 3 * frame
    x, y = WIDTH // 4 + 12 * (clip % 5), HEIGHT // 2 + 6 * (clip % 3 - 1)
    return [_row(sky, disc, x, radius * radius - (row - y) ** 2) for row in range(HEIGHT)]


def _row(sky: bytes, disc: bytes, middle: int, room: int) -> bytes:
    """A row of sky, in which the disc covers what is nearer to its middle than the root of `room`."""
    half = int(max(0, room) ** 0.5) if room >= 0 else -1
    left, right = max(0, middle - half), min(WIDTH, middle + half + 1)
    return sky * WIDTH if half < 0 else sky * left + disc * (right - left) + sky * (WIDTH - right)
