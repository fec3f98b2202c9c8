"""What can be done to what lies in a bucket: brought here, sent there, removed, kept the same; planned, then asked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual.message import Message

from tui.screens.bucket_level import BucketLevel
from tui.services import transfers
from tui.services.transfers import Plan, Transfer, Wish

PLANNING = "planning"
WORDS = {"get": "Write into saved/", "down": "Bring here", "put": "Send", "up": "Send", "rm": "Delete for good"}


class BucketActs(BucketLevel, inherit_bindings=False):
    """A screen from which things are brought to a bucket and from it, one after another."""

    class Said(Message):
        """Something is on its way to the bucket or from it."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    def __init__(self) -> None:
        super().__init__()
        self.saying = ""
        self.transfer: Transfer | None = None
        self._then: list[Plan] = []  # what comes behind it

    def targets(self) -> tuple[list[str], list[str]]:
        """Objects and folders that are meant: the marked ones, else the one under the cursor."""
        raise NotImplementedError

    # --- planning ------------------------------------------------------------------------------------------------

    def do_download(self) -> None:
        names, prefixes = self.targets()
        size_bytes = sum(self.objects[name].size_bytes for name in names)
        self._plan(transfers.downloaded(self.url, names, prefixes, size_bytes))

    def do_delete_object(self) -> None:
        names, prefixes = self.targets()
        self._plan([Wish("rm", self.url, tuple(names), tuple(prefixes))])

    def do_upload(self) -> None:
        from tui.screens.noting import Noting

        def given(path: str | None) -> None:
            if path:
                wish = partial(transfers.uploaded, self.lab.gate, self.url, self.prefix, path)
                self.work(PLANNING, wish, lambda found: self._plan([found]))

        title = f"Which file or folder of this machine goes into {self.prefix or self.url}?"
        self.app.push_screen(Noting("", title), given)

    def do_sync_folder(self) -> None:
        from tui.screens.bringing import Bringing

        prefix = next(iter(self.targets()[1]), self.prefix)

        def given(found: tuple[str, str] | None) -> None:
            if found:
                way, here = found
                self._plan([Wish("up" if way == "up" else "down", self.url, prefixes=(prefix,), here=here)])

        place = f"{self.url.rstrip('/')}/{prefix}"
        self.app.push_screen(Bringing(place, prefix.rstrip("/") or "bucket"), given)

    def _plan(self, wishes: Sequence[Wish]) -> None:
        self.say(f"{PLANNING} …")
        self.work(PLANNING, partial(_plans, self, wishes), self._ask_whether)

    def _ask_whether(self, plans: Sequence[Plan]) -> None:
        """Say what would be done, and ask; what is removed is named by what has to be typed."""
        from tui.screens.confirm import Confirm

        self.say("")
        todo = [plan for plan in plans if not plan.nothing]
        lines = "\n".join(_told(plan) for plan in plans)
        if not todo:
            self.tell(f"there is nothing to do\n{lines}")
            return
        removal = todo[0].wish.act == "rm"
        question = Confirm(f"{lines}\n", "delete" if removal else "change", typed=_typed(todo[0].wish))
        self.app.push_screen(question, lambda yes: self._begin(todo) if yes else None)

    # --- doing ---------------------------------------------------------------------------------------------------

    def _begin(self, plans: Sequence[Plan]) -> None:
        first, *self._then = plans
        self.transfer = Transfer(self.lab.gate, first)
        self.say(f"{WORDS[first.wish.act].lower()} …")
        self.work("the transfer", partial(self.transfer.run, self._say_how), self._done)

    def _done(self, words: str) -> None:
        given_up = self.transfer is not None and self.transfer.given_up
        self._rest()
        self.tell(words)
        if self._then and not given_up:
            self._begin(self._then)
        else:
            self.do_refresh()

    def do_give_up(self) -> None:
        if self.transfer is not None:
            self.transfer.give_up()
        else:
            self.workers.cancel_group(self, PLANNING)
            self.say("")

    def tell_error(self, what: str, why: str, what_to_do: str) -> None:
        if what in (PLANNING, "the transfer"):
            self._rest()
        super().tell_error(what, why, what_to_do)

    def _rest(self) -> None:
        self.transfer = None
        self.say("")

    def say(self, words: str) -> None:
        """Say what is under way; empty where nothing is any more."""
        self.saying = words
        self.show()

    def _say_how(self, words: str) -> None:
        self.post_message(self.Said(words))

    def on_bucket_acts_said(self, message: Said) -> None:
        if self.saying:  # what is over by now has nothing more to say
            self.say(message.words)


def _plans(screen: BucketActs, wishes: Sequence[Wish]) -> list[Plan]:
    return [transfers.plan(screen.lab.gate, wish, screen._say_how) for wish in wishes]


def _told(plan: Plan) -> str:
    wish = plan.wish
    there = [f"{wish.url.rstrip('/')}/{name}" for name in (*wish.names, *wish.prefixes)]
    some = "\n".join([*(f"  {name}" for name in there[:3]), *([f"  and {len(there) - 3:,} more"] * (len(there) > 3))])
    here = f"\n  {'with' if wish.act in ('up', 'put') else 'in'} {wish.here}" if wish.here else ""
    return "\n".join([f"{WORDS[wish.act]}:", f"{some}{here}", *plan.lines])


def _typed(wish: Wish) -> str:
    """What has to be typed before it goes: the name of the one thing, or how many."""
    every = [*wish.names, *wish.prefixes]
    return every[0].rstrip("/").rpartition("/")[2] if len(every) == 1 else str(len(every))
