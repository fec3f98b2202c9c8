"""The verbs of money: costs, prices, budget, audit."""

from __future__ import annotations

import json
import re
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine import machines
from engine.commands.vmwords import clipped
from engine.workspace import Workspace
from tests.conftest import Cli
from tests.lab import ROOT
from vmops import audit, ledger, prices
from vmops.provider import Machine

LONG = "gpu-" + "x" * 59
MACHINE = Machine(
    "gpu-1", "t4", "us-central1-a", "running", id="11", gpu="nvidia-tesla-t4", gpus=1, machine_type="n1-standard-4",
    disk_gb=100, disk_type="pd-balanced",
)  # fmt: skip


@pytest.fixture
def settled(workspace: Workspace) -> Path:
    """Settings of machines, as `footplate vm settings --write` makes them."""
    path = machines.file(workspace)
    path.parent.mkdir(exist_ok=True)
    shutil.copyfile(ROOT / "configs" / "machines.yaml", path)
    return path


@pytest.fixture
def rented(workspace: Workspace, settled: Path) -> Workspace:
    """A machine that has run for two hours, and one with the longest name that stands stopped."""
    born = time.time() - 7200
    one = replace(MACHINE, created_at=born, started_at=born)
    other = replace(one, name=LONG, id="12", state="stopped", stopped_at=born + 3600, spot=True)
    ledger.observe(workspace.machines, [one, other], prices.load())
    return workspace


def at_most_80_columns(text: str) -> bool:
    return all(len(line) <= 80 for line in text.splitlines())


def test_costs_tell_each_machine_and_the_sum(cli: Cli, rented: Workspace) -> None:
    said = cli("vm", "costs", "--offline")
    lines = said.out.splitlines()
    assert said.code == 0 and lines[0].split() == ["NAME", "STATE", "$/H", "TODAY", "MONTH", "SO", "FAR", "TO", "COME"]
    assert lines[1].startswith("gpu-1 ") and "running" in lines[1] and "stopped" in lines[2]
    assert lines[3].startswith("all ") and at_most_80_columns(said.out)
    assert "so far: processors and memory $" in said.out and "last looked at" in said.out


def test_costs_read_out_are_a_line_a_cell(cli: Cli, rented: Workspace) -> None:
    said = cli("vm", "costs", "--offline", "--plain").out
    assert said.startswith("name: gpu-1\nstate: running\n$/h: $0.5") and "name: all" in said
    assert "t4 spot: 0.175" in cli("vm", "prices", "--plain").out


def test_costs_for_programs_are_numbers(cli: Cli, rented: Workspace) -> None:
    value = json.loads(cli("vm", "costs", "--offline", "--json").out)
    one = {entry["name"]: entry for entry in value["machines"]}["gpu-1"]
    assert one["parts"]["gpu"] == pytest.approx(0.70, abs=0.001)
    assert value["so_far"] == pytest.approx(sum(entry["so_far"] for entry in value["machines"]))
    assert set(value["budget"]) == {"month_usd", "said"} and not value["asked_the_cloud"]


def test_costs_before_any_machine(cli: Cli, settled: Path) -> None:
    assert cli("vm", "costs", "--offline").out == "no machine has cost anything yet\n"


def test_costs_say_when_the_cloud_cannot_be_asked(cli: Cli, rented: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(rented.root / "no-such-key.json"))
    said = cli("vm", "costs")
    assert said.code == 0 and "the cloud could not be asked" in said.err and "gpu-1" in said.out


def test_the_list_of_prices_tells_its_date_and_source(cli: Cli, settled: Path) -> None:
    said = cli("vm", "prices")
    assert "us-central1      0.19 " in said.out and "as of 2026-" in said.out and at_most_80_columns(said.out)
    value = json.loads(cli("vm", "prices", "--json").out)
    assert value["usd"]["us-central1"]["nvidia-tesla-t4"] == {"standard": 0.35, "spot": 0.175}


