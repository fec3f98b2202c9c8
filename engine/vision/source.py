"""From a gold row to its pixels: a frame of a video, or a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from engine.errors import DataError
from engine.vision import decode
from engine.vision.decode import Frame

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp"})
Key = tuple[str, int]


def load(folder: Path, keys: Sequence[Key], use: Callable[[Frame], Frame], said: Callable[[int], None]) -> list[Frame]:
    """What `use` makes of each frame (video_id, frame_index), in the order of the keys; each file is read once.

    Only what `use` returns is kept, since whole frames may not fit into memory. `said` hears how many are done.

    Raises:
        DataError: a file or a frame is missing or broken.
    """
    loaded: dict[Key, Frame] = {}
    for video_id in dict.fromkeys(video_id for video_id, _ in keys):
        wanted = [index for name, index in keys if name == video_id]
        for index, frame in frames(locate(folder, video_id), wanted):
            loaded[video_id, index] = use(frame)
            said(len(loaded))
    return [loaded[key] for key in keys]


def locate(folder: Path, video_id: str) -> Path:
    """What is called `video_id`, or `video_id` and an extension: a video, a picture, or a folder of pictures.

    Raises:
        DataError: nothing there has that name, several have, or the name leads out of the folder.
    """
    place = (folder / video_id).parent
    if not place.resolve().is_relative_to(folder.resolve()):
        raise DataError(f"video_id {video_id!r} leads out of {folder}", hint="a video_id is a name inside that folder")
    found = _named(place, Path(video_id).name)
    if not found:
        raise DataError(f"{folder}: there is no {video_id}.*", hint="put the video there, or drop its gold rows")
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise DataError(f"{folder}: {video_id} is ambiguous: {names}", hint="keep one of them")
    return found[0]


def frames(path: Path, indices: Iterable[int]) -> Iterator[tuple[int, Frame]]:
    """(index, frame (H, W, 3) uint8 RGB) for each wanted index, in ascending order.

    A picture is frame 0; in a folder, picture `0042.png` is frame 42.
    """
    if path.is_dir():
        for index in sorted(set(indices)):
            yield index, picture(_numbered(path, index))
    elif path.suffix.lower() in PICTURES:
        for index in sorted(set(indices)):
            if index != 0:
                raise DataError(f"{path}: there is no frame {index}: a picture has only frame 0")
            yield index, picture(path)
    else:
        for index, _time_s, frame in decode.pick(path, indices):
            yield index, frame


def picture(path: Path) -> Frame:
    """(H, W, 3) uint8 RGB, turned upright as its EXIF data say.

    Raises:
        DataError: it is not a whole picture.
    """
    try:
        with Image.open(path) as image:
            ImageOps.exif_transpose(image, in_place=True)
            return np.asarray(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f"{path}: cannot be read as a picture: {error}", hint="replace it, or drop its row") from None


def _named(place: Path, name: str) -> list[Path]:
    entries = sorted(place.iterdir()) if place.is_dir() else []
    return [entry for entry in entries if name in (entry.name, entry.stem) and not entry.name.startswith(".")]


def _numbered(folder: Path, index: int) -> Path:
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in PICTURES and path.stem.isdecimal() and int(path.stem) == index:
            return path
    raise DataError(f"{folder}: there is no picture of frame {index}", hint=f"expected {index}.png, {index:04}.jpg, …")
