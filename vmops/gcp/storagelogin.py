"""Who speaks with Google's storage, and where it is: the service itself, or a server on this computer."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlparse

import google.auth
import google.cloud.storage as storage
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import DefaultCredentialsError
from requests.adapters import HTTPAdapter

from vmops.bucket import AT_ONCE
from vmops.errors import NoCredentials
from vmops.logins import LOG_IN

SCOPES = ("https://www.googleapis.com/auth/devstorage.read_write",)


@dataclass(frozen=True)
class Login:
    """A client of Google's; without credentials where the service is only simulated here."""

    client: Any
    endpoint: str
    credentials: Any

    @property
    def simulated(self) -> bool:
        return self.credentials is None


def login(url: str, endpoint: str) -> Login:
    """A client for a bucket; NoCredentials where nobody is logged in.

    Args:
        endpoint: another than Google's; else that of STORAGE_EMULATOR_HOST, if there is one.
    """
    endpoint = endpoint or os.environ.get("STORAGE_EMULATOR_HOST", "")
    endpoint = endpoint if not endpoint or "://" in endpoint else f"http://{endpoint}"
    credentials, project = (None, "simulated") if _is_here(endpoint) else _credentials(url)
    client = storage.Client(
        project=project or "none",  # objects need none, but the library does
        credentials=credentials or AnonymousCredentials(),
        client_options={"api_endpoint": endpoint} if endpoint else None,
    )
    for scheme in ("http://", "https://"):
        client._http.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=AT_ONCE))
    return Login(client, endpoint, credentials)


def _is_here(endpoint: str) -> bool:
    host = urlparse(endpoint).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _credentials(url: str) -> tuple[Any, str]:
    try:
        credentials, project = google.auth.default(scopes=SCOPES)
    except DefaultCredentialsError as error:
        named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
        why = f": {error}" if named else ""  # else it says what the hint says
        raise NoCredentials(f"{url}: nobody is logged in to Google Cloud here{why}", hint=LOG_IN) from None
    return credentials, project or ""
