"""Have one of our small programs run by a machine's Python; its text goes ahead on standard input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vmops import ssh, sshwords
from vmops.errors import Broken, Failed, Missing

FOLDER = Path(__file__).parent / "onmachine"
_LOADER = "import sys;exec(compile(sys.stdin.buffer.read(int(sys.argv[1])),sys.argv[2],'exec'))"


def argv(name: str, python: str = "python3") -> list[str]:
    """The command that reads a program from its standard input and becomes it; what follows there is the program's."""
    return [python, "-c", _LOADER, str(len(text(name))), f"<{name}>"]


def text(name: str) -> bytes:
    """The program itself."""
    return (FOLDER / f"{name}.py").read_bytes()


def ask(
    host: ssh.Host, name: str, words: Mapping[str, Any], *, python: str = "python3", timeout_s: float = 60.0
) -> dict[str, Any]:
    """What a program answers to some words, both JSON."""
    data = text(name) + json.dumps(words).encode() + b"\n"
    done = ssh.run(host, argv(name, python), data=data, timeout_s=timeout_s, check=False)
    if done.code:
        raise _explained(host, name, python, done)
    try:
        answer = json.loads(done.out)
    except ValueError:
        raise Broken(
            f"{host.name}: {name} answered {done.text[:200]!r}", hint="does a login script there print something?"
        ) from None
    if not isinstance(answer, dict):
        raise Broken(f"{host.name}: {name} answered {done.text[:200]!r}", hint="this is a mistake of ours")
    return answer


def _explained(host: ssh.Host, name: str, python: str, done: ssh.Completed) -> Exception:
    error = sshwords.failure(host.name, [python], done.code, done.err or done.text)
    if isinstance(error, Missing):
        return sshwords.missing(host.name, "python3")
    if isinstance(error, Failed):
        return Failed(
            f"{host.name}: {name} failed there: {sshwords.last(done.err)}",
            hint=error.hint,
            code=done.code,
            said=done.err,
        )
    return error
