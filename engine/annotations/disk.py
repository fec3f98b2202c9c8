"""What kind of disk a file is on: SQLite's WAL needs memory that all its processes share, which no network gives."""

from __future__ import annotations

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
NETWORK = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|9p|ceph|lustre|gpfs|afs|beegfs|glusterfs|virtiofs|davfs\d?"
    r"|fuse\.(?:sshfs|gcsfuse|rclone|s3fs|glusterfs|ceph-fuse|davfs\d?)"
)


def network(path: Path, mounts: Path = MOUNTS) -> str:
    """The kind of network file system that a path is on; empty where it is none, or where nobody can tell."""
    try:
        lines = mounts.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return ""
    found = [(len(point), kind) for point, kind in map(_mount, lines) if path.absolute().is_relative_to(point)]
    kind = max(found, default=(0, ""))[1]
    return kind if NETWORK.fullmatch(kind) else ""


def _mount(line: str) -> tuple[str, str]:
    """Where something is mounted and what it is; spaces in names are written as octal numbers (see proc(5))."""
    before, _, after = line.partition(" - ")
    point = re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), before.split()[4])
    return point, after.split()[0]
