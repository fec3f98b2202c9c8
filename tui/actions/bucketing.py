"""Actions on what lies in a bucket."""

from __future__ import annotations

from tui.actions import why
from tui.actions.action import BUCKET, Action

BUCKETING = (
    Action("filter_bucket", ("/",), "filter", "Show only names that fit: words, !not, this|that, /regex/, size>1000",
           (BUCKET,), "Look", why_not=why.no_bucket, footer=20, verb="footplate bucket ls"),
    Action("another_bucket", ("b",), "another", "Look into another bucket, or into a folder", (BUCKET,), "Look",
           footer=22),
    Action("download", ("S",), "download", "Write the object under the cursor into the workspace's saved/", (BUCKET,),
           "Change", "change", why.no_object, footer=30, verb="footplate bucket get NAME FILE"),
    Action("upload", ("U",), "upload", "Bring a file of this machine into the folder in view", (BUCKET,), "Change",
           "change", why.no_bucket, footer=32, dialog=True, verb="footplate bucket put FILE NAME"),
    Action("delete_object", ("D",), "delete", "Delete the object under the cursor for good", (BUCKET,), "Change",
           "delete", why.no_object, footer=50, verb="footplate bucket rm NAME"),
    Action("copy_object", ("y",), "copy", "Copy where the object lies", (BUCKET,), "Look", why_not=why.nothing_stored),
)  # fmt: skip
