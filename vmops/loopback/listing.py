"""Lists: filters, orders and pages, for one scope or for all of them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Any

from vmops.loopback.records import shown
from vmops.loopback.refusals import invalid

Json = dict[str, Any]
_TERM = re.compile(
    r'\(?\s*([\w.-]+)\s*(!=|=|:|>=|<=|>|<|\beq\b|\bne\b)\s*("(?:[^"\\]|\\.)*"|[^\s()]+)\s*\)?\s*(?:AND\s+)?'
)


def page(query: dict[str, str], items: list[Json]) -> tuple[list[Json], Json]:
    """The items of the page that is asked for, and what leads to the next one."""
    kept = _fitting(query, items)
    order = query.get("orderBy", "name")
    if order == "creationTimestamp desc":
        kept.sort(key=lambda item: str(item.get("creationTimestamp") or item.get("insertTime")), reverse=True)
    try:
        limit = int(query.get("maxResults", 500))
        begin = int(base64.urlsafe_b64decode(query["pageToken"])) if query.get("pageToken") else 0
    except ValueError:
        raise invalid("pageToken", query.get("pageToken", ""), "Invalid page token.") from None
    if not 0 <= limit <= 500:
        raise invalid("maxResults", limit, "Must be between 0 and 500, inclusive")
    end = begin + (limit or 500)
    more = {"nextPageToken": base64.urlsafe_b64encode(str(end).encode()).decode()} if end < len(kept) else {}
    return [shown(item) for item in kept[begin:end]], more


def _fitting(query: dict[str, str], items: list[Json]) -> list[Json]:
    """Those that pass the filter: comparisons of fields, joined by AND."""
    wanted = terms(query.get("filter", ""))
    return [item for item in items if all(_true(*term, item) for term in wanted)]


def terms(words: str) -> list[tuple[str, str, str]]:
    """Field, comparison and value of each; refused where there is something else."""
    found, at = [], 0
    while words[at:].strip():
        match = _TERM.match(words, at)
        if match is None:
            raise invalid("filter", words, "Invalid list filter expression.")
        value = match[3]
        found.append((match[1], match[2], value[1:-1] if value.startswith('"') else value))
        at = match.end()
    return found


def _true(field: str, how: str, value: str, item: Json) -> bool:
    have: Any = item
    for part in field.split("."):
        have = have.get(part) if isinstance(have, dict) else None
    if how == ":":
        return have is not None if value == "*" else value.lower() in str(have or "").lower()
    text = {True: "true", False: "false", None: ""}.get(have, str(have)) if not isinstance(have, dict | list) else ""
    if how in ("eq", "ne"):
        return (re.fullmatch(value, text) is not None) == (how == "eq")
    if how in ("=", "!="):
        return (text == value) == (how == "=")
    return {">": text > value, "<": text < value, ">=": text >= value, "<=": text <= value}[how]


def aggregated(query: dict[str, str], scopes: Iterable[str], items: list[tuple[str, Json]], plural: str) -> Json:
    """A page over all scopes; those without anything on it say so."""
    wrapped = [{**item, "_scope": scope} for scope, item in items]
    kept = _fitting(query, wrapped)
    whole, more = page({**query, "filter": ""}, [{"name": str(at), "at": at} for at in range(len(kept))])
    found: dict[str, Json] = {scope: _nothing(scope) for scope in scopes}
    for at in (entry["at"] for entry in whole):
        scope = kept[at]["_scope"]
        if "warning" in found[scope]:
            found[scope] = {plural: []}
        found[scope][plural].append(shown(kept[at]))
    return {"items": found, **more}


def _nothing(scope: str) -> Json:
    data = [{"key": "scope", "value": scope}]
    return {"warning": {"code": "NO_RESULTS_ON_PAGE", "data": data,
                        "message": f"There are no results for scope '{scope}' on this page."}}  # fmt: skip
