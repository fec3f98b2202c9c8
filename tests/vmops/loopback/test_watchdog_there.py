"""The watchdog on a machine of the loopback cloud: it hears the metadata server, and its power button is a real one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests import lab, outside
from tests.vmops.loopback.place import Place, spot
from vmops import loopback, watchdog

QUICK = {"idle_minutes": 0.02, "grace_minutes": 0, "warn_minutes": 0, "every_s": 0.1}


def stopped_with(cloud: loopback.Cloud, here: Place, settings: dict[str, Any], beside: str = "") -> Path:
    """A stopped machine on whose disk set-up has been; its home."""
    here.made("vm", scheduling=spot())
    here.act("stop", "vm")
    home = cloud.home("vm")
    (home / "footplate/boot").mkdir(parents=True)
    (home / "settings.json").write_text(json.dumps(settings))
    program = Path(str(watchdog.__file__))
    hook = f'{beside}\nexec "{sys.executable}" "{program}" run "$HOME/settings.json"\n'
    (home / "footplate/boot/watchdog.sh").write_text(hook)
    return home


def test_a_machine_on_which_nothing_happens_stops_itself_at_every_boot(cloud: loopback.Cloud, here: Place) -> None:
    stopped_with(cloud, here, QUICK)
    for _ in range(2):
        here.act("start", "vm")
        lab.until(lambda: here.get("vm").status == "TERMINATED", "it to stop itself")
    kinds = [one.operation_type for one in here.operations.list(project=here.project, zone="us-central1-a")]
    assert kinds.count("compute.instances.guestTerminate") == 2


@outside.needs("flock")
def test_who_works_there_is_asked_to_stop_while_the_notice_lasts(cloud: loopback.Cloud, here: Place) -> None:
    run = '"$HOME"/footplate/workspaces/w/runs/r'
    work = f"mkdir -p {run}; flock {run}/lock sleep 999 &"
    home = stopped_with(cloud, here, {**QUICK, "idle_minutes": None}, beside=work)
    here.act("start", "vm")
    state, stop = home / "footplate/watchdog/state.json", home / "footplate/workspaces/w/runs/r/stop"
    lab.until(lambda: state.exists() and json.loads(state.read_text())["busy"], "the watchdog to see the work")
    cloud.preempt("vm", notice_s=60)
    lab.until(stop.exists, "the request to stop")
    assert json.loads(stop.read_text())["reason"] == "preempted" and cloud.pids("vm")
