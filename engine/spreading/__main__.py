"""`python -m engine.spreading FD`: the process that speaks with Ray for a run, over the pipe that FD is."""

from __future__ import annotations

import os
import sys
from multiprocessing.connection import Connection

from engine.work import die_with

if __name__ == "__main__":
    die_with(int(os.environ["FOOTPLATE_SUPERVISOR"]))
    from engine.spreading.driver import main

    code = main(Connection(int(sys.argv[1])))
    sys.stdout.flush()
    os._exit(code)  # what Ray would do to say goodbye takes seconds, and the cluster notices either way
