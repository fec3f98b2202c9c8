"""Why there is no row of a video: a few reasons, each with what to do about it."""

from __future__ import annotations

REASONS = {
    "empty": "its file has no bytes: fetch it again",
    "unreadable": "its file is no video, or begins with damage: fetch it again, or take it out",
    "no_video_stream": "sound only: take it out",
    "truncated": "it begins as a video, and no frame of it decodes: fetch it again",
    "deadline": "decoding took longer than deadline_s: raise that, or take it out",
    "crashed": "three processes that decoded it ended: look at it with ffprobe, or take it out",
    "gone": "it was listed, and then it was not there any more: put it back, or let it be",
    "no_access": "its file could not be read: see to its rights, or its disk; resume tries it again",
    "network": "it could not be fetched, however often it was tried: resume tries it again",
}
# A later attempt may find these gone.
PASSING = frozenset({"network", "gone", "no_access"})
# These hang on the machine, or on how long one waits: another run, though no resume of this one, may find them gone.
ELSEWHERE = PASSING | {"deadline", "crashed"}


class Broken(Exception):
    """A video that cannot be had; the words name no place on this machine, so that they are the same anywhere."""

    def __init__(self, reason: str, words: str, content: str = "") -> None:
        super().__init__(reason, words)
        self.reason, self.words, self.content = reason, words, content
