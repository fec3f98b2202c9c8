"""Costs held against sums made by hand, to the cent, with a clock that the test sets."""

from __future__ import annotations

import calendar
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from vmops import audit, bill, ledger, prices
from vmops.ledger import Cost, Costs
from vmops.prices import Prices
from vmops.provider import Machine

HOUR, DAY = 3600.0, 86400.0


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> float:
    return float(calendar.timegm((year, month, day, hour, minute, second)))


BORN = at(2026, 11, 10, 8)
GPU = Machine(
    "gpu-1", "t4", "us-central1-a", "running", id="11", created_at=BORN, started_at=BORN, gpu="nvidia-tesla-t4", gpus=1,
    machine_type="n1-standard-4", disk_gb=100, disk_type="pd-balanced",
)  # fmt: skip
CPU = replace(GPU, name="cpu-1", id="22", gpu="", gpus=0, disk_gb=50)


def priced(**changes: dict[str, float]) -> Prices:
    """A list with round numbers: $0.20 the machine, $0.35 its GPU, $0.01 the address, $10 the disk a month."""
    table: dict[str, Any] = {
        "n1-standard": {"standard": "0.05", "spot": "0.01"}, "nvidia-tesla-t4": {"standard": "0.35", "spot": "0.11"},
        "pd-balanced": {"standard": "0.10"}, **changes,
    }  # fmt: skip
    found, faults = prices.parse(
        json.dumps({
            "date": "2026-11-01", "source": "this test", "us-central1": table,
            "global": {"address": {"standard": "0.01", "spot": "0.0025"}},
        }),
        Path("prices.yaml"),
    )  # fmt: skip
    assert not faults
    return found


