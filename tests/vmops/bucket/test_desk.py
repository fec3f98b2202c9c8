"""The Bucket screen asks another process, in which Google's library is loaded; its own stays without."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.gcs import Gcs
from vmops import audit
from vmops.bucket import Bucket
from vmops.desk import Desk
from vmops.errors import Conflict, NotFound, Refused
from vmops.provider import Call
from vmops.settings import Settings


def test_a_desk_is_asked_about_a_bucket_and_each_question_is_in_its_log(
    lab: Bucket, cloud: Gcs, tmp_path: Path
) -> None:
    made = lab.write("videos/1.mp4", b"123")
    calls: list[Call] = []
    with Desk(Settings(), tmp_path, calls.append) as desk:
        level = desk.ask("bucket_list", url="gs://lab", prefix="")
        assert level["folders"] == ["videos/"] and level["simulated"]
        assert desk.ask("bucket_head", url="gs://lab", name="videos/1.mp4")["text"] == "123"
        with pytest.raises(Conflict):
            desk.ask("bucket_delete", url="gs://lab", name="videos/1.mp4", generation=made + 1)
        desk.ask("bucket_delete", url="gs://lab", name="videos/1.mp4", generation=made)
        with pytest.raises(NotFound):
            desk.ask("bucket_stat", url="gs://lab", name="videos/1.mp4")
        with pytest.raises(Refused):
            desk.ask("bucket_burn", url="gs://lab")
        with pytest.raises(Refused, match="'name'"):
            desk.ask("bucket_stat", url="gs://lab")
    assert lab.list() == []
    lines = audit.read(tmp_path).lines
    assert [line.act for line in lines] == ["asked", "failed", "asked", "deleted"]
    assert {line.facts["object"] for line in lines} == {"gs://lab/videos/1.mp4"}
    assert [call.what for call in calls][:2] == ["storage list gs://lab", "storage head gs://lab/videos/1.mp4"]
    assert [call.ok for call in calls] == [True, True, False, True, False, False]