def test_newer_prices_hold_from_now_on(cli: Cli, rented: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text("thing,region,model,usd\nnvidia-tesla-t4,us-central1,standard,3.50\n")
    said = cli("vm", "prices", "--refresh", str(file))
    assert said.code == 0 and "1 prices taken, 0 rejected" in said.err
    value = json.loads(cli("vm", "costs", "--offline", "--json").out)
    one = {entry["name"]: entry for entry in value["machines"]}["gpu-1"]
    assert one["hourly"] > 3.5 and one["parts"]["gpu"] == pytest.approx(0.70, abs=0.02)
    assert [line.act for line in audit.read(rented.machines).lines][-3:] == ["refreshed_prices", "priced", "priced"]


def test_a_bad_file_of_prices_changes_nothing(cli: Cli, settled: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text("thing,region,model,usd\nx,y,standard,much\n")
    said = cli("vm", "prices", "--refresh", str(file))
    assert said.code == 2 and f"{file}:2: usd: expected dollars" in said.err
    assert cli("vm", "prices", "--refresh", str(tmp_path / "none")).code == 2


def test_another_budget_is_written_into_the_settings_and_nothing_else_there(cli: Cli, settled: Path) -> None:
    before = settled.read_text().splitlines()
    said = cli("vm", "budget", "$55.50")
    after = settled.read_text().splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    [(old, new)] = changed
    assert new == re.sub(r"month_usd: \d+", "month_usd: 55.5", old) and "warn_at" in new
    assert said.out.startswith("$55.50 a month (UTC), warns at 80%")
    [line] = audit.read(settled.parent.parent / "machines").lines
    assert (line.act, line.facts) == ("set_budget", {"month_usd": 55.5})


@pytest.mark.parametrize("words", ["-5", "much", "nan", "inf"])
def test_a_budget_that_is_none_is_refused(cli: Cli, settled: Path, words: str) -> None:
    before = settled.read_text()
    assert cli("vm", "budget", words).code == 2 and settled.read_text() == before


def test_a_budget_cannot_be_written_where_its_key_is_not(cli: Cli, settled: Path) -> None:
    settled.write_text("provider: gce\n# month_usd: 7\n")
    said = cli("vm", "budget", "5")
    assert said.code == 2 and "expected one key month_usd, found 0" in said.err


def test_a_budget_says_what_is_spent_and_to_come(cli: Cli, rented: Workspace) -> None:
    said = cli("vm", "budget", "1")
    assert said.code == 0 and "! over the month's budget" in said.out and at_most_80_columns(said.out)
    value = json.loads(cli("vm", "budget", "--json").out)
    assert value["month_usd"] == 1 and value["spent"] > 1 and value["to_come"] > 0


def test_the_audit_tells_who_did_what(cli: Cli, rented: Workspace) -> None:
    audit.append(rented.machines, "refused", "gpu-2", said="the month's budget would not hold")
    lines = cli("vm", "audit").out.splitlines()
    assert lines[0].split() == ["WHEN", "ACT", "MACHINE", "WHO", "WHAT"] and len(lines) == 4
    assert "is=running zone=us-central1-a" in lines[1] and clipped(LONG) in lines[2]
    assert len(cli("vm", "audit", "--machine", "gpu-2").out.splitlines()) == 2
    value: list[dict[str, Any]] = json.loads(cli("vm", "audit", "--json").out)
    assert value[-1]["said"] == "the month's budget would not hold" and value[0]["seen"]["id"] == "11"


def test_the_audit_can_be_asked_since_when(cli: Cli, rented: Workspace) -> None:
    assert len(cli("vm", "audit", "--since", "2h").out.splitlines()) == 3
    assert cli("vm", "audit", "--since", "2099-01-01").out == "nothing of that\n"
    said = cli("vm", "audit", "--since", "yesterday")
    assert said.code == 2 and "2h, 7d" in said.err


def test_a_damaged_audit_is_told_and_read_around(cli: Cli, rented: Workspace) -> None:
    with (rented.machines / audit.FILE).open("ab") as file:
        file.write(b"\x00\xff half a line\n")
    said = cli("vm", "audit")
    assert said.code == 0 and "line 3" in said.err and len(said.out.splitlines()) == 3
    assert "line 3" in cli("vm", "costs", "--offline").out.replace("\n  ", " ")


def test_what_was_said_to_a_terminal_cannot_move_its_cursor(cli: Cli, rented: Workspace) -> None:
    audit.append(rented.machines, "refused", "gpu-\x1b[2J", said="\x1b]0;title\a two\nlines")
    said = cli("vm", "audit").out
    assert "\x1b" not in said and "\a" not in said and len(said.splitlines()) == 4
