"""`python points.py FOLDER STEPS METRICS`: numbers of a training, written as an offline run by the wandb package.

The same numbers are written as events for ours. This file imports nothing of ours: wandb has an environment of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

LAST = 7.25  # by which the end of a curve is known


def of(steps: int, metrics: int) -> Iterator[dict[str, float]]:
    """Noisy curves that fall, a step at a time; all end at the same value."""
    for step in range(steps):
        noise = step * 7919 % 10007 / 10007
        last = step == steps - 1
        yield {f"m{metric}": LAST if last else noise + (metric + 1) / (step + 1) for metric in range(metrics)}


def main(folder: str, steps: int, metrics: int) -> None:
    """Write them with wandb."""
    import wandb

    settings = wandb.Settings(console="off", x_disable_stats=True)
    run = wandb.init(mode="offline", project="bench", dir=folder, settings=settings)
    for step, named in enumerate(of(steps, metrics)):
        run.log(named, step=step)
    run.finish()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
