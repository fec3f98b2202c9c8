"""Whether anybody can be logged in to the cloud here, told from files alone: its libraries take seconds to load.

Nobody is asked whether credentials are good, and where it is not certain that there are none, the library decides.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from vmops.errors import NoCredentials
from vmops.settings import Settings

KEY = "GOOGLE_APPLICATION_CREDENTIALS"
FILE = "application_default_credentials.json"
# A machine of Google's logs in by itself; so does what is told where to ask, or runs in one of its services.
BY_ITSELF = ("GCE_METADATA_HOST", "GCE_METADATA_ROOT", "GCE_METADATA_IP", "APPENGINE_RUNTIME", "GAE_ENV", "K_SERVICE")
COMPUTER = Path("/sys/class/dmi/id/product_name")
LOG_IN = (
    f"gcloud auth application-default login logs you in, or {KEY} names the file of a service account; "
    "footplate doctor tells what is there"
)


def checked(settings: Settings, environ: Mapping[str, str] = os.environ, computer: Path = COMPUTER) -> None:
    """Refuse what cannot go well.

    Raises:
        NoCredentials: there is certainly nobody.
    """
    if settings.provider != "gce" or settings.endpoint:  # on this computer nobody has to be anybody
        return
    named = environ.get(KEY, "")
    file = Path(named) if named else _folder(environ) / FILE
    if file.exists() or (not named and _by_itself(environ, computer)):
        return
    raise NoCredentials(f"nobody is logged in to Google Cloud here: no {file}", hint=LOG_IN)


def _folder(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("CLOUDSDK_CONFIG") or Path.home() / ".config" / "gcloud")


def _by_itself(environ: Mapping[str, str], computer: Path) -> bool:
    """Whether this may be a machine that logs in by itself; also where nothing tells whose it is."""
    if any(environ.get(name) for name in BY_ITSELF):
        return True
    try:
        return "Google" in computer.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
