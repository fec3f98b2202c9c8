"""A provider that speaks with a cloud on this computer, and what the cloud saw of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from vmops import loopback
from vmops.provider import Call
from vmops.settings import Budget, Settings

google = pytest.importorskip("google.cloud.compute_v1", reason="pip install 'footplate[cloud]'")

CHANGES = ("POST", "DELETE", "PUT", "PATCH")


@dataclass
class Lab:
    """A workspace's provider, the cloud that it asks, and what both said."""

    cloud: loopback.Cloud
    folder: Path
    settings: Settings
    calls: list[Call] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    _made: Any = None

    @property
    def gce(self) -> Any:
        if self._made is None:
            from vmops.gcp.gce import Gce

            self._made = Gce(self.settings, self.folder, self.calls.append)
        return self._made

    def say(self, words: str) -> None:
        self.said.append(words)

    def changes(self) -> list[str]:
        """Every question that reached the cloud and changes something: method and path."""
        asked = [f"{one.method} {one.url_path}" for one in self.cloud.calls if one.method in CHANGES]
        return [one for one in asked if not one.endswith("/wait")]

    def inserts(self) -> list[str]:
        """The zones in which a machine was asked for, each time it was."""
        return [one.url_path.split("/")[-2] for one in self.inserting()]

    def inserting(self) -> list[Any]:
        """The questions themselves."""
        return [one for one in self.cloud.calls if one.method == "POST" and one.url_path.endswith("/instances")]

    def there(self) -> list[tuple[str, str]]:
        """Name and zone of every machine that the cloud has, whoever made it."""
        every = self.cloud.records.all("instances")
        return sorted((one["name"], one["zone"].rpartition("/")[2]) for one in every)


Made = Callable[..., Lab]


def lab(cloud: loopback.Cloud, folder: Path, **changes: Any) -> Lab:
    """One without a budget, unless it is given."""
    return Lab(cloud, folder, replace(cloud.settings(), **{"budget": Budget(), **changes}))
