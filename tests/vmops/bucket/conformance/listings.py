"""Checks of listings, and of what obstore asks: the XML API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import obstore
import pytest
from google.api_core import exceptions as answers

from tests.vmops.bucket.conformance import Lab, check, crc32c

NAMES = ("a", "b/1", "b/2", "c/d/e", "f")


@check("a listing is in the order of the bytes")
def _(lab: Lab) -> None:
    lab.fill("b", "a", "B", "ä", "a/b", "a!", "~")
    assert lab.names() == ["B", "a", "a!", "a/b", "b", "~", "ä"]


@check("a listing of nothing is empty")
def _(lab: Lab) -> None:
    assert lab.names() == []


@check("a listing of no bucket is refused")
def _(lab: Lab) -> None:
    with pytest.raises((answers.NotFound, answers.Forbidden)):
        list(lab.client.list_blobs("footplate-no-such-bucket-5f1e"))


@check("a listing keeps to its prefix")
def _(lab: Lab) -> None:
    lab.fill(*NAMES)
    assert lab.names(prefix="b") == ["b/1", "b/2"]


@check("a listing of one level tells its folders")
def _(lab: Lab) -> None:
    lab.fill(*NAMES)
    found = lab.client.list_blobs(lab.name, prefix=lab.prefix, delimiter="/")
    assert [blob.name[len(lab.prefix) :] for blob in found] == ["a", "f"]
    assert sorted(name[len(lab.prefix) :] for name in found.prefixes) == ["b/", "c/"]


@check("a listing in pages tells everything once")
def _(lab: Lab) -> None:
    lab.fill(*(f"{number:02}" for number in range(7)))
    pages = [
        [blob.name[-2:] for blob in page]
        for page in lab.client.list_blobs(lab.name, prefix=lab.prefix, page_size=3).pages
    ]
    assert pages == [["00", "01", "02"], ["03", "04", "05"], ["06"]]


@check("one level in pages tells each folder once")
def _(lab: Lab) -> None:
    lab.fill("a", "b/1", "b/2", "b/3", "c/1", "d")
    found = lab.client.list_blobs(lab.name, prefix=lab.prefix, delimiter="/", page_size=1)
    names, folders = [], []
    for page in found.pages:
        names += [blob.name[len(lab.prefix) :] for blob in page]
        folders += [name[len(lab.prefix) :] for name in page.prefixes]
    assert (names, folders) == (["a", "d"], ["b/", "c/"])


@check("a listing ends at its limit")
def _(lab: Lab) -> None:
    lab.fill(*NAMES)
    assert lab.names(max_results=2) == ["a", "b/1"]


@check("a listing begins and ends where it is asked to")
def _(lab: Lab) -> None:
    lab.fill(*NAMES)
    assert lab.names(start_offset="b/2", end_offset="f") == ["b/2", "c/d/e"]


@check("the mark of a folder is told as an object when that is asked")
def _(lab: Lab) -> None:
    lab.fill("b/", "b/1")
    assert lab.names(delimiter="/") == []
    assert lab.names(delimiter="/", include_trailing_delimiter=True) == ["b/"]


@check("a listing tells sizes, hashes, generations and times")
def _(lab: Lab) -> None:
    made = lab.put(b"1234")
    found = next(iter(lab.client.list_blobs(lab.name, prefix=lab.prefix)))
    assert (found.size, found.crc32c, found.generation) == (4, crc32c(b"1234"), int(made.generation))
    assert abs(datetime.now(UTC) - found.updated) < timedelta(minutes=10)


@check("what is gone is not listed any more")
def _(lab: Lab) -> None:
    lab.fill("a", "b")
    lab.blob("a").delete()
    assert lab.names() == ["b"]


# --- obstore ---------------------------------------------------------------------------------------------------------


def _options(**words: Any) -> Any:
    return words


@check("obstore reads the same bytes")
def _(lab: Lab) -> None:
    lab.put(b"1234", "a b/ü%")
    assert bytes(obstore.get(lab.quick, f"{lab.prefix}a b/ü%").bytes()) == b"1234"


@check("obstore reads a range")
def _(lab: Lab) -> None:
    lab.put(b"0123456789")
    found = obstore.get(lab.quick, f"{lab.prefix}x", options=_options(range={"offset": 6}))
    assert bytes(found.bytes()) == b"6789"


@check("obstore is told size and generation")
def _(lab: Lab) -> None:
    made = lab.put(b"1234")
    found = obstore.get(lab.quick, f"{lab.prefix}x").meta
    assert (found["size"], found["version"]) == (4, str(made.generation))


@check("obstore reads the generation that it asks for and no other")
def _(lab: Lab) -> None:
    old = lab.put(b"old").generation
    now = lab.put(b"new").generation
    found = obstore.get(lab.quick, f"{lab.prefix}x", options=_options(version=str(now)))
    assert bytes(found.bytes()) == b"new"
    with pytest.raises((FileNotFoundError, obstore.exceptions.NotFoundError)):
        obstore.get(lab.quick, f"{lab.prefix}x", options=_options(version=str(old)))


@check("obstore lists what is there")
def _(lab: Lab) -> None:
    lab.fill(*NAMES)
    found = [one["path"] for batch in obstore.list(lab.quick, lab.prefix.rstrip("/")) for one in batch]
    assert found == [lab.prefix + name for name in NAMES]


@check("obstore lists one level")
def _(lab: Lab) -> None:
    lab.fill(*NAMES)
    found = obstore.list_with_delimiter(lab.quick, lab.prefix.rstrip("/"))
    assert [one["path"] for one in found["objects"]] == [lab.prefix + "a", lab.prefix + "f"]
    assert sorted(found["common_prefixes"]) == [lab.prefix + "b", lab.prefix + "c"]


@check("obstore is told what is not there")
def _(lab: Lab) -> None:
    with pytest.raises((FileNotFoundError, obstore.exceptions.NotFoundError)):
        obstore.get(lab.quick, f"{lab.prefix}x")
