"""The XML API, where obstore needs it: /bucket/object with GET, HEAD, PUT and DELETE, and lists of version 2."""

from __future__ import annotations

from urllib.parse import unquote
from xml.sax.saxutils import escape

from tests.fakes.gcs.json_api import PAGE
from tests.fakes.gcs.listing import Asked, page
from tests.fakes.gcs.media import about, media
from tests.fakes.gcs.objects import Holdings, Refused
from tests.fakes.gcs.wire import Reply, Request

PREFIX = "x-goog-if-"


class XmlApi:
    """Answers everything that is not the JSON API's."""

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings

    def answer(self, ask: Request) -> Reply:
        """What becomes of a request."""
        bucket, _, name = (unquote(part) for part in ask.path.lstrip("/").partition("/"))
        if not name:
            return self._listing(bucket, ask)
        conditions = _conditions(ask)
        if ask.method == "PUT":
            return self._put(bucket, name, ask, conditions)
        if ask.method == "DELETE":
            self._holdings.delete(bucket, name, conditions)
            return Reply(204)
        held = self._holdings.get(bucket, name, conditions)
        if ask.method == "HEAD":
            return Reply(200, b"", about(held), length=len(held.data))
        return media(held, ask)

    def _put(self, bucket: str, name: str, ask: Request, conditions: dict[str, str]) -> Reply:
        if not ask.whole:
            raise Refused(400, "IncompleteBody", "The request was cut short.")
        custom = {key[12:]: value for key, value in ask.headers.items() if key.startswith("x-goog-meta-")}
        told = {"contentType": ask.headers.get("content-type"), "metadata": custom}
        return Reply(200, b"", about(self._holdings.put(bucket, name, ask.body, told, conditions)), length=0)

    def _listing(self, bucket: str, ask: Request) -> Reply:
        query = ask.query
        asked = Asked(
            prefix=query.get("prefix", ""),
            delimiter=query.get("delimiter", ""),
            after=max(query.get("continuation-token", ""), query.get("start-after", "")),
            limit=min(int(query.get("max-keys") or PAGE), PAGE),
        )
        found, folders, last = page(self._holdings.names(bucket), asked)
        rows = []
        for name in found:
            held = self._holdings.bucket(bucket)[name]
            words = about(held)
            rows.append(
                f"<Contents><Key>{escape(name)}</Key><Generation>{held.generation}</Generation>"
                f"<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>{escape(words['ETag'])}</ETag>"
                f"<Size>{len(held.data)}</Size></Contents>"
            )
        rows += [f"<CommonPrefixes><Prefix>{escape(folder)}</Prefix></CommonPrefixes>" for folder in folders]
        rows += [f"<NextContinuationToken>{escape(last)}</NextContinuationToken>"] if last else []
        more = "true" if last else "false"
        text = f"<ListBucketResult><Name>{bucket}</Name><IsTruncated>{more}</IsTruncated>{''.join(rows)}"
        text = f"<?xml version='1.0' encoding='UTF-8'?>{text}</ListBucketResult>"
        return Reply(200, text.encode(), {"Content-Type": "application/xml; charset=UTF-8"})


def _conditions(ask: Request) -> dict[str, str]:
    """Conditions from headers, in the words of the JSON API."""
    names = {"generation-match": "ifGenerationMatch", "metageneration-match": "ifMetagenerationMatch"}
    found = {names[key[len(PREFIX) :]]: value for key, value in ask.headers.items() if key[len(PREFIX) :] in names}
    return found | ({"generation": ask.query["generation"]} if "generation" in ask.query else {})
