"""The JSON API: buckets, objects, their descriptions, listings, copies; as google-cloud-storage speaks it."""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from urllib.parse import unquote

from tests.fakes.gcs.listing import Asked, page
from tests.fakes.gcs.media import media
from tests.fakes.gcs.objects import Held, Holdings, Refused
from tests.fakes.gcs.uploads import Uploads
from tests.fakes.gcs.wire import Reply, Request, told

PAGE = 1000


class JsonApi:
    """Answers what begins with /storage, /download or /upload."""

    def __init__(self, holdings: Holdings, uploads: Uploads, endpoint: str) -> None:
        self._holdings, self._uploads, self._endpoint = holdings, uploads, endpoint

    def answer(self, ask: Request) -> Reply:
        """What becomes of a request."""
        door, *rest = ask.path.strip("/").split("/")
        if door in ("upload", "resumable", "download"):
            rest = rest[1:]
        words = [unquote(word) for word in rest[1:]]  # without the version
        if words[:1] != ["b"]:
            raise Refused(404, "notFound", f"Not Found: {ask.path}")
        if door in ("upload", "resumable"):
            return self._upload(words[1], ask)
        if len(words) <= 2:
            return self._bucket(words[1:], ask)
        if len(words) == 3:
            return told(self._listing(words[1], ask))
        return self._object(words[1], words[3], words[4:], ask)

    def _bucket(self, words: list[str], ask: Request) -> Reply:
        if not words and ask.method == "POST":
            name = json.loads(ask.body)["name"]
            self._holdings.make(name)
            return told(_bucket(name))
        if not words:
            return told({"kind": "storage#buckets", "items": [_bucket(name) for name in self._holdings.buckets]})
        self._holdings.bucket(words[0])
        if ask.method == "DELETE":
            self._holdings.unmake(words[0])
            return Reply(204)
        return told(_bucket(words[0]))

    def _object(self, bucket: str, name: str, more: list[str], ask: Request) -> Reply:
        if more:
            return told(self._derived(bucket, name, more, ask))
        if ask.method == "DELETE":
            self._holdings.delete(bucket, name, ask.query)
            return Reply(204)
        if ask.method in ("PATCH", "PUT"):
            return told(described(self._holdings.patch(bucket, name, json.loads(ask.body or b"{}"), ask.query)))
        held = self._holdings.get(bucket, name, ask.query)
        return media(held, ask) if ask.query.get("alt") == "media" else told(described(held))

    def _derived(self, bucket: str, name: str, more: list[str], ask: Request) -> dict[str, Any]:
        about = json.loads(ask.body or b"{}")
        if more == ["compose"]:
            return described(self._compose(bucket, name, about, ask))
        source = self._holdings.get(bucket, name, _of_source(ask))
        kept = {**source.settings, "metadata": dict(source.custom), "components": source.components}
        made = self._holdings.put(more[2], more[4], source.data, {**kept, **about}, ask.query)
        if more[0] == "copyTo":
            return described(made)
        size = str(len(source.data))
        done = {"kind": "storage#rewriteResponse", "done": True, "objectSize": size, "totalBytesRewritten": size}
        return {**done, "resource": described(made)}

    def _compose(self, bucket: str, name: str, about: dict[str, Any], ask: Request) -> Held:
        parts = []
        for one in about["sourceObjects"]:
            conditions = {key: str(value) for key, value in one.get("objectPreconditions", {}).items()}
            if "generation" in one:
                conditions["generation"] = str(one["generation"])
            parts.append(self._holdings.get(bucket, one["name"], conditions))
        if not 1 <= len(parts) <= 32:
            raise Refused(400, "invalid", "The number of source components provided must be between 1 and 32.")
        count = sum(max(part.components, 1) for part in parts)
        described_as = {**about.get("destination", {}), "components": count}
        return self._holdings.put(bucket, name, b"".join(part.data for part in parts), described_as, ask.query)

    def _upload(self, bucket: str, ask: Request) -> Reply:
        if "upload_id" in ask.query:
            went = self._uploads.go_on(ask)
            return went if isinstance(went, Reply) else told(described(went))
        kind = ask.query.get("uploadType")
        if kind == "resumable":
            number = self._uploads.begin(bucket, ask)
            where = f"{self._endpoint}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={number}"
            return Reply(200, headers={"Location": where, "X-GUploader-UploadID": number})
        if kind not in ("media", "multipart"):
            raise Refused(400, "invalid", f"uploadType {kind!r}")
        upload = self._uploads.multipart if kind == "multipart" else self._uploads.simple
        return told(described(upload(bucket, ask)))

    def _listing(self, bucket: str, ask: Request) -> dict[str, Any]:
        query = ask.query
        asked = Asked(
            prefix=query.get("prefix", ""),
            delimiter=query.get("delimiter", ""),
            after=base64.urlsafe_b64decode(query.get("pageToken", "")).decode(),
            limit=min(int(query.get("maxResults") or PAGE), PAGE),
            start=query.get("startOffset", ""),
            end=query.get("endOffset", ""),
            folders_too=query.get("includeTrailingDelimiter", "").lower() == "true",
        )
        found, folders, last = page(self._holdings.names(bucket), asked)
        answer: dict[str, Any] = {"kind": "storage#objects"}
        if found:
            answer["items"] = [described(self._holdings.bucket(bucket)[name]) for name in found]
        if folders:
            answer["prefixes"] = folders
        if last:
            answer["nextPageToken"] = base64.urlsafe_b64encode(last.encode()).decode()
        return answer


def _of_source(ask: Request) -> dict[str, str]:
    """The conditions on what is copied, in the words of conditions on what is written."""
    words = {f"if{key[8:]}": value for key, value in ask.query.items() if key.startswith("ifSource")}
    return words | ({"generation": ask.query["sourceGeneration"]} if "sourceGeneration" in ask.query else {})


def _bucket(name: str) -> dict[str, str]:
    return {"kind": "storage#bucket", "id": name, "name": name, "location": "US", "storageClass": "STANDARD"}


def described(held: Held) -> dict[str, Any]:
    """An object as the API describes it."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(held.at)) + f".{int(held.at % 1 * 1000):03d}Z"
    words: dict[str, Any] = {
        "kind": "storage#object",
        "id": f"{held.bucket}/{held.name}/{held.generation}",
        "name": held.name,
        "bucket": held.bucket,
        "generation": str(held.generation),
        "metageneration": str(held.metageneration),
        "size": str(len(held.data)),
        "crc32c": held.crc32c,
        "etag": held.etag,
        "timeCreated": at,
        "updated": at,
        "storageClass": "STANDARD",
        **held.settings,
    }
    if held.md5:
        words["md5Hash"] = held.md5
    if held.components:
        words["componentCount"] = held.components
    if held.custom:
        words["metadata"] = dict(held.custom)
    return words
