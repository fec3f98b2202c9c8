"""Checks of resumable uploads: nothing is seen before its end, and a lost connection loses nothing."""

from __future__ import annotations

import io

from tests.vmops.bucket.conformance import UNIT, Lab, check, crc32c

DATA = bytes(range(256)) * (3 * UNIT // 256)


@check("an upload in chunks has the same bytes")
def _(lab: Lab) -> None:
    blob = lab.blob(chunk_size=UNIT)
    blob.upload_from_file(io.BytesIO(DATA + b"rest"), checksum="crc32c")
    assert lab.bytes() == DATA + b"rest"


@check("an upload whose size is known at its end only has the same bytes")
def _(lab: Lab) -> None:
    where = lab.begin()
    assert lab.chunk(where, DATA[:UNIT], f"bytes 0-{UNIT - 1}/*").status_code == 308
    assert lab.chunk(where, DATA[UNIT:], f"bytes {UNIT}-{3 * UNIT - 1}/{3 * UNIT}").status_code == 200
    assert lab.bytes() == DATA


@check("nothing is seen of an upload before its end")
def _(lab: Lab) -> None:
    lab.chunk(lab.begin(), DATA[:UNIT], f"bytes 0-{UNIT - 1}/{3 * UNIT}")
    assert lab.names() == [] and not lab.blob().exists()


@check("an upload tells how far it is")
def _(lab: Lab) -> None:
    where = lab.begin()
    none = lab.chunk(where, b"", f"bytes */{3 * UNIT}")
    lab.chunk(where, DATA[:UNIT], f"bytes 0-{UNIT - 1}/{3 * UNIT}")
    some = lab.chunk(where, b"", f"bytes */{3 * UNIT}")
    assert (none.status_code, none.headers.get("Range")) == (308, None)
    assert (some.status_code, some.headers.get("Range")) == (308, f"bytes=0-{UNIT - 1}")


@check("an upload that is cut short is no object")
def _(lab: Lab) -> None:
    where = lab.begin()
    lab.cut(where, DATA, f"bytes 0-{3 * UNIT - 1}/{3 * UNIT}", UNIT + 1000)
    assert lab.names() == []


@check("an upload that was cut short goes on where it is told to")
def _(lab: Lab) -> None:
    where, total = lab.begin(), 3 * UNIT
    lab.cut(where, DATA, f"bytes 0-{total - 1}/{total}", UNIT + 1000)
    answer = lab.chunk(where, b"", f"bytes */{total}")
    assert answer.status_code == 308
    have = int(answer.headers["Range"].rpartition("-")[2]) + 1 if "Range" in answer.headers else 0
    assert have % UNIT == 0 and have <= UNIT
    assert lab.chunk(where, DATA[have:], f"bytes {have}-{total - 1}/{total}").status_code == 200
    assert lab.bytes() == DATA


@check("an upload that has ended tells its object when it is asked again")
def _(lab: Lab) -> None:
    where = lab.begin()
    lab.chunk(where, b"1234", "bytes 0-3/4")
    again = lab.chunk(where, b"", "bytes */4")
    assert again.status_code == 200 and again.json()["size"] == "4"


@check("an upload that is given up is not gone on with")
def _(lab: Lab) -> None:
    where = lab.begin()
    assert lab.client._http.request("DELETE", where, headers={"Content-Length": "0"}).status_code == 499
    assert lab.chunk(where, b"1234", "bytes 0-3/4").status_code >= 400
    assert lab.names() == []


@check("an upload whose last chunk tells another's hash is refused")
def _(lab: Lab) -> None:
    answer = lab.chunk(lab.begin(), b"1234", "bytes 0-3/4", X_Goog_Hash=f"crc32c={crc32c(b'other')}")
    assert answer.status_code == 400 and lab.names() == []


@check("an empty upload is an empty object")
def _(lab: Lab) -> None:
    assert lab.chunk(lab.begin(), b"", "bytes */0").status_code == 200
    assert lab.bytes() == b""
