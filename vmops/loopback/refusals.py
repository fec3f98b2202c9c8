"""What Compute says when it refuses: a call at once, or an operation later, each in its own shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
NAME = r"(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)"


class Refused(Exception):
    """A call that is answered with an HTTP error."""

    def __init__(self, status: int, reason: str, message: str, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status, self.reason, self.message, self.extra = status, reason, message, dict(extra or {})

    def body(self) -> Json:
        """As Compute words it."""
        first = {"message": self.message, "domain": "global", "reason": self.reason, **self.extra}
        return {"error": {"code": self.status, "message": self.message, "errors": [first]}}


class Failed(Exception):
    """An operation that ends with an error of a typed code."""

    def __init__(self, code: str, message: str, status: int, *details: Json) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.details = code, message, status, details

    def fields(self) -> Json:
        """What it adds to its operation."""
        error: Json = {"code": self.code, "message": self.message}
        if self.details:
            error["errorDetails"] = list(self.details)
        said = {400: "BAD REQUEST", 403: "FORBIDDEN", 503: "SERVICE UNAVAILABLE"}.get(self.status, "ERROR")
        return {"error": {"errors": [error]}, "httpErrorStatusCode": self.status, "httpErrorMessage": said}


def not_found(path: str) -> Refused:
    """Nothing has this name."""
    return Refused(404, "notFound", f"The resource '{path}' was not found")


def exists(path: str) -> Refused:
    """Something has this name already."""
    return Refused(409, "alreadyExists", f"The resource '{path}' already exists")


def invalid(field: str, value: object, must: str) -> Refused:
    """A field of the request cannot be so."""
    return Refused(400, "invalid", f"Invalid value for field '{field}': '{value}'. {must}")


def required(field: str) -> Refused:
    """A field of the request is missing."""
    return Refused(400, "required", f"Required field '{field}' not specified")


def not_ready(path: str) -> Refused:
    """Something else is being done to it."""
    return Refused(400, "resourceNotReady", f"The resource '{path}' is not ready")


def in_use(path: str, by: str) -> Refused:
    """Something else holds it."""
    message = f"The {path.split('/')[-2].rstrip('s')} resource '{path}' is already being used by '{by}'"
    return Refused(400, "resourceInUseByAnotherResource", message)


def changed(what: str) -> Refused:
    """Somebody else has written since the fingerprint was read."""
    words = {
        "labels": "Labels fingerprint either invalid or resource labels have changed",
        "metadata": "Supplied fingerprint does not match current metadata fingerprint.",
    }
    return Refused(412, "conditionNotMet", words[what])


def stocked_out(zone: str, machine_type: str, attachment: str) -> Failed:
    """The zone has no such hardware left."""
    place = zone.rpartition("/")[2]
    facts = {"vmType": machine_type, "zone": place, "zonesAvailable": "", "attachment": attachment}
    info = {"errorInfo": {"reason": "resource_availability", "domain": "compute.googleapis.com",
                          "metadatas": {key: value for key, value in facts.items() if value}}}  # fmt: skip
    message = f"The zone '{zone}' does not have enough resources available to fulfill the request."
    message += "  '(resource type:compute)'."
    return Failed("ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS", message, 503, info)


def over_quota(metric: str, limit: float, region: str) -> Failed:
    """A quota that does not suffice; `region` is empty for one of the whole project."""
    where = f"in region {region}" if region else "globally"
    scope = "region" if region else "project"
    told = {"metricName": f"compute.googleapis.com/{metric.lower()}", "limit": limit,
            "limitName": f"{metric.replace('_', '-')}-per-project{'-region' if region else ''}",
            "dimensions": {scope: region or "global"}}  # fmt: skip
    message = f"Quota '{metric}' exceeded.  Limit: {limit} {where}."
    return Failed("QUOTA_EXCEEDED", message, 403, {"quotaInfo": told})
