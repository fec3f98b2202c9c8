"""What is exported is what the schedulers' references allow, and runs the same spec."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine import registry
from engine.config import parse
from engine.specs.infer import Infer
from engine.workspace import Workspace
from tests.conftest import Cli

ASKED = ("videos=gs://study/videos", "compute.checkpoints=gs://study/kept", "models=[weights/pov.pth]")

# The fields of Batch's REST reference (v1) that we write, by message.
FIELDS: dict[str, Any] = {
    "taskGroups": [{
        "taskCount": str, "parallelism": str, "taskCountPerNode": str,
        "taskSpec": {
            "runnables": [{"script": {"text": str}}],
            "volumes": [{"gcs": {"remotePath": str}, "mountPath": str}],
            "maxRetryCount": int, "maxRunDuration": str,
            "lifecyclePolicies": [{"action": str, "actionCondition": {"exitCodes": [int]}}],
        },
    }],
    "allocationPolicy": {"instances": [{
        "installGpuDrivers": bool,
        "policy": {
            "machineType": str, "provisioningModel": str, "accelerators": [{"type": str, "count": str}],
            "bootDisk": {"image": str, "type": str, "sizeGb": str},
        },
    }]},
    "labels": {"footplate": str},
    "logsPolicy": {"destination": str},
}  # fmt: skip


@pytest.fixture
def study(workspace: Workspace, cli: Cli) -> Workspace:
    (workspace.root / "weights").mkdir()
    (workspace.root / "weights" / "pov.pth").write_bytes(b"weights")
    (workspace.root / "weights" / "pov.json").write_text("{}")
    if not (workspace.configs / "machines.yaml").is_file():
        assert cli("vm", "settings", "--write").code == 0
    return workspace


def exported(cli: Cli, tmp_path: Path, scheduler: str, *words: str) -> tuple[dict[str, Any], str]:
    """The answer, and what was written."""
    file = tmp_path / "job"
    values, options = ([word for word in words if ("=" in word) is kind] for kind in (True, False))
    done = cli("export", "infer", *ASKED, *values, "--for", scheduler, "--out", str(file), "--json", *options)
    assert done.code == 0, done.err
    return json.loads(done.out), file.read_text()


def spec_of(script: str, folder: Path) -> Infer:
    """What a script would run, having its own lines write it."""
    begin = script.index("cat > spec.yaml")
    folder.mkdir()
    subprocess.run(
        ["bash", "-c", script[begin : script.index("END_OF_FILE\n", begin + 40) + 12]], cwd=folder, check=True
    )
    found = parse(registry.job("infer").spec_class(), (folder / "spec.yaml").read_text(), "spec.yaml")
    assert isinstance(found, Infer)
    return found


def fits(value: Any, form: Any) -> bool:
    """Whether a value has no other fields than a form, and their types."""
    if isinstance(form, dict):
        return isinstance(value, dict) and all(key in form and fits(value[key], form[key]) for key in value)
    if isinstance(form, list):
        return isinstance(value, list) and all(fits(one, form[0]) for one in value)
    return type(value) is form


def test_a_task_of_skypilot_runs_the_same_spec_on_a_cluster_of_its_machines(
    study: Workspace, cli: Cli, tmp_path: Path
) -> None:
    said, text = exported(cli, tmp_path, "skypilot", "--count", "3")
    task = yaml.safe_load(text)
    assert set(task) <= {"name", "num_nodes", "resources", "file_mounts", "setup", "run"}
    assert task["num_nodes"] == 3
    assert task["resources"]["accelerators"] == "T4:1" and task["resources"]["use_spot"] is True
    mounts = task["file_mounts"]
    assert mounts["~/study/weights/pov.pth"] == str(study.root / "weights" / "pov.pth")
    assert {"~/study/workspace.yaml", "~/study/weights/pov.json"} <= set(mounts)
    for script in (task["setup"], task["run"]):
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    spec = spec_of(task["run"], tmp_path / "there")
    assert spec.compute.engine == "ray" and spec.compute.commits == said["commits"] == said["name"]
    assert spec.videos == "gs://study/videos" and "sky jobs launch" in said["then"][0]


def test_a_job_of_batch_has_the_fields_of_its_reference_and_a_part_for_each_machine(
    study: Workspace, cli: Cli, tmp_path: Path
) -> None:
    said, text = exported(cli, tmp_path, "batch", "--count", "4")
    job = json.loads(text)
    assert fits(job, FIELDS), "no field that the reference does not have"
    assert set(job) == set(FIELDS)
    group = job["taskGroups"][0]
    assert group["taskCount"] == group["parallelism"] == "4"
    script = group["taskSpec"]["runnables"][0]["script"]["text"]
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    assert 'part="$((BATCH_TASK_INDEX + 1))/$BATCH_TASK_COUNT"' in script
    spec = spec_of(script, tmp_path / "there")
    assert spec.compute.engine == "local" and spec.compute.checkpoints == "gs://study/kept"
    assert any("weights/pov.pth" in line and line.startswith("gcloud storage cp") for line in said["then"])
    last = said["then"][-1]
    assert last == f"footplate run infer {tmp_path / 'job.spec.yaml'}" and said["spec"] in last
    afterwards = parse(registry.job("infer").spec_class(), Path(said["spec"]).read_text(), said["spec"])
    assert afterwards == spec, "a run afterwards has the commits of all parts"


def test_the_same_spec_has_the_same_name_and_another_one_another(study: Workspace, cli: Cli, tmp_path: Path) -> None:
    first, _ = exported(cli, tmp_path, "batch")
    again, _ = exported(cli, tmp_path, "skypilot", "title=other words")
    other, _ = exported(cli, tmp_path, "batch", "frames_per_video=7")
    assert first["name"] == again["name"] != other["name"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("compute.checkpoints=gs://study/kept",), "is no bucket"),
        (("videos=gs://study/videos",), "compute.checkpoints: names no bucket"),
    ],
)
def test_what_no_other_machine_would_see_is_refused(
    study: Workspace, cli: Cli, words: tuple[str, ...], said: str
) -> None:
    done = cli(
        "export", "infer", "models=[weights/pov.pth]", *words, "--for", "batch", "--out", str(study.root / "job")
    )
    assert done.code == 2 and said in done.err and not (study.root / "job").exists()


def test_other_jobs_and_kinds_are_refused(study: Workspace, cli: Cli) -> None:
    assert "infer and extract can" in cli("export", "toy", "--for", "batch").err
    assert "machines.yaml has: " in cli("export", "infer", *ASKED, "--for", "batch", "--kind", "none").err
