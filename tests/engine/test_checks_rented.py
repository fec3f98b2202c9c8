"""What the doctor says of rented machines: settings, libraries, credentials and the key."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from engine import machines
from engine.checks import machine, rented
from engine.checks.finding import Finding
from engine.workspace import Workspace


def found(workspace: Workspace) -> dict[str, Finding]:
    return {one.what: one for one in rented.everything(workspace.root)}


def change(workspace: Workspace, old: str, new: str) -> None:
    file = machines.file(workspace)
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_settings_in_order_are_told_in_a_line(workspace: Workspace) -> None:
    said, budget = found(workspace)["machines"], machines.settings(workspace).budget.month_usd
    assert said.state == "ok" and "3 kinds" in said.said and f"${budget:g} a month" in said.said


def test_every_fault_of_the_settings_is_told_with_its_place(workspace: Workspace) -> None:
    change(workspace, "label: lab", "label: Not One")
    change(workspace, "max_hours: 48", "max_hours: never")
    said = found(workspace)["machines"]
    assert said.state == "bad" and "label" in said.said and "max_hours" in said.said and said.fix


def test_a_workspace_without_settings_is_told_how_to_get_them(workspace: Workspace) -> None:
    machines.file(workspace).unlink()
    said = found(workspace)["machines"]
    assert said.state == "note" and said.fix == "footplate vm settings --write"


def test_a_cloud_on_this_computer_needs_no_credentials(workspace: Workspace) -> None:
    change(workspace, 'endpoint: ""', "endpoint: http://127.0.0.1:1")
    said = found(workspace)
    assert "simulated" in said["machines"].said and "not needed" in said["Google credentials"].said


@pytest.mark.parametrize(("there", "mode", "state"), [("", 0, "bad"), ("private", 0o600, "bad"), ("both", 0o600, "ok"),
                                                      ("both", 0o644, "bad")])  # fmt: skip
def test_the_key_of_machines_is_there_and_for_its_owner_alone(
    workspace: Workspace, tmp_path: Path, there: str, mode: int, state: str
) -> None:
    private = tmp_path / "a key"
    if there:
        private.write_text("")
        private.chmod(mode)
    if there == "both":
        (tmp_path / "a key.pub").write_text("")
    change(workspace, 'key: ""', f'key: "{private}"')
    said = found(workspace)["machines' key"]
    assert said.state == state and bool(said.fix) == (state == "bad")


def test_libraries_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "obstore":
            raise PackageNotFoundError(name)
        return "1"

    monkeypatch.setattr(rented, "version", version)
    said = rented.libraries()
    assert (said.state, said.said) == ("note", "no obstore") and "footplate[cloud]" in said.fix


def test_credentials_are_told_with_their_kind_and_project(tmp_path: Path) -> None:
    file = tmp_path / ".config/gcloud/application_default_credentials.json"
    assert rented.credentials(tmp_path, {}).state == "note"
    assert rented.credentials(tmp_path, {"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "none")}).state == "bad"
    file.parent.mkdir(parents=True)
    file.write_text("not json")
    assert rented.credentials(tmp_path, {}).state == "bad"
    file.write_text(json.dumps({"type": "authorized_user", "quota_project_id": "a-study"}))
    said = rented.credentials(tmp_path, {})
    assert said.state == "ok" and said.said.endswith("(authorized user, project a-study)")


def test_rsync_is_among_the_programs() -> None:
    assert "rsync" in {one.what for one in machine.tools()}
