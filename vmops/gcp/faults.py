"""What Google's cloud says goes wrong, as our errors: by typed codes, never by the wording.

Wording is only read for which quota was meant, where the typed details do not tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from google.api_core.exceptions import GoogleAPICallError
from google.cloud import compute_v1 as api

from vmops.errors import (
    Broken,
    Conflict,
    Denied,
    NoCredentials,
    NotFound,
    NotReady,
    OutsideError,
    Quota,
    Refused,
    StockOut,
    Unavailable,
)
from vmops.logins import LOG_IN

OUT = {
    "ZONE_RESOURCE_POOL_EXHAUSTED",
    "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS",
    "RESOURCE_POOL_EXHAUSTED",
    "STOCKOUT",
}
QUOTAS_PAGE = "https://console.cloud.google.com/iam-admin/quotas"
_QUOTA = re.compile(
    r"Quota '(?P<metric>[A-Z0-9_]+)' exceeded\.\s+Limit: (?P<limit>[\d.]+)(?: in region (?P<region>[\w-]+))?"
)
_LACKS = re.compile(r"/(acceleratorTypes|machineTypes)/")


def of_http(error: GoogleAPICallError, what: str) -> OutsideError:
    """A refusal of the request itself."""
    said, reasons = _message(error), _reasons(error)
    words = f"{what}: {said}"
    if reasons & OUT:
        return StockOut(words, hint="another zone, or later")
    if "quotaExceeded" in reasons or "QUOTA_EXCEEDED" in reasons:
        return quota(said, {})
    if "resourceNotReady" in reasons or "RESOURCE_NOT_READY" in reasons:
        return NotReady(words, hint="try again in a minute")
    if error.code in (400, 404) and _LACKS.search(said):
        return StockOut(words, hint="this zone has no such machines: take it out of zones in configs/machines.yaml")
    return _by_status(int(error.code or 0), words)


def _by_status(code: int, words: str) -> OutsideError:
    if code == 401:
        return NoCredentials(words, hint=LOG_IN)
    if code == 403:
        return Denied(words, hint="the account needs roles/compute.instanceAdmin.v1 and the Compute Engine API enabled")
    if code == 404:
        return NotFound(words, hint="footplate vm list shows what there is")
    if code in (409, 412):
        return Conflict(words, hint="footplate vm list shows what there is")
    if code in (408, 429) or code >= 500:
        return Unavailable(words, hint="Google's side has trouble: try again later")
    return Refused(words, hint="footplate vm plan shows the request; configs/machines.yaml settles what is in it")


def of_operation(operation: api.Operation, what: str) -> OutsideError | None:
    """What went wrong with an operation that is over; None where nothing did."""
    errors = list(operation.error.errors) if operation.error else []
    if not errors:
        code = operation.http_error_status_code or 0
        return _by_status(code, f"{what}: {operation.http_error_message}") if code >= 400 else None
    codes = {error.code for error in errors}
    words = f"{what}: " + "; ".join(f"{error.code}: {error.message}" for error in errors)
    if codes & OUT:
        return StockOut(words, hint="another zone, or later")
    for error in errors:
        if error.code in ("QUOTA_EXCEEDED", "QUOTA_LIMIT_EXCEEDED"):
            return quota(error.message, _quota_details(error))
    if "RESOURCE_NOT_READY" in codes or "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE" in codes:
        return NotReady(words, hint="try again in a minute")
    if "RESOURCE_NOT_FOUND" in codes:
        return NotFound(words, hint="footplate vm list shows what there is")
    return Broken(words, hint="footplate vm plan shows the request; configs/machines.yaml settles what is in it")


def quota(said: str, details: dict[str, str]) -> Quota:
    """Which quota, how much, where, and where to ask for more."""
    found = _QUOTA.search(said)
    metric = found["metric"] if found else details.get("metric", "")
    limit = found["limit"] if found else details.get("limit", "?")
    region = (found["region"] or "") if found else details.get("region", "")
    where = f"in {region}" if region else "over all regions"
    words = f"the quota {metric} is used up: limit {limit} {where}" if metric else f"a quota is used up: {said}"
    return Quota(words, hint=ask_for_more(metric), metric=metric, region=region)


def ask_for_more(metric: str) -> str:
    """Where a higher quota is asked for."""
    named = f", filter by {metric}," if metric else ""
    return f"ask for more at {QUOTAS_PAGE}{named} or delete what is not needed: footplate vm list, footplate vm orphans"


def _quota_details(error: Any) -> dict[str, str]:
    for detail in error.error_details:
        info = detail.quota_info
        if info.metric_name:
            metric = info.metric_name.rpartition("/")[2].upper()
            return {"metric": metric, "limit": f"{info.limit:g}", "region": dict(info.dimensions).get("region", "")}
    return {}


def _reasons(error: GoogleAPICallError) -> set[str]:
    """Typed reasons, as the API gives them in several places."""
    listed: Iterable[Any] = error.errors or ()
    found = {str(one.get(key)) for one in listed if isinstance(one, dict) for key in ("reason", "code")}
    return found | {str(error.reason)} if error.reason else found


def _message(error: GoogleAPICallError) -> str:
    """What it says, without the method and the address in front."""
    listed = [one for one in error.errors or () if isinstance(one, dict) and one.get("message")]
    return str(listed[0]["message"]) if listed else str(error.message).partition(": ")[2] or str(error.message)
