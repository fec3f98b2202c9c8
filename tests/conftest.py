"""Every test has a workspace, devices and frozen code of its own, and shares none of them with the machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from engine.__main__ import main
from engine.init import make
from engine.run import Run
from engine.workspace import Workspace
from tests import lab, outside
from vmops import loopback

settings.register_profile(
    "footplate", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("footplate")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each of hundreds of processes would compile frozen code anew

Cli = Callable[..., lab.Answer]


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """`-n auto`: one more than there are processors, as many tests wait for processes, connections and timers."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.fixture(autouse=True, scope="session")
def on_loopback() -> Iterator[None]:
    """No test leaves this computer, unless somebody has lent a Google project to the tests."""
    with pytest.MonkeyPatch.context() as patch:
        if not outside.real_project() and not outside.real_bucket():
            outside.stay_on_loopback(patch)
            patch.setenv("NO_GCE_CHECK", "true")  # else Google's libraries look for a metadata server of theirs
            patch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
        yield


@pytest.fixture(autouse=True)
def slots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of devices for this test: one processor, no GPU, unless the test says otherwise."""
    folder = tmp_path / "slots"
    monkeypatch.setenv("FOOTPLATE_SLOTS", str(folder))
    monkeypatch.setenv("FOOTPLATE_CPU_SLOTS", "1")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return folder


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 256 colours outside of tmux, whatever the tests are started from."""
    for name in ("NO_COLOR", "COLORTERM", "COLORFGBG", "TMUX", "STY", "TERM_PROGRAM", "VTE_VERSION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture(scope="session")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all workspaces of a session keep frozen code, so that Python compiles it once."""
    return tmp_path_factory.mktemp("frozen")


@pytest.fixture
def workspace(tmp_path: Path, frozen: Path) -> Iterator[Workspace]:
    """A new workspace; nothing runs in it any more when the test is over."""
    made = make(tmp_path / "study")
    (made.runs / ".code").symlink_to(frozen)
    yield made
    lab.end_all(made)


@pytest.fixture
def done(workspace: Workspace) -> Run:
    """A toy run that is done."""
    run = lab.toy(workspace, *lab.QUICK)
    assert lab.ended(run).state == "done"
    return run


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[loopback.Cloud]:
    """A cloud on this computer; its machines are gone when the test is over, however it ends."""
    with loopback.cloud(tmp_path / "cloud") as made:
        yield made


@pytest.fixture
def cli(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> Cli:
    """A command in this process, in this test's workspace."""

    def call(*words: str) -> lab.Answer:
        capsys.readouterr()
        try:
            code = main(["-w", str(workspace.root), *words], "footplate")
        except SystemExit as refused:  # how argparse says that words are wrong
            code = int(str(refused.code))
        said = capsys.readouterr()
        return lab.Answer(code, said.out, said.err)

    return call
