"""Actions on what lies in a bucket."""

from __future__ import annotations

from tui.actions import why
from tui.actions.action import BUCKET, Action

BUCKETING = (
    Action("filter_bucket", ("/",), "filter", "Show only names that fit: words, !not, this|that, /regex/, size>1000; "
           "in a look, only the rows or places that fit", (BUCKET,), "Look", why_not=why.no_bucket, footer=20,
           verb="footplate bucket ls"),
    Action("another_bucket", ("b",), "another", "Look into another bucket, or into a folder", (BUCKET,), "Look",
           footer=22, verb="footplate bucket ls gs://NAME/FOLDER/"),
    Action("choose_source", ("i",), "as source", "Take the folder as the videos of a new run of infer, extract or "
           "frames", (BUCKET,), "Look", why_not=why.no_bucket, footer=24,
           verb="footplate run JOB videos=gs://NAME/FOLDER/"),
    Action("mark_object", ("space",), "mark", "Mark it, to act on several at once", (BUCKET,), "Look",
           why_not=why.nothing_stored, footer=40),
    Action("mark_objects", ("V",), "mark all", "Mark all that are shown, or none", (BUCKET,), "Look",
           why_not=why.nothing_stored),
    Action("download", ("S",), "download", "Write what is marked or under the cursor into the workspace's saved/",
           (BUCKET,), "Change", "change", why.cannot_bring, footer=30, dialog=True,
           verb="footplate bucket get NAME FILE"),
    Action("upload", ("U",), "upload", "Bring a file or a folder of this machine into the folder in view", (BUCKET,),
           "Change", "change", why.cannot_send, footer=32, dialog=True, verb="footplate bucket put FILE NAME"),
    Action("sync_folder", ("s",), "sync", "Make this folder and one of this machine the same, one way", (BUCKET,),
           "Change", "change", why.cannot_send, footer=34, dialog=True, verb="footplate bucket sync SOURCE TARGET"),
    Action("delete_object", ("D",), "delete", "Delete what is marked or under the cursor for good", (BUCKET,),
           "Change", "delete", why.cannot_bring, footer=50, dialog=True, verb="footplate bucket rm NAME"),
    Action("give_up", ("x",), "give up", "End what is under way; what was done stays", (BUCKET,), "Look",
           why_not=why.nothing_under_way, footer=5),
    Action("copy_object", ("y",), "copy", "Copy where the object lies", (BUCKET,), "Look", why_not=why.nothing_stored),
)  # fmt: skip
