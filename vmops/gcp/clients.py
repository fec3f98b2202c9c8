"""Clients of Google's Compute API: where they ask, and as whom."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import google.auth
from google.auth import exceptions as auth
from google.auth.credentials import AnonymousCredentials, Credentials
from google.cloud import compute_v1 as api

from vmops import naming
from vmops.errors import NoCredentials, Refused
from vmops.logins import LOG_IN
from vmops.settings import Settings

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
LOOPBACK_PROJECT = "footplate-loopback"


class Clients:
    """One client of each service, made when it is first needed; they may be used by many threads."""

    def __init__(self, settings: Settings) -> None:
        if settings.endpoint and not settings.simulated:
            raise Refused(
                f"endpoint {settings.endpoint!r} is not on this computer",
                hint="configs/machines.yaml: empty stands for Google's own; only http://127.0.0.1:PORT may be there",
            )
        self._settings = settings

    @cached_property
    def project(self) -> str:
        """The project that is meant; NoCredentials where nobody names one."""
        named = self._settings.project or self._found[1]
        if not named:
            raise NoCredentials(
                "no project: the credentials name none",
                hint="project: in configs/machines.yaml, or gcloud config set project ID",
            )
        return naming.project(named)

    @cached_property
    def _found(self) -> tuple[Credentials, str | None]:
        if self._settings.simulated:  # the one place in which nobody has to be anybody
            return AnonymousCredentials(), LOOPBACK_PROJECT
        try:
            credentials, project = google.auth.default(scopes=SCOPES)
        except auth.DefaultCredentialsError as error:
            raise NoCredentials(f"nobody is logged in to Google Cloud here: {_first(error)}", hint=LOG_IN) from None
        return credentials, project

    @cached_property
    def instances(self) -> api.InstancesClient:
        return api.InstancesClient(**self._options)

    @cached_property
    def zone_operations(self) -> api.ZoneOperationsClient:
        return api.ZoneOperationsClient(**self._options)

    @cached_property
    def region_operations(self) -> api.RegionOperationsClient:
        return api.RegionOperationsClient(**self._options)

    @cached_property
    def global_operations(self) -> api.GlobalOperationsClient:
        return api.GlobalOperationsClient(**self._options)

    @cached_property
    def regions(self) -> api.RegionsClient:
        return api.RegionsClient(**self._options)

    @cached_property
    def projects(self) -> api.ProjectsClient:
        return api.ProjectsClient(**self._options)

    @cached_property
    def disks(self) -> api.DisksClient:
        return api.DisksClient(**self._options)

    @cached_property
    def addresses(self) -> api.AddressesClient:
        return api.AddressesClient(**self._options)

    @property
    def _options(self) -> dict[str, Any]:
        where = {"client_options": {"api_endpoint": self._settings.endpoint}} if self._settings.endpoint else {}
        return {"credentials": self._found[0], "transport": "rest", **where}


def _first(error: Exception) -> str:
    return str(error).partition(". ")[0].rstrip(".")
