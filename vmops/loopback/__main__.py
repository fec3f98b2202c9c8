"""`python -m vmops.loopback FOLDER`: the cloud as a process; it prints where it is, as a line of JSON."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from vmops.loopback import processes
from vmops.loopback.cloud import Cloud


def main(words: list[str] | None = None) -> int:
    """Be a cloud until SIGTERM, SIGINT or the end of its owner.

    Killed outright, its machines go on, and the next one on the same folder finds them.
    """
    parser = argparse.ArgumentParser(prog="python -m vmops.loopback", description=__doc__)
    parser.add_argument("folder", type=Path, help="where it keeps what it knows, and the disks of its machines")
    parser.add_argument("--pace", type=float, default=0.3, metavar="S", help="seconds a stage of an operation takes")
    parser.add_argument("--grace", type=float, default=5.0, metavar="S", help="seconds a machine may take to stop")
    parser.add_argument("--owner", type=int, metavar="PID", help="it ends, and its machines, when this process has")
    parser.add_argument(
        "--env", action="append", default=[], metavar="NAME=VALUE", help="for all processes of machines"
    )
    asked = parser.parse_args(words)
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before there are threads, so that all of them leave these to us
    environment = dict(pair.split("=", 1) for pair in asked.env)
    made = Cloud(asked.folder, pace_s=asked.pace, grace_s=asked.grace, owner=asked.owner, environment=environment)
    sys.stdout.write(f"{json.dumps(made.info())}\n")
    sys.stdout.flush()
    began = processes.born(asked.owner) if asked.owner else ""
    while signal.sigtimedwait(ends, 1.0) is None and (not began or processes.born(asked.owner) == began):
        pass
    made.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
