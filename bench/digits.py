"""Handwritten digits carried through manifest, teacher, ensemble, soft labels and three stages of a student.

The images are those that scikit-learn ships: 1,797 real digits of 8 × 8 pixels by 43 writers, enlarged to 32 × 32.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

ROOT = Path(__file__).resolve().parent.parent
CONFIGS = ROOT / "configs" / "digits"
SIDE = 32
SHARES = {"train": 0.6, "val": 0.8, "test": 1.0}
LIMIT_S = 300.0  # on two cores


def main(quick: bool) -> dict[str, Any]:
    """Seconds of each job, all of them against the limit, and the stages side by side."""
    with tempfile.TemporaryDirectory() as folder:
        return walk(Path(folder) / "lab", 300 if quick else 1797)


def walk(lab: Path, count: int) -> dict[str, Any]:
    """All jobs in a new workspace, each by its command."""
    _engine("init", str(lab))
    images(lab, count)
    teacher = [str(CONFIGS / "teacher.yaml")]
    where = ["manifest=manifest.csv", "data_root=digits"]
    jobs = {
        "manifest": ["manifest", "manifests=manifest.csv", "data_root=digits"],
        "teacher": ["teacher", *teacher, "data_root=digits"],
        "second teacher": ["teacher", *teacher, "data_root=digits", "model.name=resnet10t", "seed=1"],
        "ensemble": ["ensemble", *where, "teachers=$BOTH"],
        "softlabels": ["softlabels", *where, "ensemble=run:ensemble/ensemble_metrics.json"],
        "distill": ["distill", str(CONFIGS / "distill.yaml"), "data_root=digits"],
    }
    took, runs = dict[str, float](), dict[str, str]()
    for name, words in jobs.items():
        both = json.dumps([f"run:{runs[each]}/best.pt" for each in ("teacher", "second teacher") if each in runs])
        began = time.monotonic()
        told = json.loads(_engine("-w", str(lab), "run", *(word.replace("$BOTH", both) for word in words), "--json"))
        took[name], runs[name] = time.monotonic() - began, told["id"]
    return {"images": count, "seconds": took, "total_s": sum(took.values()), "limit_s": LIMIT_S, **_told(lab, runs)}


def images(lab: Path, count: int, seed: int = 0) -> None:
    """PNGs of digits in a random order, and a manifest that shares them out."""
    digits, random = load_digits(), np.random.default_rng(seed)
    (lab / "digits").mkdir(parents=True)
    lines = ["image_path,label,split,source"]
    for place, number in enumerate(random.permutation(len(digits.target))[:count]):
        small = Image.fromarray((digits.images[number] * 255 / 16).astype(np.uint8))
        small.resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(lab / "digits" / f"{number:04}.png")
        split = next(name for name, share in SHARES.items() if place < share * count)
        lines.append(f"{number:04}.png,{digits.target[number]},{split},sklearn")
    (lab / "manifest.csv").write_text("\n".join(lines) + "\n")


def _told(lab: Path, runs: dict[str, str]) -> dict[str, Any]:
    found = {name: lab / "runs" / run / "artifacts" for name, run in runs.items()}
    metrics = json.loads((found["teacher"] / "reliabilitymetrics.json").read_text())
    stages = json.loads((found["distill"] / "stages.json").read_text())["stages"]
    return {"teacher": metrics["accuracy"], "stages": {one.pop("stage"): one for one in stages}}


def _engine(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "engine", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout
