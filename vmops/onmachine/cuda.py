"""Which torch an environment has and what it can do with the GPU; remembered, since torch takes seconds to load."""

from __future__ import annotations

import hashlib
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def main(asked: dict[str, Any]) -> dict[str, Any]:
    """What is known of this torch with this driver; else it is loaded and asked."""
    answer = {"python": ".".join(map(str, sys.version_info[:3]))}
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return {**answer, "error": "torch is not installed"}
    version = Path(spec.origin).with_name("version.py")
    key = json.dumps([sys.executable, spec.origin, version.stat().st_mtime_ns, asked["driver"]])
    known = Path.home() / "footplate" / "checked" / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
    try:
        return {**answer, **json.loads(known.read_text())}
    except (OSError, ValueError):
        found = looked()
    if "error" not in found and (found["available"] or not asked["driver"]):  # what may be mended is asked again
        known.parent.mkdir(parents=True, exist_ok=True)
        known.write_text(json.dumps(found))
    return {**answer, **found}


def looked() -> dict[str, Any]:
    """What torch says of itself and of the first GPU."""
    try:
        import torch

        flags = torch._C._cuda_getArchFlags() if torch.version.cuda else ""
        return {
            "torch": torch.__version__,
            "cuda": torch.version.cuda or "",
            "architectures": (flags or "").split(),
            "available": torch.cuda.is_available(),
        }
    except Exception as error:  # noqa: BLE001 (a broken installation fails in many ways)
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.stdin.buffer.readline()))))