@pytest.fixture
def look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Look at machines at a time, and write down what is new."""

    def looked(now: float, *machines: Machine, held: Prices | None = None) -> list[str]:
        monkeypatch.setattr("vmops.audit.time.time", lambda: now)
        return ledger.observe(tmp_path, machines, held or priced(), now)

    return looked


def told(folder: Path, now: float, machines: tuple[Machine, ...] | None = None) -> Costs:
    return ledger.cost(folder, machines, priced(), now)


def cents(value: Decimal) -> str:
    return str(bill.cents(value))


def only(costs: Costs) -> Cost:
    [one] = costs.machines
    return one


Look = Callable[..., list[str]]


def test_a_day_of_a_machine_to_the_cent(look: Look, tmp_path: Path) -> None:
    look(BORN + 60, GPU)
    stopped = replace(GPU, state="stopped", stopped_at=BORN + 7 * HOUR)
    assert look(BORN + 8 * HOUR, stopped) == ["gpu-1: stopped"]
    one = only(told(tmp_path, BORN + 10 * HOUR))
    # 7 h × (0.20 + 0.35 + 0.01), and 10 h of a disk of $10 in a month of 720 h
    assert cents(one.so_far) == cents(Decimal("3.92") + Decimal(100) / 720) == "4.06"
    assert {part: cents(usd) for part, usd in one.parts.items()} == {
        "machine": "1.40", "gpu": "2.45", "disk": "0.14", "address": "0.07",
    }  # fmt: skip
    assert (one.state, cents(one.hourly)) == ("stopped", "0.01")


def test_what_runs_costs_until_now(look: Look, tmp_path: Path) -> None:
    look(BORN, CPU)
    one = only(told(tmp_path, BORN + 90 * 60, (CPU,)))
    assert cents(one.parts["machine"]) == "0.30" and cents(one.parts["gpu"]) == "0.00"
    assert one.hourly == Decimal("0.21") + Decimal(5) / 730


def test_a_stopped_machine_costs_its_disk_for_a_whole_month(look: Look, tmp_path: Path) -> None:
    born = at(2026, 10, 31, 22)
    gone = replace(GPU, created_at=born, started_at=born, state="stopped", stopped_at=born + HOUR)
    look(born + 2 * HOUR, gone)
    costs = told(tmp_path, at(2026, 12, 1) - 1)
    assert cents(costs.month) == "10.00"  # November: the disk alone
    december = told(tmp_path, at(2026, 12, 2))
    assert cents(december.month) == cents(Decimal(10) / 31) == "0.32"


def test_months_cut_a_run(look: Look, tmp_path: Path) -> None:
    born = at(2026, 11, 30, 22)
    look(born, replace(CPU, created_at=born, started_at=born))
    now = at(2026, 12, 1, 3)
    one = only(told(tmp_path, now))
    # 3 of 5 hours lie in December, and 3 of its 744 hours of the disk
    assert cents(one.month) == cents(3 * Decimal("0.21") + Decimal(15) / 744) == "0.65"
    assert cents(one.so_far) == cents(5 * Decimal("0.21") + Decimal(15) / 744 + Decimal(10) / 720)
    assert one.today == one.month


def test_today_begins_at_midnight_of_utc(look: Look, tmp_path: Path) -> None:
    look(BORN, CPU)
    one = only(told(tmp_path, at(2026, 11, 11, 1)))
    assert cents(one.today) == cents(Decimal("0.21") + Decimal(5) / 720) == "0.22"


def test_a_minute_is_the_least(look: Look, tmp_path: Path) -> None:
    look(BORN + 30, replace(GPU, state="stopped", stopped_at=BORN + 10))
    one = only(told(tmp_path, BORN + 30))
    assert round(one.parts["machine"], 9) == round(Decimal("0.20") / 60, 9)
    assert round(one.parts["gpu"], 9) == round(Decimal("0.35") / 60, 9)
    assert one.parts["address"] == Decimal("0.01") * 10 / 3600


@pytest.mark.parametrize("state", ["provisioning", "staging"])
def test_a_machine_that_was_seen_before_it_ran_is_charged_once(look: Look, tmp_path: Path, state: str) -> None:
    early = replace(GPU, state=state, started_at=None)
    assert look(BORN + 1, early) == ["gpu-1: created"]
    assert only(told(tmp_path, BORN + 2, (early,))).parts["machine"] == 0  # of what does not run yet
    running = replace(GPU, started_at=BORN + 3)
    assert look(BORN + 5, running) == ["gpu-1: started"]
    one = only(told(tmp_path, BORN + 6, (running,)))
    assert round(one.parts["machine"], 9) == round(Decimal("0.20") / 60, 9) and one.words == ()


def test_each_time_costs_what_held_then(look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look(BORN, CPU)
    monkeypatch.setattr("vmops.audit.time.time", lambda: BORN + 2 * HOUR)
    ledger.reprice(tmp_path, priced(**{"n1-standard": {"standard": 0.10}}))
    one = only(told(tmp_path, BORN + 5 * HOUR))
    assert one.parts["machine"] == 2 * Decimal("0.20") + 3 * Decimal("0.40")
    assert one.hourly - Decimal(5) / 730 == Decimal("0.41")


def test_a_resized_machine_costs_the_new_size_from_its_start_on(look: Look, tmp_path: Path) -> None:
    look(BORN, CPU)
    look(BORN + HOUR, replace(CPU, state="stopped", stopped_at=BORN + HOUR))
    larger = replace(CPU, machine_type="n1-standard-8", started_at=BORN + 2 * HOUR)
    assert look(BORN + 3 * HOUR, larger) == ["cpu-1: started"]
    assert only(told(tmp_path, BORN + 4 * HOUR)).parts["machine"] == Decimal("0.20") + 2 * Decimal("0.40")


def test_another_machine_of_the_same_name_is_another_life(look: Look, tmp_path: Path) -> None:
    look(BORN, CPU)
    born = BORN + 5 * HOUR
    second = replace(CPU, id="33", created_at=born, started_at=born)
    assert look(BORN + 6 * HOUR, second) == ["cpu-1: created"]
    first, other = told(tmp_path, BORN + 7 * HOUR).machines
    assert (first.state, other.state) == ("gone", "running")
    assert first.parts["machine"] == 5 * Decimal("0.20") and other.parts["machine"] == 2 * Decimal("0.20")
    assert "deleted unseen between" in first.words[0]


# --- what nobody saw -------------------------------------------------------------------------------------------------


def test_a_stop_of_the_watchdog_ends_the_run_at_the_clouds_own_time(look: Look, tmp_path: Path) -> None:
    look(BORN, CPU)
    assert look(BORN + DAY, replace(CPU, state="stopped", stopped_at=BORN + 2 * HOUR)) == ["cpu-1: stopped"]
    assert only(told(tmp_path, BORN + DAY)).parts["machine"] == 2 * Decimal("0.20")


def test_a_preemption_is_told_as_one(look: Look, tmp_path: Path) -> None:
    look(BORN, CPU)
    taken = replace(CPU, state="stopped", stopped_at=BORN + HOUR, preempted=True)
    assert look(BORN + 2 * HOUR, taken) == ["cpu-1: preempted"]


def test_looking_twice_writes_and_counts_once(look: Look, tmp_path: Path) -> None:
    assert look(BORN, CPU) == ["cpu-1: created"]
    size = (tmp_path / audit.FILE).stat().st_size
    assert look(BORN + HOUR, CPU) == [] and (tmp_path / audit.FILE).stat().st_size == size
    path = tmp_path / audit.FILE
    path.write_bytes(path.read_bytes() * 3)  # several computers saw the same
    assert only(told(tmp_path, BORN + HOUR)).parts["machine"] == Decimal("0.20")


def test_a_run_that_began_and_ended_unseen_is_counted(look: Look, tmp_path: Path) -> None:
    look(BORN, replace(CPU, state="stopped", stopped_at=BORN + HOUR))
    again = replace(CPU, state="stopped", started_at=BORN + 3 * HOUR, stopped_at=BORN + 5 * HOUR)
    look(BORN + DAY, again)
    assert only(told(tmp_path, BORN + DAY)).parts["machine"] == 3 * Decimal("0.20")


def test_a_restart_unseen_ends_the_run_before_at_the_last_stop(look: Look, tmp_path: Path) -> None:
    look(BORN, CPU)
    look(BORN + DAY, replace(CPU, started_at=BORN + 6 * HOUR, stopped_at=BORN + 2 * HOUR))
    one = only(told(tmp_path, BORN + 7 * HOUR))
    assert one.parts["machine"] == 3 * Decimal("0.20") and not [said for said in one.words if "unseen" in said]


def test_without_a_stop_the_run_before_is_counted_until_the_next_start_and_says_so(look: Look, tmp_path: Path) -> None:
    look(BORN, CPU)
    look(BORN + DAY, replace(CPU, started_at=BORN + 6 * HOUR))
    one = only(told(tmp_path, BORN + 7 * HOUR))
    assert one.parts["machine"] == 7 * Decimal("0.20")
    assert "stopped unseen before 2026-11-10 14:00:00 UTC: counted until then, at most" in one.words


def test_a_deletion_in_the_console_is_counted_until_it_was_missed(look: Look, tmp_path: Path) -> None:
    look(BORN, CPU)
    assert look(BORN + 3 * HOUR) == ["cpu-1: deleted"]
    one = only(told(tmp_path, BORN + DAY))
    assert (one.state, one.hourly, one.parts["machine"]) == ("gone", 0, 3 * Decimal("0.20"))
    assert "deleted unseen between 2026-11-10 08:00:00 UTC and 2026-11-10 11:00:00 UTC" in one.words[0]


def test_its_own_limit_ends_what_nobody_saw_end(look: Look, tmp_path: Path) -> None:
    look(BORN, replace(CPU, ends_at=BORN + 2 * HOUR))
    blind = only(told(tmp_path, BORN + DAY))
    assert blind.parts["machine"] == 2 * Decimal("0.20") and "counted until its limit" in blind.words[0]
    look(BORN + DAY)
    assert only(told(tmp_path, BORN + DAY)).parts["machine"] == 2 * Decimal("0.20")


def test_a_list_from_before_the_creation_deletes_nothing(look: Look, tmp_path: Path) -> None:
    look(BORN, CPU)
    assert look(BORN + 60) == []
    assert only(told(tmp_path, BORN + HOUR, ())).state == "gone", "an hour later it is missed"


def test_a_machine_that_comes_back_was_not_gone(look: Look, tmp_path: Path) -> None:
    look(BORN, CPU)
    look(BORN + HOUR)
    assert look(BORN + 2 * HOUR, CPU) == ["cpu-1: found"]
    one = only(told(tmp_path, BORN + 3 * HOUR))
    assert (one.state, one.parts["machine"]) == ("running", 3 * Decimal("0.20"))
    assert not [said for said in one.words if "deleted" in said]


def test_an_end_before_its_start_is_told_and_costs_a_minute(look: Look, tmp_path: Path) -> None:
    look(BORN, CPU)
    look(BORN + HOUR, replace(CPU, state="stopped", stopped_at=BORN - 5))
    one = only(told(tmp_path, BORN + HOUR))
    assert round(one.parts["machine"], 9) == round(Decimal("0.20") / 60, 9) and "lies before its start" in one.words[0]


def test_a_running_machine_that_was_not_asked_about_says_since_when(look: Look, tmp_path: Path) -> None:
    look(BORN, CPU)
    assert "last looked at 2026-11-10 08:00:00 UTC" in only(told(tmp_path, BORN + DAY)).words[0]
    assert only(told(tmp_path, BORN + DAY, (CPU,))).words == ()


def test_a_look_that_changes_something_counts_before_it_is_written(tmp_path: Path) -> None:
    one = only(told(tmp_path, BORN + HOUR, (CPU,)))
    assert one.parts["machine"] == Decimal("0.20") and not (tmp_path / audit.FILE).exists()


def test_a_look_into_a_folder_that_takes_nothing_says_so_and_goes_on(look: Look, tmp_path: Path) -> None:
    (tmp_path / audit.FILE).symlink_to("/proc/version")
    [said] = look(BORN, CPU, GPU)
    assert said.startswith("cpu-1: created, not written down: ")


# --- what is not known -----------------------------------------------------------------------------------------------


def test_an_unknown_price_is_told_and_not_invented(look: Look, tmp_path: Path) -> None:
    look(BORN, replace(GPU, gpu="nvidia-b200", disk_type="hyperdisk"))
    one = only(told(tmp_path, BORN + HOUR))
    assert (one.parts["gpu"], one.parts["disk"], one.parts["machine"]) == (0, 0, Decimal("0.20"))
    assert any("no price known for its gpu, disk" in said for said in one.words)


def test_simulated_machines_are_in_no_sum_beside_real_ones(look: Look, tmp_path: Path) -> None:
    toy = replace(GPU, name="toy", id="99", simulated=True)
    look(BORN, toy)
    alone = told(tmp_path, BORN + HOUR)
    assert alone.simulated and alone.month > 0
    look(BORN + HOUR, toy, CPU)
    both = told(tmp_path, BORN + 2 * HOUR)
    [real] = [one for one in both.machines if not one.simulated]
    assert both.month == real.month and not both.simulated and "simulated" in both.words[0]


def test_a_damaged_line_of_the_audit_is_told_with_the_costs(look: Look, tmp_path: Path) -> None:
    look(BORN, CPU)
    with (tmp_path / audit.FILE).open("ab") as file:
        file.write(b"{half\n")
    costs = told(tmp_path, BORN + HOUR)
    assert "line 2" in costs.words[0] and only(costs).parts["machine"] == Decimal("0.20")


@pytest.mark.parametrize("seen", ["x", 7, {"state": 3}, {"created_at": "soon", "started_at": {}}, {"id": None}])
def test_a_look_with_strange_values_raises_nothing(tmp_path: Path, seen: object) -> None:
    audit.append(tmp_path, "observed", "gpu-1", seen=seen, rates={"machine": "much", "gpu": None})
    ledger.to_json(told(tmp_path, BORN))


def test_what_is_to_come_ends_at_the_limit_or_with_the_month(look: Look, tmp_path: Path) -> None:
    look(BORN, replace(CPU, ends_at=BORN + 10 * HOUR))
    one = only(told(tmp_path, BORN + 4 * HOUR))
    left = Decimal(at(2026, 12, 1) - BORN - 4 * HOUR) / 3600
    assert one.ahead == 6 * Decimal("0.21") + Decimal(5) * left / 720
