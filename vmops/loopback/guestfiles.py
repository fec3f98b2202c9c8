"""The files of a machine that its boot needs: host key, sshd's configuration, the login, its power commands."""

from __future__ import annotations

import getpass
import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

LOGIN = """#!/bin/sh
# Each login starts here: what sshd would do, in the folder of this machine.
{exports}
cd {home} || exit 1
command=$SSH_ORIGINAL_COMMAND
unset SSH_ORIGINAL_COMMAND
if [ -n "$command" ]; then
    exec "$SHELL" -c "$command"
fi
exec "$SHELL" -l
"""
POWER = """#!/bin/sh
# Power off from inside: the first process of this machine shuts it down.
read first born < {first} && kill -USR1 "$first"
"""
SUDO = """#!/bin/sh
# There is one account here, and it may do what it may: options of sudo are left out.
while [ "${1#-}" != "$1" ]; do shift; done
exec "$@"
"""
BOOT = """#!/bin/sh
# What set-up has installed is started again at each boot; on a machine elsewhere systemd does that.
for script in "$HOME"/footplate/boot/*; do
    [ -f "$script" ] && /bin/sh "$script" &
done
wait
"""


def host_key(disk: Path) -> str:
    """The public host key of this disk, made once: type and key."""
    private = disk / "ssh" / "host_ed25519"
    if not private.exists():
        private.parent.mkdir(parents=True, exist_ok=True)
        key(private, "host")
    return " ".join(private.with_suffix(".pub").read_text().split()[:2])


def key(private: Path, comment: str) -> None:
    """Make a key without a passphrase."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(private)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)


def wrapper(path: Path, environment: Mapping[str, str], home: Path) -> None:
    """The program that every login starts with."""
    exports = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in environment.items())
    _program(path, LOGIN.format(exports=exports, home=shlex.quote(str(home))))


def commands(folder: Path, first: Path) -> None:
    """shutdown, poweroff and sudo as they act inside of the machine."""
    for name in ("shutdown", "poweroff", "halt"):
        _program(folder / name, POWER.format(first=shlex.quote(str(first))))
    _program(folder / "sudo", SUDO)


def boot(path: Path) -> None:
    """What the machine starts again at each boot."""
    _program(path, BOOT)


def sshd_config(folder: Path, disk: Path, address: str, port: int) -> Path:
    """OpenSSH's server for this machine alone, with this user alone, by key alone."""
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, parents=True, exist_ok=True)  # sshd of root refuses to start without it
    lines = {
        "ListenAddress": f"{address}:{port}",
        "HostKey": f'"{disk / "ssh" / "host_ed25519"}"',
        "AuthorizedKeysFile": f'"{folder / "authorized_keys"}"'.replace("%", "%%"),
        "ForceCommand": shlex.quote(str(folder / "login")),
        # The shell that sshd begins reads its start-up file before the login is at home: the machine's own, not ours.
        "SetEnv": f'HOME="{disk / "home"}"',
        "AllowUsers": getpass.getuser(),
        "PermitRootLogin": "prohibit-password", "PasswordAuthentication": "no", "KbdInteractiveAuthentication": "no",
        "UsePAM": "no", "StrictModes": "no", "PidFile": "none", "PrintMotd": "no", "AcceptEnv": "LANG LC_*",
        "MaxStartups": "200", "MaxSessions": "100", "Subsystem": f"sftp {_sftp()}",
    }  # fmt: skip
    path = folder / "sshd_config"
    path.write_text("".join(f"{name} {value}\n" for name, value in lines.items()))
    return path


def _sftp() -> str:
    places = ("/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/libexec/sftp-server")
    return next((place for place in places if Path(place).exists()), "internal-sftp")


def _program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
