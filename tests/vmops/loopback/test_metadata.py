"""The metadata server: what a machine may know of itself, and that it hears of its preemption at once."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request

import pytest

from tests import lab
from tests.vmops.loopback.place import ZONE, Place, spot
from vmops import loopback

FLAVOR = {"Metadata-Flavor": "Google"}


def base(cloud: loopback.Cloud, name: str) -> str:
    address = cloud.machine(name)["networkInterfaces"][0]["accessConfigs"][0]["natIP"]
    return f"http://{address}:{cloud.metadata_port}/computeMetadata/v1"


def ask(url: str, headers: dict[str, str] = FLAVOR) -> tuple[str, str]:
    """The text and its tag."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
        assert answer.headers["Metadata-Flavor"] == "Google"
        return answer.read().decode(), answer.headers["ETag"]


def test_a_machine_knows_its_name_number_and_place(cloud: loopback.Cloud, here: Place) -> None:
    made = here.made("vm", scheduling=spot())
    url = base(cloud, "vm")
    assert ask(f"{url}/instance/id")[0] == str(made.id) and ask(f"{url}/instance/name")[0] == "vm"
    assert ask(f"{url}/instance/zone")[0].endswith(f"/zones/{ZONE}")
    assert ask(f"{url}/project/project-id")[0] == cloud.project
    assert ask(f"{url}/instance/preempted")[0] == "FALSE" and ask(f"{url}/instance/maintenance-event")[0] == "NONE"
    whole = json.loads(ask(f"{url}/instance/?recursive=true")[0])
    assert whole["scheduling"]["preemptible"] == "TRUE" and "name\n" in ask(f"{url}/instance/")[0]


def test_attributes_are_the_metadata_of_the_instance(cloud: loopback.Cloud, here: Place) -> None:
    from google.cloud import compute_v1 as c

    here.made("vm", metadata=c.Metadata(items=[c.Items(key="footplate-max-hours", value="24")]))
    assert ask(f"{base(cloud, 'vm')}/instance/attributes/footplate-max-hours")[0] == "24"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        ask(f"{base(cloud, 'vm')}/instance/attributes/none")


@pytest.mark.parametrize("headers", [{}, {"Metadata-Flavor": "google"}, {**FLAVOR, "X-Forwarded-For": "10.0.0.1"}])
def test_who_does_not_ask_as_a_machine_is_refused(cloud: loopback.Cloud, here: Place, headers: dict[str, str]) -> None:
    here.made("vm")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        ask(f"{base(cloud, 'vm')}/instance/id", headers)


def test_who_waits_hears_of_the_preemption_before_the_machine_ends(cloud: loopback.Cloud, here: Place) -> None:
    here.made("vm", scheduling=spot())
    url, heard = f"{base(cloud, 'vm')}/instance/preempted", []
    _, tag = ask(url)
    waiting = threading.Thread(target=lambda: heard.append(ask(f"{url}?wait_for_change=true&last_etag={tag}")))
    waiting.start()
    asked = cloud.preempt("vm", notice_s=60)
    waiting.join(timeout=50)
    assert heard and heard[0][0] == "TRUE" and heard[0][1] != tag
    assert here.operations.get(project=here.project, zone=ZONE, operation=asked).status.name == "RUNNING"
    assert ask(url)[0] == "TRUE" and cloud.pids("vm"), "the machine has its notice"


def test_who_has_not_seen_the_last_value_hears_it_at_once(cloud: loopback.Cloud, here: Place) -> None:
    here.made("vm")
    url = f"{base(cloud, 'vm')}/instance/preempted?wait_for_change=true"
    assert ask(f"{url}&last_etag=0")[0] == "FALSE"
    assert ask(f"{url}&timeout_sec=0")[0] == "FALSE", "and who waits long enough hears the same again"


def test_a_maintenance_event_is_told_while_it_lasts(cloud: loopback.Cloud, here: Place) -> None:
    cloud.notice_s = 0.5
    here.made("vm")
    url = f"{base(cloud, 'vm')}/instance/maintenance-event"
    done = here.instances.simulate_maintenance_event_unary(**here.at("vm"))
    lab.until(lambda: ask(url)[0] == "MIGRATE_ON_HOST_MAINTENANCE", "the event")
    here.done(done)
    assert ask(url)[0] == "NONE" and here.get("vm").status == "RUNNING"


def test_a_guest_publishes_what_the_api_reads(cloud: loopback.Cloud, here: Place) -> None:
    from google.cloud import compute_v1 as c

    here.made("vm")
    put = urllib.request.Request(
        f"{base(cloud, 'vm')}/instance/guest-attributes/footplate/ready", b"yes", FLAVOR, method="PUT"
    )
    urllib.request.urlopen(put, timeout=30).close()
    asked = c.GetGuestAttributesInstanceRequest(**here.at("vm"), query_path="footplate/")
    assert [item.value for item in here.instances.get_guest_attributes(asked).query_value.items] == ["yes"]
