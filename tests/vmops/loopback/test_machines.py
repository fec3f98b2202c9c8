"""The machines of the loopback cloud are real: logins, processes, disks, their end, and a cloud that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import lab, outside
from tests.vmops.loopback import place as places
from tests.vmops.loopback.place import ZONE, Place, body
from vmops import loopback
from vmops.loopback import processes


def ssh(cloud: loopback.Cloud, name: str, *words: str, tries: int = 200) -> subprocess.CompletedProcess[str]:
    """What a command says there; a machine that has just begun is asked again, as one does."""
    address = cloud.machine(name)["networkInterfaces"][0]["accessConfigs"][0]["natIP"]
    files = {"UserKnownHostsFile": cloud.known_hosts, "IdentityFile": cloud.key}
    spelled = {key: f'"{str(path).replace("%", "%%")}"' for key, path in files.items()}  # ssh expands %, and splits
    options = {**spelled, "BatchMode": "yes", "IdentitiesOnly": "yes"}
    asked = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    command = ["ssh", "-F", "none", "-p", str(cloud.ssh_port), *asked, address, *words]
    for _ in range(tries):
        said = subprocess.run(
            command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False
        )
        if said.returncode != 255:
            break
        time.sleep(0.2)
    return said


@outside.needs("sshd", "ssh")
def test_a_login_is_at_home_in_a_folder_of_the_machine_alone(cloud: loopback.Cloud, here: Place) -> None:
    made = here.made("vm")
    said = ssh(cloud, "vm", 'pwd; echo "$HOME"; echo "$FOOTPLATE_MACHINE"; echo "a  b"')
    assert said.stdout.splitlines() == [str(cloud.home("vm"))] * 2 + [str(made.id), "a  b"], said.stderr
    assert ssh(cloud, "vm", "exit 7").returncode == 7
    (cloud.home("vm") / ".bashrc").write_text("OWN=yes\n")
    assert ssh(cloud, "vm", "echo end").stdout == "end\n"


@outside.needs("sshd", "ssh")
def test_a_folder_with_blanks_and_signs_is_as_good_as_any(tmp_path: Path) -> None:
    with loopback.cloud(tmp_path / "a b%c (d)") as cloud:
        places.of(cloud).made("vm")
        assert ssh(cloud, "vm", "pwd; ls").stdout == f"{cloud.home('vm')}\n"


@outside.needs("sshd", "ssh")
def test_a_machine_that_is_stopped_has_no_process_and_keeps_its_files(cloud: loopback.Cloud, here: Place) -> None:
    here.made("vm")
    detached = "setsid sh -c 'echo $$ >> pids; exec sleep 1000' >/dev/null 2>&1 </dev/null &"
    wiped = "env -i setsid sh -c 'echo $$ >> pids; exec sleep 1001' >/dev/null 2>&1 </dev/null &"
    stubborn = "setsid sh -c 'trap \"\" TERM; echo $$ >> pids; while :; do sleep 1; done' >/dev/null 2>&1 </dev/null &"
    ssh(cloud, "vm", f"{detached} {wiped} {stubborn} echo hello > file")
    home, pids = cloud.home("vm"), cloud.home("vm") / "pids"
    lab.until(lambda: pids.exists() and len(pids.read_text().split()) == 3, "three processes")
    numbers = [int(word) for word in pids.read_text().split()]
    assert set(numbers) <= cloud.pids("vm")
    here.act("stop", "vm")
    assert not [pid for pid in numbers if processes.born(pid)] and not cloud.pids("vm")
    here.act("start", "vm")
    assert ssh(cloud, "vm", "cat file").stdout == "hello\n"
    here.act("delete", "vm")
    assert not home.exists()


@outside.needs("sshd", "ssh")
def test_each_start_has_another_address_and_the_same_host_key(cloud: loopback.Cloud, here: Place) -> None:
    first = here.made("vm").network_interfaces[0].access_configs[0].nat_i_p
    key = ssh(cloud, "vm", "cat ../ssh/host_ed25519.pub").stdout.split()[1]
    here.act("stop", "vm")
    here.act("start", "vm")
    assert here.get("vm").network_interfaces[0].access_configs[0].nat_i_p != first
    assert ssh(cloud, "vm", "cat ../ssh/host_ed25519.pub").stdout.split()[1] == key
    assert key in here.instances.get_serial_port_output(**here.at("vm")).contents


@outside.needs("sshd", "ssh")
def test_only_keys_of_the_metadata_may_log_in(cloud: loopback.Cloud, here: Place) -> None:
    from google.cloud import compute_v1 as c

    here.made("vm", metadata=c.Metadata(items=[c.Items(key="block-project-ssh-keys", value="TRUE")]))
    refused = ssh(cloud, "vm", "true", tries=8)
    assert refused.returncode == 255 and "Permission denied" in refused.stderr
    seen = here.get("vm").metadata
    entry = f"{cloud.info()['user']}:{cloud.key.with_suffix('.pub').read_text()}"
    wanted = c.Metadata(fingerprint=seen.fingerprint, items=[*seen.items, c.Items(key="ssh-keys", value=entry)])
    here.done(here.instances.set_metadata_unary(**here.at("vm"), metadata_resource=wanted))
    assert ssh(cloud, "vm", "true").returncode == 0


def test_the_host_key_is_published_where_guest_attributes_are_switched_on(cloud: loopback.Cloud, here: Place) -> None:
    from google.cloud import compute_v1 as c

    here.made("vm", metadata=c.Metadata(items=[c.Items(key="enable-guest-attributes", value="TRUE")]))
    asked = c.GetGuestAttributesInstanceRequest(**here.at("vm"), query_path="hostkeys/")
    found = {item.key: item.value for item in here.instances.get_guest_attributes(asked).query_value.items}
    assert f"ssh-ed25519 {found['ssh-ed25519']}" in cloud.known_hosts.read_text()


def test_what_set_up_has_left_is_started_at_each_boot(cloud: loopback.Cloud, here: Place) -> None:
    here.made("vm")
    boot = cloud.home("vm") / "footplate" / "boot" / "watchdog.sh"
    boot.parent.mkdir(parents=True)
    boot.write_text('echo "$FOOTPLATE_BOOT_ID" >> "$HOME/boots"; exec sleep 1000\n')
    boots = cloud.home("vm") / "boots"

    def seen() -> set[str]:
        return set(boots.read_text().split()) if boots.exists() else set()

    for _ in range(2):
        here.act("stop", "vm")
        before = seen()  # where its first boot was late, it has found the file as well
        here.act("start", "vm")
        lab.until(lambda before=before: seen() - before, "a boot")


def test_scripts_of_the_metadata_run_at_the_beginning_and_at_the_end(cloud: loopback.Cloud, here: Place) -> None:
    from google.cloud import compute_v1 as c

    scripts = {"startup-script": "echo up >> $HOME/said", "shutdown-script": "echo down >> $HOME/said"}
    here.made("vm", metadata=c.Metadata(items=[c.Items(key=key, value=value) for key, value in scripts.items()]))
    said = cloud.home("vm") / "said"
    lab.until(lambda: said.exists() and said.read_text() == "up\n", "the start")
    here.act("stop", "vm")
    assert said.read_text() == "up\ndown\n"


def test_a_machine_that_shuts_itself_down_is_terminated(cloud: loopback.Cloud, here: Place) -> None:
    from google.cloud import compute_v1 as c

    script = c.Items(key="startup-script", value="sleep 0.5; sudo -n shutdown -h now")
    here.made("vm", metadata=c.Metadata(items=[script]))
    lab.until(lambda: here.get("vm").status == "TERMINATED", "its end")
    asked = c.ListZoneOperationsRequest(project=here.project, zone=ZONE, filter="operationType:guestTerminate")
    assert [one.user for one in here.operations.list(asked)] == ["system@google.com"]


def test_a_machine_without_sshd_says_so(
    cloud: loopback.Cloud, here: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from vmops import providers

    monkeypatch.setattr("vmops.loopback.computer.sshd", lambda: "")
    assert here.made("vm", labels={"footplate": "lab"}).status == "RUNNING" and cloud.info()["ssh"] is False
    found = providers.open_provider(cloud.settings(), tmp_path / "machines").machine("vm")
    assert "no sshd" in found.problem and found.simulated


OWNER = """
import json, pathlib, sys, time, urllib.request
from vmops import loopback
with loopback.cloud(pathlib.Path(sys.argv[1])) as cloud:
    url = cloud.url("zones/us-central1-a/instances")
    urllib.request.urlopen(urllib.request.Request(url, sys.argv[2].encode(), method="POST")).close()
    while cloud.machine("vm")["status"] != "RUNNING":
        time.sleep(0.05)
    print(cloud.machine("vm")["id"], flush=True)
    time.sleep(600)
