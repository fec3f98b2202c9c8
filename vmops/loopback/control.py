"""Calls that no real cloud has: what a test or a demo in another process does to this one, under /loopback/."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vmops.loopback.refusals import Refused

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud
    from vmops.loopback.server import Request

Json = dict[str, Any]
FAULTS = ("stock_out", "restock", "quota", "fail", "lose_answer", "slow", "break_operation", "clear")


def answer(cloud: Cloud, request: Request) -> Json | None:
    """The answer, or None where the call is one for Compute."""
    if not request.url_path.startswith("/loopback/"):
        return None
    what = request.url_path.removeprefix("/loopback/")
    words, facts = request.body.get("words", []), request.body.get("facts", {})
    if what == "info":
        return cloud.info()
    if what == "calls":
        return {
            "calls": [{"method": call.method, "path": call.url_path, "status": call.status} for call in cloud.calls]
        }
    if what == "preempt":
        return {"operation": cloud.preempt(*words, **facts)}
    if what.removeprefix("faults/") in FAULTS:
        getattr(cloud.faults, what.removeprefix("faults/"))(*words, **facts)
        return {"done": what}
    raise Refused(
        404, "notFound", f"{request.url_path}: expected info, calls, preempt or faults/{{{','.join(FAULTS)}}}"
    )
