"""One cloud for all conformance checks of a file, since none of them breaks it; and Google's own where it was lent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import outside
from tests.vmops.loopback import place as places
from tests.vmops.loopback.place import Place
from vmops import loopback


@pytest.fixture(scope="module", params=["loopback", "gce"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Where the checks are made: the same ones on this computer and, where a project was lent, at Google's."""
    if request.param == "loopback":
        with loopback.cloud(tmp_path_factory.mktemp("cloud")) as cloud:
            yield places.of(cloud)
        return
    if not outside.real_project():
        pytest.skip("real GCE: set FOOTPLATE_TEST_GCE_PROJECT to a project, with credentials; machines cost cents")
    yield places.real()
    places.real().clear()


@pytest.fixture(scope="module")
def running(place: Place) -> str:
    """The name of a machine that runs, for checks that leave it so."""
    return str(place.made(places.new_name("kept")).name)


@pytest.fixture
def here(cloud: loopback.Cloud) -> Place:
    """The clients of this test's own cloud, which it may break."""
    return places.of(cloud)