"""


def test_machines_end_when_their_owner_is_killed(tmp_path: Path) -> None:
    from google.cloud import compute_v1 as c

    command = [sys.executable, "-c", OWNER, str(tmp_path / "cloud"), c.Instance.to_json(body("vm"))]
    owner = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    machine = owner.stdout.readline().strip()
    assert processes.of_machine(machine)
    owner.kill()
    owner.wait()
    lab.until(lambda: not processes.of_machine(machine), "its machines to end")


# --- the cloud as a process -------------------------------------------------------------------------------------------


def begin(folder: Path) -> tuple[subprocess.Popen[str], dict[str, object]]:
    """A cloud of its own, and what it says of itself."""
    command = [sys.executable, "-m", "vmops.loopback", str(folder), "--pace", "0.3", "--owner", str(os.getpid())]
    begun = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert begun.stdout is not None
    return begun, json.loads(begun.stdout.readline())


def test_a_killed_cloud_goes_on_with_its_machines_and_its_operations(tmp_path: Path) -> None:
    cloud, told = begin(tmp_path / "cloud")
    place = Place(str(told["project"]), str(told["endpoint"]))
    kept = place.made("kept")
    asked = place.insert("half-way")
    cloud.kill()
    cloud.wait()
    alive = processes.of_machine(str(kept.id))
    assert alive, "machines do not end with the cloud's process"
    again, told_again = begin(tmp_path / "cloud")
    assert told_again["endpoint"] == told["endpoint"]
    assert not place.done(asked).error.errors and place.get("half-way").status == "RUNNING"
    assert place.get("kept").status == "RUNNING" and alive <= processes.of_machine(str(kept.id))
    with pytest.raises(Exception, match="already exists"):
        place.instances.insert_unary(project=place.project, zone=ZONE, instance_resource=body("half-way"))
    again.send_signal(signal.SIGTERM)
    assert again.wait() == 0 and not processes.of_machine(str(kept.id))


def test_a_machine_of_a_cloud_that_is_a_process_hears_its_power_button(tmp_path: Path) -> None:
    from google.cloud import compute_v1 as c

    cloud, told = begin(tmp_path / "cloud")
    place = Place(str(told["project"]), str(told["endpoint"]))
    script = c.Items(key="shutdown-script", value="echo down > $HOME/said")
    place.made("vm", metadata=c.Metadata(items=[script]))
    place.act("stop", "vm")
    assert [path.read_text() for path in (tmp_path / "cloud").glob("disks/*/home/said")] == ["down\n"]
    cloud.terminate()
    assert cloud.wait() == 0


@outside.needs("sshd", "ssh")
def test_signals_of_a_login_are_as_they_are_anywhere(cloud: loopback.Cloud, here: Place) -> None:
    here.made("vm")
    ignored = int(ssh(cloud, "vm", "grep SigIgn /proc/self/status").stdout.split()[1], 16)
    assert not ignored & sum(1 << (number - 1) for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM))


@outside.needs("sshd", "ssh")
def test_a_machine_whose_first_process_is_killed_leaves_no_sshd_behind(cloud: loopback.Cloud, here: Place) -> None:
    here.made("vm")
    ssh(cloud, "vm", "true")
    computer = cloud.rack.computer(cloud.machine("vm"))
    before = cloud.pids("vm")
    os.kill(computer.first(), signal.SIGKILL)
    lab.until(lambda: here.get("vm").status == "TERMINATED", "the cloud to see it")
    assert len(before) >= 2 and not [pid for pid in before if processes.born(pid)]
