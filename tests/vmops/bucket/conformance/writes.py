"""Checks of commits: what replaces what, what is deleted, and who of many wins."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from google.api_core import exceptions as answers

from tests.vmops.bucket.conformance import UNIT, Lab, check, md5

AGAIN = {"if_generation_match": 1}


@check("what is absent is made under the condition that it is absent")
def _(lab: Lab) -> None:
    lab.put(b"1", if_generation_match=0)
    assert lab.bytes() == b"1"


@check("what is there is not made under the condition that it is absent")
def _(lab: Lab) -> None:
    lab.put(b"1")
    with pytest.raises(answers.PreconditionFailed):
        lab.put(b"2", if_generation_match=0)
    assert lab.bytes() == b"1"


@check("the generation that was seen is replaced")
def _(lab: Lab) -> None:
    lab.put(b"2", if_generation_match=lab.put(b"1").generation)
    assert lab.bytes() == b"2"


@check("a generation that is not there any more is not replaced")
def _(lab: Lab) -> None:
    old = lab.put(b"1").generation
    lab.put(b"2")
    with pytest.raises(answers.PreconditionFailed):
        lab.put(b"3", if_generation_match=old)
    assert lab.bytes() == b"2"


@check("what is absent has no generation that could be replaced")
def _(lab: Lab) -> None:
    with pytest.raises(answers.PreconditionFailed):
        lab.put(b"1", **AGAIN)
    assert lab.names() == []


@check("what must be there is not made where it is absent")
def _(lab: Lab) -> None:
    with pytest.raises(answers.PreconditionFailed):
        lab.put(b"1", if_generation_not_match=0)
    assert lab.names() == []


@check("a write that expects another metageneration is refused")
def _(lab: Lab) -> None:
    lab.put(b"1")
    with pytest.raises(answers.PreconditionFailed):
        lab.put(b"2", if_metageneration_match=7)
    assert lab.bytes() == b"1"


@check("a resumable upload is held to its condition as it begins")
def _(lab: Lab) -> None:
    lab.put(b"1")
    with pytest.raises(AssertionError, match="conditionNotMet"):
        lab.begin(ifGenerationMatch="0")


@check("a resumable upload is held to its condition as it ends")
def _(lab: Lab) -> None:
    where = lab.begin(ifGenerationMatch="0")
    lab.put(b"theirs")
    answer = lab.chunk(where, b"mine", "bytes 0-3/4")
    assert answer.status_code == 412 and lab.bytes() == b"theirs"


@check("what was deleted is gone")
def _(lab: Lab) -> None:
    lab.put(b"1").delete()
    assert lab.names() == [] and not lab.blob().exists()


@check("a generation that is not there any more is not deleted")
def _(lab: Lab) -> None:
    old = lab.put(b"1").generation
    lab.put(b"2")
    with pytest.raises(answers.PreconditionFailed):
        lab.blob().delete(if_generation_match=old)
    assert lab.bytes() == b"2"


@check("the generation that was seen is deleted")
def _(lab: Lab) -> None:
    lab.blob().delete(if_generation_match=lab.put(b"1").generation)
    assert lab.names() == []


@check("what was deleted can be made anew under another generation")
def _(lab: Lab) -> None:
    old = lab.put(b"1")
    before = old.generation
    old.delete()
    assert lab.put(b"2", if_generation_match=0).generation != before


@check("of sixteen who make the same object one wins")
def _(lab: Lab) -> None:
    def make(number: int) -> bool:
        try:
            lab.put(str(number).encode(), if_generation_match=0)
        except answers.PreconditionFailed:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(make, range(16)))
    assert won.count(True) == 1 and lab.bytes() == str(won.index(True)).encode()


@check("of eight who count in one object no step is lost")
def _(lab: Lab) -> None:
    lab.put(b"0")

    def step(_: int) -> None:
        while True:
            found = lab.blob()
            now = int(found.download_as_bytes())
            try:
                return lab.blob().upload_from_string(str(now + 1), if_generation_match=found.generation)
            except (answers.PreconditionFailed, answers.TooManyRequests):
                continue

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(step, range(8)))
    assert lab.bytes() == b"8"


@check("two objects are composed to one without MD5")
def _(lab: Lab) -> None:
    whole = lab.blob("whole")
    whole.compose([lab.put(b"one,", "a"), lab.put(b"two", "b")])
    whole.reload()
    assert lab.bytes("whole") == b"one,two" and (whole.component_count, whole.md5_hash) == (2, None)


@check("composing is held to its condition")
def _(lab: Lab) -> None:
    lab.put(b"there", "whole")
    with pytest.raises(answers.PreconditionFailed):
        lab.blob("whole").compose([lab.put(b"1", "a")], if_generation_match=0)
    assert lab.bytes("whole") == b"there"


@check("what is absent cannot be composed")
def _(lab: Lab) -> None:
    with pytest.raises(answers.NotFound):
        lab.blob("whole").compose([lab.put(b"1", "a"), lab.blob("absent")])


@check("a copy has the bytes and the metadata")
def _(lab: Lab) -> None:
    blob = lab.blob()
    blob.metadata = {"a": "1"}
    blob.upload_from_string(b"1", content_type="text/x-odd")
    lab.bucket.copy_blob(blob, lab.bucket, lab.prefix + "copy")
    found = lab.blob("copy")
    found.reload()
    assert (found.metadata, found.content_type, found.md5_hash) == ({"a": "1"}, "text/x-odd", md5(b"1"))


@check("a copy is held to a condition on its target")
def _(lab: Lab) -> None:
    lab.put(b"there", "copy")
    with pytest.raises(answers.PreconditionFailed):
        lab.bucket.copy_blob(lab.put(b"1"), lab.bucket, lab.prefix + "copy", if_generation_match=0)
    assert lab.bytes("copy") == b"there"


@check("a copy is held to a condition on its source")
def _(lab: Lab) -> None:
    old = lab.put(b"1").generation
    now = lab.put(b"2")
    with pytest.raises(answers.PreconditionFailed):
        lab.bucket.copy_blob(now, lab.bucket, lab.prefix + "copy", if_source_generation_match=old)
    assert lab.names() == ["x"]


@check("an object is rewritten under another name")
def _(lab: Lab) -> None:
    source, target = lab.put(b"1" * UNIT), lab.blob("new")
    token, done, total = target.rewrite(source)
    assert (token, done, total) == (None, UNIT, UNIT) and lab.bytes("new") == b"1" * UNIT
