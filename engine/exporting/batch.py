"""An errand as a job of Google Batch: machines that know nothing of each other, each with its part of the shards.

Source of the fields: the REST reference of Batch, projects.locations.jobs, v1; numbers of 64 bits are texts there.
"""

from __future__ import annotations

import json
import shlex
from typing import Any

from engine.exporting.errand import Errand, files

INPUTS = "/mnt/disks/inputs"
PREEMPTED = 50001  # the exit code that Batch gives to a task whose spot machine was taken back
RETRIES = 10
SCRIPT = """\
set -eu
apt-get -qq update && apt-get -qq install -y python3-venv
python3 -m venv /opt/footplate
/opt/footplate/bin/pip install --quiet {package}
mkdir -p /opt/study && cd /opt/study
cp -r {inputs}/. .
{files}/opt/footplate/bin/footplate run {job} spec.yaml part="$((BATCH_TASK_INDEX + 1))/$BATCH_TASK_COUNT"
"""


def job(errand: Errand) -> dict[str, Any]:
    """The JSON of `gcloud batch jobs submit`, as values."""
    kind = errand.kind
    script = SCRIPT.format(
        package=shlex.quote(errand.package), inputs=INPUTS, job=errand.job,
        files=files(errand, errand.changed(engine="local")),
    )  # fmt: skip
    spec = {
        "runnables": [{"script": {"text": script}}],
        "volumes": [{"gcs": {"remotePath": _inputs(errand).removeprefix("gs://")}, "mountPath": INPUTS}],
        "maxRetryCount": RETRIES,
        "maxRunDuration": f"{int(kind.max_hours * 3600)}s",
        "lifecyclePolicies": [{"action": "RETRY_TASK", "actionCondition": {"exitCodes": [PREEMPTED]}}],
    }
    count = str(errand.count)
    return {
        "taskGroups": [{"taskCount": count, "parallelism": count, "taskCountPerNode": "1", "taskSpec": spec}],
        "allocationPolicy": {"instances": [_instance(errand)]},
        "labels": {"footplate": errand.job},
        "logsPolicy": {"destination": "CLOUD_LOGGING"},
    }


def text(errand: Errand) -> str:
    """The file."""
    return json.dumps(job(errand), indent=2) + "\n"


def then(errand: Errand, file: str) -> list[str]:
    """What to do with it: inputs go into the bucket first."""
    copies = [
        f"gcloud storage cp --recursive {shlex.quote(str(one.source))} {shlex.quote(f'{_inputs(errand)}/{one.target}')}"
        for one in errand.inputs
    ]
    submit = f"gcloud batch jobs submit {errand.name} --location REGION --config {shlex.quote(file)}"
    return [*copies, submit]


def _instance(errand: Errand) -> dict[str, Any]:
    kind = errand.kind
    policy: dict[str, Any] = {
        "machineType": kind.machine_type,
        "provisioningModel": "SPOT" if kind.spot else "STANDARD",
        "bootDisk": {"image": "batch-debian", "type": kind.disk_type, "sizeGb": str(kind.disk_gb)},
    }
    if kind.gpu:
        policy["accelerators"] = [{"type": kind.gpu, "count": str(kind.gpus)}]
    return {"installGpuDrivers": bool(kind.gpu), "policy": policy}


def _inputs(errand: Errand) -> str:
    return f"{errand.bucket}/{errand.name}/inputs"
