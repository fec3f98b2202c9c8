"""The guard that keeps tests on this computer holds, and lets through what stays here."""

from __future__ import annotations

import socket
import urllib.request
from pathlib import Path

import pytest

from tests import outside

pytestmark = pytest.mark.skipif(
    bool(outside.real_project()), reason="a project was lent: tests may leave this computer"
)


@pytest.mark.parametrize("address", [("10.0.0.1", 80), ("8.8.8.8", 53), ("metadata.google.internal", 80)])
def test_no_connection_leaves_this_computer(address: tuple[str, int]) -> None:
    with socket.socket() as one, pytest.raises(PermissionError, match="stay on loopback"):
        one.connect(address)
    with socket.socket() as one, pytest.raises(PermissionError, match="stay on loopback"):
        one.connect_ex(address)


def test_nor_does_one_that_a_library_makes() -> None:
    with pytest.raises(OSError, match="stay on loopback"):
        urllib.request.urlopen("http://169.254.169.254/", timeout=5)


def test_loopback_and_sockets_of_files_are_open(tmp_path: Path) -> None:
    for host in ("127.0.0.1", "127.0.0.77"):
        with socket.create_server((host, 0)) as server, socket.create_connection(server.getsockname(), timeout=30):
            pass
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))


def test_a_program_that_is_missing_is_named_with_its_package() -> None:
    mark = outside.needs("gcloud-of-nobody").mark
    assert mark.args == (True,) and "gcloud-of-nobody" in mark.kwargs["reason"]
    assert not outside.needs("sh").mark.args[0]
