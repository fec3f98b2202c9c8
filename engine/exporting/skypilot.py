"""An errand as a task of SkyPilot: a Ray cluster of its machines, whose first one has the run.

Source of the keys: SkyPilot's YAML reference. SkyPilot keeps a Ray of its own on each machine, on another port; so ours
is ended by its process, and never by `ray stop`, which would end both.
"""

from __future__ import annotations

import shlex
from typing import Any

import yaml

from engine.exporting.errand import Errand, files

PORT = 6379
SETUP = """\
pip install --quiet uv
uv venv --quiet --python 3.11 ~/footplate
uv pip install --quiet --python ~/footplate/bin/python {package}
"""
RUN = """\
set -eu
export PATH="$HOME/footplate/bin:$PATH" RAY_USAGE_STATS_ENABLED=0
mkdir -p ~/study && cd ~/study
head="$(echo "$SKYPILOT_NODE_IPS" | head -n1):{port}"
if [ "$SKYPILOT_NODE_RANK" != 0 ]; then
  until ray health-check --address "$head"; do sleep 5; done
  ray start --address "$head" --disable-usage-stats --block || true
  exit 0
fi
ray start --head --port {port} --include-dashboard=false --disable-usage-stats --block &
cluster=$!
until ray health-check --address "$head"; do sleep 5; done
{files}code=0
footplate run {job} spec.yaml compute.address="$head" || code=$?
kill "$cluster"
exit "$code"
"""


def task(errand: Errand) -> dict[str, Any]:
    """The YAML of `sky jobs launch`, as values."""
    kind = errand.kind
    resources: dict[str, Any] = {
        "infra": "gcp", "instance_type": kind.machine_type, "use_spot": kind.spot, "disk_size": kind.disk_gb,
    }  # fmt: skip
    if kind.gpu:
        resources["accelerators"] = f"{_accelerator(kind.gpu)}:{kind.gpus}"
    run = RUN.format(port=PORT, files=files(errand, errand.changed(engine="ray")), job=errand.job)
    return {
        "name": errand.name,
        "num_nodes": errand.count,
        "resources": resources,
        "file_mounts": {f"~/study/{one.target}": str(one.source) for one in errand.inputs},
        "setup": SETUP.format(package=shlex.quote(errand.package)),
        "run": run,
    }


def text(errand: Errand) -> str:
    """The file."""
    return _dumped(task(errand))


def then(errand: Errand, file: str) -> list[str]:
    """What to do with it."""
    return [f"sky jobs launch {shlex.quote(file)}"]


def _accelerator(gpu: str) -> str:
    """A GPU as SkyPilot calls it: nvidia-tesla-t4 is T4."""
    return gpu.removeprefix("nvidia-").removeprefix("tesla-").upper()


def _dumped(value: dict[str, Any]) -> str:
    class Dumper(yaml.SafeDumper):
        """Texts of many lines as blocks."""

    def block(dumper: yaml.SafeDumper, one: str) -> yaml.ScalarNode:
        return dumper.represent_scalar("tag:yaml.org,2002:str", one, style="|" if "\n" in one else None)

    Dumper.add_representer(str, block)
    return yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120)
