"""Images by their families, as projects of images offer them."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from vmops.loopback import catalog
from vmops.loopback.refusals import not_found

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud

Json = dict[str, Any]
_URL = re.compile(r"projects/([^/]+)/(global/images/family|global/images|zones/[^/]+/imageFamilyViews)/([^/]+)$")
BUILT = "v20261015"


def find(cloud: Cloud, url: str) -> Json:
    """The image that `projects/P/global/images/family/F` or `…/images/NAME` leads to."""
    match = _URL.search(url)
    project, kind, name = match.groups() if match else ("", "", url)
    family = name if kind != "global/images" else name.removesuffix(f"-{BUILT}")
    if family not in catalog.IMAGES.get(project, ()):
        raise not_found(f"projects/{project}/{kind}/{name}")
    path = f"projects/{project}/global/images/{family}-{BUILT}"
    size = "50" if project == "deeplearning-platform-release" else "10"
    return {"kind": "compute#image", "id": stable_id(path), "name": f"{family}-{BUILT}", "family": family,
            "status": "READY", "diskSizeGb": size, "creationTimestamp": cloud.born, "architecture": "X86_64",
            "selfLink": f"{cloud.endpoint}/compute/v1/{path}"}  # fmt: skip


def stable_id(path: str) -> str:
    """An id that follows from a path, and stays over restarts."""
    return str(int.from_bytes(hashlib.sha256(path.encode()).digest()[:7], "big") + 1)
