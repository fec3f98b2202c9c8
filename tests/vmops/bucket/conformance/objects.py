"""Checks of single objects: bytes, hashes, ranges, generations, descriptions."""

from __future__ import annotations

import pytest
from google.api_core import exceptions as answers

from tests.vmops.bucket.conformance import Lab, check, crc32c, md5

DATA = bytes(range(256)) * 16
ODD = "a b+c%20d#e?f&g=h'i\"j/ü/日本/👍"


@check("a small object comes back with its bytes")
def _(lab: Lab) -> None:
    lab.put(DATA)
    assert lab.bytes() == DATA


@check("an empty object is an object")
def _(lab: Lab) -> None:
    lab.put(b"")
    assert lab.bytes() == b"" and lab.names() == ["x"]


@check("three megabytes come back with their bytes")
def _(lab: Lab) -> None:
    lab.put(DATA * 768)
    assert lab.bytes() == DATA * 768


@check("odd signs in a name are kept")
def _(lab: Lab) -> None:
    lab.put(b"1", ODD)
    assert lab.bytes(ODD) == b"1" and lab.names() == [ODD]


@check("a name with two slashes is another one than with one")
def _(lab: Lab) -> None:
    lab.put(b"two", "a//b")
    lab.put(b"one", "a/b")
    assert (lab.bytes("a//b"), lab.bytes("a/b")) == (b"two", b"one")


@check("a simple upload makes an object")
def _(lab: Lab) -> None:
    assert lab.simple(DATA).status_code == 200
    assert lab.bytes() == DATA


@check("the type of the content is kept")
def _(lab: Lab) -> None:
    lab.put(b"1", content_type="text/x-odd")
    found = lab.blob()
    found.reload()
    assert found.content_type == "text/x-odd"


@check("metadata of one's own is kept")
def _(lab: Lab) -> None:
    blob = lab.blob()
    blob.metadata = {"writer": "ana", "sign": "ü"}
    blob.upload_from_string(b"1")
    found = lab.blob()
    found.reload()
    assert found.metadata == {"writer": "ana", "sign": "ü"}


@check("how long it may be kept is kept")
def _(lab: Lab) -> None:
    blob = lab.blob()
    blob.cache_control = "no-store"
    blob.upload_from_string(b"1")
    found = lab.blob()
    found.reload()
    assert found.cache_control == "no-store"


@check("MD5, CRC32C and size are told as they are")
def _(lab: Lab) -> None:
    found = lab.put(DATA)
    assert (found.md5_hash, found.crc32c, found.size) == (md5(DATA), crc32c(DATA), len(DATA))


@check("an upload with another's MD5 is refused and leaves nothing")
def _(lab: Lab) -> None:
    blob = lab.blob()
    blob.md5_hash = md5(b"other")
    with pytest.raises(answers.BadRequest):
        blob.upload_from_string(b"1", checksum=None)
    assert lab.names() == []


@check("an upload with another's CRC32C is refused and leaves nothing")
def _(lab: Lab) -> None:
    blob = lab.blob()
    blob.crc32c = crc32c(b"other")
    with pytest.raises(answers.BadRequest):
        blob.upload_from_string(b"1", checksum=None)
    assert lab.names() == []


@check("bytes that are read tell their generation")
def _(lab: Lab) -> None:
    made, found = lab.put(DATA), lab.blob()
    found.download_as_bytes()
    assert int(found.generation) == int(made.generation)


@check("bytes that are read tell their hashes")
def _(lab: Lab) -> None:
    lab.put(DATA)
    found = lab.blob()
    found.download_as_bytes(checksum="crc32c")
    assert (found.crc32c, found.md5_hash) == (crc32c(DATA), md5(DATA))


@check("a range within an object is read")
def _(lab: Lab) -> None:
    lab.put(DATA)
    assert lab.blob().download_as_bytes(start=10, end=19, checksum=None) == DATA[10:20]


