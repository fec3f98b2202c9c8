"""Make an environment out of a lock, on the machine: uv in a folder of its own, then everything that the lock names.

Killed at any moment it goes on from there when it is run again; a file `ready` comes last.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

LEAST = (3, 11)
NO_VENV = "neither `python3 -m venv` nor `python3 -m pip` works there"


class Failed(Exception):
    """Why it cannot be made, and what to do."""


def main(here: Path, environment: Path) -> int:
    """Make it; what failed is said in `failed.json` beside the lock."""
    failed, began = here / "failed.json", time.time()
    try:
        uv = installer(here.parent, here / "bootstrap.lock")
        interpreter = python()
        say(f"an environment of {interpreter}")
        run([uv, "venv", "--quiet", "--allow-existing", "--python", interpreter, str(environment)])
        into = str(environment / "bin" / "python")
        words = ["--require-hashes", "--compile-bytecode", "-r", str(here / "requirements.lock")]
        run([uv, "pip", "install", "--python", into, *words])
    except Failed as error:
        failed.write_text(json.dumps({"words": error.args[0], "hint": error.args[1]}))
        return 1
    facts = {"python": interpreter, "seconds": time.time() - began, "at": time.time()}
    beside = environment / "ready.part"
    beside.write_text(json.dumps(facts))
    beside.replace(environment / "ready")
    say(f"ready after {time.time() - began:.0f} s")
    return 0


def installer(folder: Path, lock: Path) -> str:
    """The uv that the bootstrap lock names; made once for all environments."""
    from hashlib import sha256

    place = folder / f".uv-{sha256(lock.read_bytes()).hexdigest()[:16]}"
    uv = place / "bin" / "uv"
    if not (place / "ready").exists():
        say("installing uv")
        shutil.rmtree(place, ignore_errors=True)
        words = ["--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(lock)]
        if works([sys.executable, "-m", "venv", str(place)]):
            run([str(place / "bin" / "python"), "-m", "pip", "install", *words])
        elif works([sys.executable, "-m", "pip", "--version"]):  # Debian keeps venv in a package of its own
            run([sys.executable, "-m", "pip", "install", *words, "--target", str(place)])
        else:
            raise Failed(NO_VENV, "sudo apt-get install -y python3-venv")
        (place / "ready").touch()
    return str(uv)


def python() -> str:
    """A Python that is new enough; where there is none, the version that uv is to fetch."""
    names = [sys.executable, *(f"python3.{minor}" for minor in (11, 12, 13)), "python3"]
    ask = "import sys; sys.exit(sys.version_info < " + repr(LEAST) + ")"
    for name in filter(None, map(shutil.which, names)):
        if works([name, "-c", ask]):
            return name
    return ".".join(map(str, LEAST))


def run(words: list[str]) -> None:
    """A step; its own words stand before."""
    done = subprocess.run(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    said = done.stdout.decode("utf-8", "replace").strip()
    say(said)
    if done.returncode:
        raise Failed(said[-1000:] or f"{words[0]} failed with {done.returncode}", advice(said))


def advice(said: str) -> str:
    """What to do, where the words of an installer tell."""
    if "No space left" in said or "os error 28" in said:
        return "make room there, or give the machine a larger disk"
    if any(word in said for word in ("dns error", "Connection", "connect", "timed out", "Temporary failure")):
        return "can the machine reach the package registry? look at its network and firewall"
    return "the words are the installer's; footplate/env on the machine has all of them"


def works(words: list[str]) -> bool:
    """Whether a command does what it should."""
    nothing = subprocess.DEVNULL
    try:
        return not subprocess.run(words, stdin=nothing, stdout=nothing, stderr=nothing, check=False).returncode
    except OSError:
        return False


def say(words: str) -> None:
    """A line for who follows."""
    if words:
        sys.stdout.write(words + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
