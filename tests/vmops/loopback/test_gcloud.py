"""A second, independent client: Google's own command line against the loopback cloud."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import outside
from tests.vmops.loopback.place import ZONE, Place
from vmops import loopback

pytestmark = outside.needs("gcloud")
Gcloud = Callable[..., subprocess.CompletedProcess[str]]
IMAGE = ("--image-family=debian-12", "--image-project=debian-cloud")


@pytest.fixture
def gcloud(cloud: loopback.Cloud, tmp_path: Path) -> Gcloud:
    """`gcloud compute …` with a configuration of its own, without credentials, led to the cloud of this test."""
    environment = {
        **os.environ,
        "CLOUDSDK_CONFIG": str(tmp_path / "gcloud"),
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE": f"{cloud.endpoint}/compute/v1/",
        "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
        "CLOUDSDK_CORE_PROJECT": cloud.project,
        "CLOUDSDK_COMPUTE_ZONE": ZONE,
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
    }

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        command = [outside.program("gcloud"), "compute", *words, "--format=json"]
        return subprocess.run(command, capture_output=True, text=True, timeout=100, env=environment, check=False)

    return call


def answer(said: subprocess.CompletedProcess[str]) -> Any:
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def test_what_gcloud_creates_the_library_sees(gcloud: Gcloud, here: Place) -> None:
    gpu = ("--accelerator=type=nvidia-tesla-t4,count=1", "--maintenance-policy=TERMINATE")
    spot = ("--provisioning-model=SPOT", "--instance-termination-action=STOP", "--labels=footplate=lab")
    made = answer(gcloud("instances", "create", "gpu-1", "--machine-type=n1-standard-4", *IMAGE, *gpu, *spot))
    found = here.get("gpu-1")
    assert [one["id"] for one in made] == [str(found.id)] and found.status == "RUNNING"
    assert found.scheduling.provisioning_model == "SPOT" and dict(found.labels) == {"footplate": "lab"}
    assert found.guest_accelerators[0].accelerator_type.endswith("/nvidia-tesla-t4")
    listed = answer(gcloud("instances", "list", "--filter=labels.footplate=lab"))
    assert [one["name"] for one in listed] == ["gpu-1"]


def test_what_the_library_creates_gcloud_stops_and_starts(gcloud: Gcloud, here: Place) -> None:
    here.made("vm")
    assert gcloud("instances", "stop", "vm").returncode == 0
    assert here.get("vm").status == "TERMINATED"
    assert answer(gcloud("operations", "list", "--filter=operationType=stop"))[0]["status"] == "DONE"


def test_gcloud_names_the_zone_that_has_none_left(cloud: loopback.Cloud, gcloud: Gcloud, here: Place) -> None:
    cloud.faults.stock_out(ZONE)
    refused = gcloud("instances", "create", "vm", "--machine-type=e2-micro", *IMAGE)
    assert refused.returncode == 1 and "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS" in refused.stderr
    assert not list(here.instances.list(project=here.project, zone=ZONE))


def test_gcloud_says_that_a_name_is_taken(gcloud: Gcloud, here: Place) -> None:
    here.made("vm")
    refused = gcloud("instances", "create", "vm", "--machine-type=e2-micro", *IMAGE)
    assert refused.returncode == 1 and "already exists" in refused.stderr