@check("a range to the end is read")
def _(lab: Lab) -> None:
    lab.put(DATA)
    assert lab.blob().download_as_bytes(start=4000, checksum=None) == DATA[4000:]


@check("a range over the end is read up to the end")
def _(lab: Lab) -> None:
    lab.put(DATA)
    assert lab.blob().download_as_bytes(start=4090, end=9000, checksum=None) == DATA[4090:]


@check("the last bytes are read")
def _(lab: Lab) -> None:
    lab.put(DATA)
    assert lab.blob().download_as_bytes(start=-7, checksum=None) == DATA[-7:]


@check("a range after the end is refused")
def _(lab: Lab) -> None:
    lab.put(b"123")
    with pytest.raises(answers.RequestRangeNotSatisfiable):
        lab.blob().download_as_bytes(start=10, checksum=None)


@check("an object is read in chunks")
def _(lab: Lab) -> None:
    lab.put(DATA * 200)
    assert lab.blob(chunk_size=256 * 1024).download_as_bytes(checksum=None) == DATA * 200


@check("what is not there is not found")
def _(lab: Lab) -> None:
    assert not lab.blob().exists()
    for ask in (lab.blob().reload, lab.blob().download_as_bytes, lab.blob().delete):
        with pytest.raises(answers.NotFound):
            ask()


@check("each write has a generation of its own")
def _(lab: Lab) -> None:
    assert len({lab.put(b"1").generation, lab.put(b"2").generation, lab.put(b"2").generation}) == 3


@check("an older generation is not found once it is replaced")
def _(lab: Lab) -> None:
    old = lab.put(b"old").generation
    lab.put(b"new")
    with pytest.raises(answers.NotFound):
        lab.blob(generation=old).download_as_bytes()


@check("the present generation is read by its number")
def _(lab: Lab) -> None:
    now = lab.put(b"now").generation
    assert lab.blob(generation=now).download_as_bytes() == b"now"


@check("a read that expects another generation is refused")
def _(lab: Lab) -> None:
    made = lab.put(b"1")
    with pytest.raises(answers.PreconditionFailed):
        lab.blob().download_as_bytes(if_generation_match=int(made.generation) + 1)


@check("a read of what has not changed says so")
def _(lab: Lab) -> None:
    made = lab.put(b"1")
    with pytest.raises(answers.NotModified):
        lab.blob().download_as_bytes(if_generation_not_match=made.generation)


@check("a description that expects another metageneration is refused")
def _(lab: Lab) -> None:
    lab.put(b"1")
    with pytest.raises(answers.PreconditionFailed):
        lab.blob().reload(if_metageneration_match=7)


@check("a change of the description raises the metageneration and not the generation")
def _(lab: Lab) -> None:
    made = lab.put(b"1")
    before = made.generation, made.metageneration
    made.metadata = {"a": "1"}
    made.patch()
    assert (made.generation, made.metageneration) == (before[0], before[1] + 1) == (before[0], 2)


@check("a change adds metadata and leaves the rest")
def _(lab: Lab) -> None:
    blob = lab.blob()
    blob.metadata = {"a": "1"}
    blob.upload_from_string(b"1", content_type="text/x-odd")
    changed = lab.blob()
    changed.metadata = {"b": "2"}
    changed.patch()
    found = lab.blob()
    found.reload()
    assert (found.metadata, found.content_type) == ({"a": "1", "b": "2"}, "text/x-odd")


@check("a change can take a key of the metadata away")
def _(lab: Lab) -> None:
    blob = lab.blob()
    blob.metadata = {"a": "1", "b": "2"}
    blob.upload_from_string(b"1")
    blob.metadata = {"a": None}
    blob.patch()
    found = lab.blob()
    found.reload()
    assert found.metadata == {"b": "2"}


@check("a change that expects another metageneration is refused")
def _(lab: Lab) -> None:
    made = lab.put(b"1")
    made.metadata = {"a": "1"}
    with pytest.raises(answers.PreconditionFailed):
        made.patch(if_metageneration_match=7)
