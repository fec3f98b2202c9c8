"""Real processes that do parts of studies: the same result in any number, faults brought home, nobody left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from engine.errors import AskError, DataError, Stopped
from engine.files import sha256
from engine.vision import parts, worker
from engine.vision.parts import Part, Tally
from engine.vision.plan import Plan
from engine.vision.pool import Pool, processes
from tests.engine.vision import small
from tests.lab import until


def nothing() -> None:
    """Nobody asks for an end."""


def left(plan: Plan) -> dict[str, str]:
    """The hashes of what a study leaves."""
    return {path.name: sha256(path) for path in plan.folder.iterdir() if path.name != "plan.json"}


def test_three_processes_leave_the_bytes_that_one_leaves_and_bring_faults_home(tmp_path: Path) -> None:
    three = small.plan(tmp_path / "three", "test_resnet", "layer4")
    wrong = tmp_path / "wrong.json"
    wrong.write_text(three.path.read_text().replace("test_resnet", "test_resent"))
    with Pool(3, "cpu", "fp32", 1) as pool:
        facts = pool.facts(nothing)
        assert (facts["device"], facts["precision"], facts["threads"]) == ("cpu", "fp32", 1)
        for todo in (parts.starts, parts.trunks, parts.folds, parts.wholes):
            answers = list(pool.run(todo([three]), nothing))
        assert [answer["epoch"] for answer in answers if "epoch" in answer] == [0, 1, 2]
        with pytest.raises(AskError, match="no model 'test_resent'"):
            list(pool.run([Part(str(wrong), "start")], nothing))
    one = small.plan(tmp_path / "one", "test_resnet", "layer4")
    for todo in (parts.starts, parts.trunks, parts.folds, parts.wholes):
        for part in todo([one]):
            worker.do(vars(part), lambda answer: None)
    assert left(one) == left(three)
    assert len(left(one)) == 9 + 5  # folds; start and whole with their words, before
    assert parts.folds([one]) == parts.wholes([one]) == parts.starts([one]) == []
    assert (Tally(one).folds, Tally(one).frames) == (9, 9)


def test_a_process_that_is_killed_is_reported_and_all_end(tmp_path: Path) -> None:
    plan = small.plan(tmp_path, "test_resnet", "layer4")
    with Pool(2, "cpu", "fp32", 1) as pool:
        pool.facts(nothing)
        children = _children(psutil.Process(pool.mother.pid))
        children[1].kill()
        with pytest.raises(DataError, match=r"ended early \(signal 9\)"):
            list(pool.run([Part(str(plan.path), "trunk")] * 10_000, nothing))
    until(lambda: not any(_alive(child.pid) for child in children), "both processes end")


def test_libraries_that_do_not_load_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('this torch is broken')")
    monkeypatch.setattr("engine.vision.pool.ROOT", f"{tmp_path}{os.pathsep}{Path.cwd()}")
    with Pool(2, "cpu", "fp32", 1) as pool, pytest.raises(DataError, match="ImportError: this torch is broken"):
        pool.facts(nothing)


def test_what_check_raises_ends_all_processes() -> None:
    def stop() -> None:
        raise Stopped("as asked")

    with pytest.raises(Stopped), Pool(2, "cpu", "fp32", 1) as pool:
        pool.facts(stop)
    assert pool.mother.poll() is not None


def test_all_processes_die_with_their_parent_though_it_is_killed() -> None:
    code = (
        "import time; from engine.vision.pool import Pool; pool = Pool(2, 'cpu', 'fp32', 1);"
        "pool.facts(lambda: None); print(pool.mother.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        try:
            assert parent.stdout
            mother = psutil.Process(int(parent.stdout.readline()))
            pids = [mother.pid, *(child.pid for child in _children(mother))]
            os.kill(pids[1], signal.SIGTERM)  # meant for the group: the parent's business
            assert all(map(_alive, pids))
        finally:
            parent.kill()
    until(lambda: not any(map(_alive, pids)), "all processes die")


def _children(mother: psutil.Process) -> list[psutil.Process]:
    until(lambda: len(mother.children()) == 2, "both processes are forked")
    return mother.children()


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_full_disk_is_said_in_words() -> None:
    told = worker._told(OSError(28, "No space left on device", "folds/fold-0003.json"))
    assert told["message"] == "folds/fold-0003.json: No space left on device"


def test_the_number_of_processes_is_as_asked_or_one_for_each_share_of_the_processors() -> None:
    cores = len(os.sched_getaffinity(0))
    assert processes(3, 1, "cpu") == 3
    assert processes("auto", 1, "cpu") == cores
    assert processes("auto", 10 * cores, "cpu") == 1
    assert processes("auto", 1, "cuda:0") == 1
