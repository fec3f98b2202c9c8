"""How the process that speaks with the cloud ends: killed, left alone, or at rest; and what goes on then."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.vmops import gce
from vmops import loopback, workerpipe
from vmops.desk import Desk
from vmops.errors import Refused, Unavailable
from vmops.settings import Budget, to_json

assert gce.google
DEADLINE_S = 100.0


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, "in vain"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[loopback.Cloud]:
    with loopback.cloud(tmp_path_factory.mktemp("cloud")) as made:
        yield made


@pytest.fixture
def desk(cloud: loopback.Cloud, tmp_path: Path) -> Iterator[Desk]:
    with Desk(replace(cloud.settings(), budget=Budget()), tmp_path / "machines") as made:
        yield made


def test_a_worker_that_is_killed_is_told_of_and_the_next_one_adopts(desk: Desk, cloud: loopback.Cloud) -> None:
    cloud.faults.slow("/wait$", 30)
    seen: list[BaseException] = []

    def create() -> None:
        try:
            desk.create("cpu", "gpu-3")
        except Unavailable as error:
            seen.append(error)

    creating = threading.Thread(target=create)
    creating.start()
    journal = desk.folder / "operations" / "gpu-3.json"
    until(lambda: journal.exists() and json.loads(journal.read_text())["operation"])
    assert desk._process
    os.kill(desk._process._process.pid, signal.SIGKILL)
    creating.join(DEADLINE_S)
    assert "is gone" in str(seen[0])
    cloud.faults.clear()
    assert [one.name for one in desk.adopt()] == ["gpu-3"]
    inserts = [one for one in cloud.calls if one.method == "POST" and one.url_path.endswith("/instances")]
    assert len([one for one in inserts if one.body["name"] == "gpu-3"]) == 1


def test_a_worker_ends_with_whoever_asked_it(cloud: loopback.Cloud, tmp_path: Path) -> None:
    code = (
        "import sys, json\nfrom pathlib import Path\n"
        "from vmops.desk import Desk\nfrom vmops.settings import from_json\n"
        "desk = Desk(from_json(json.loads(sys.argv[1])), Path(sys.argv[2]))\ndesk.machines()\n"
        "assert 'google' not in sys.modules\nprint(desk._process._process.pid, flush=True)\nsys.stdin.read()"
    )
    words = [sys.executable, "-c", code, json.dumps(to_json(cloud.settings())), str(tmp_path)]
    asker = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert asker.stdout
    pid = int(asker.stdout.readline())
    asker.kill()
    asker.wait()
    until(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2])


def test_a_desk_at_rest_ends_its_process_and_starts_another_when_it_is_asked(
    cloud: loopback.Cloud, tmp_path: Path
) -> None:
    with Desk(cloud.settings(), tmp_path, idle_s=0.01) as desk:
        with pytest.raises(Refused):
            desk.ask("explode")
        until(lambda: desk._process is None)
        with pytest.raises(Refused):
            desk.ask("explode")


def test_a_line_that_nobody_understands_leaves_nobody_waiting(
    cloud: loopback.Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = (
        "import json, sys; sys.stdin.readline(); number = json.loads(sys.stdin.readline())['id']\n"
        "for line in ['oh', '[]', '{\"call\": 1}', '{}', json.dumps({'id': number, 'answer': 'well'})]:\n"
        "    print(line, flush=True)\n"
        "sys.stdin.readline(); sys.exit('I go')"
    )
    real = subprocess.Popen
    monkeypatch.setattr(
        workerpipe.subprocess, "Popen", lambda _, **given: real([sys.executable, "-c", worker], **given)
    )
    (tmp_path / "worker.log").write_text("of the one before\n")
    with Desk(cloud.settings(), tmp_path) as desk:
        assert desk.ask("machines") == "well"
        with pytest.raises(Unavailable, match="is gone"):
            desk.ask("machines")
    assert (tmp_path / "worker.log").read_text() == "of the one before\nI go\n"


def test_what_a_library_writes_to_the_standard_output_is_no_answer(cloud: loopback.Cloud, tmp_path: Path) -> None:
    code = (
        "import os\nfrom vmops import worker\n"
        "worker.Worker._costs = lambda self: [os.write(1, b'native words\\n')] and 'well'\nworker.main()"
    )
    lines = [{"settings": to_json(cloud.settings()), "folder": str(tmp_path)}, {"id": 1, "do": "costs"}]
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdin and process.stdout and process.stderr
    process.stdin.write("".join(json.dumps(line) + "\n" for line in lines))
    process.stdin.flush()
    assert json.loads(process.stdout.readline()) == {"id": 1, "answer": "well"}
    process.stdin.close()
    assert process.stderr.read() == "native words\n" and process.wait(DEADLINE_S) == 0
