"""What tests need from outside of Python: programs that may be missing, and the guard that keeps them on loopback."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
from typing import Any

import pytest

PLACES = os.pathsep.join(["/usr/sbin", "/usr/local/sbin", "/usr/lib/google-cloud-sdk/bin"])
PACKAGES = {
    "sshd": "openssh-server",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "flock": "util-linux",
    "gcloud": "google-cloud-cli",
}


def program(name: str) -> str:
    """Where a program is; empty where it is missing."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), PLACES])) or ""


def needs(*names: str) -> pytest.MarkDecorator:
    """Skip a test, visibly, where one of these programs is missing."""
    missing = [name for name in names if not program(name)]
    packages = ", ".join(PACKAGES.get(name, name) for name in missing)
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} not here: install {packages}")


def real_project() -> str:
    """The Google project that somebody has lent to the tests; empty as a rule."""
    return os.environ.get("FOOTPLATE_TEST_GCE_PROJECT", "")


def real_bucket() -> str:
    """The bucket at Google that somebody has lent to the tests; empty as a rule."""
    return os.environ.get("FOOTPLATE_TEST_GCS_BUCKET", "")


def stay_on_loopback(patch: pytest.MonkeyPatch) -> None:
    """Refuse, in this process, every connection that leaves this computer."""
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))


def _guarded(real: Any) -> Any:
    def connect(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not on_loopback(str(address[0])):
            raise PermissionError(f"a test wants to reach {address[0]}:{address[1]}; tests stay on loopback")
        return real(self, address)

    return connect


def on_loopback(host: str) -> bool:
    """Whether a host is this computer and no other."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("localhost", "localhost.localdomain", "ip6-localhost")
