"""`python -m engine.look`: answers questions about files, a line of JSON each, until nobody asks any more.

A process of its own: what it loads, and what a damaged file does to it, is nothing to who asks. A question that is
still being worked on is given up when a newer one of the same kind is there.
"""

from __future__ import annotations

import base64
import json
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.errors import FootplateError
from engine.look import files, tree
from engine.look.picture import picture
from engine.look.view import Arrangement, Cut, View

KEPT = 4  # files that stay open
Question = dict[str, Any]


class Desk:
    """Questions in the order in which they came, and what is open to answer them."""

    def __init__(self) -> None:
        self._questions: deque[Question] = deque()
        self._came = threading.Condition()
        self._ended = False
        self._open: OrderedDict[tuple[str, bool, int], Any] = OrderedDict()

    def listen(self) -> None:
        """Take questions until there are no more; in a thread."""
        for line in sys.stdin:
            with self._came:
                self._questions.append(json.loads(line))
                self._came.notify()
        with self._came:
            self._ended = True
            self._came.notify()

    def answer_all(self) -> None:
        """Answer until nobody asks any more."""
        while (question := self._next()) is not None:
            sys.stdout.write(json.dumps({"id": question["id"], **self._answer(question)}, ensure_ascii=True) + "\n")
            sys.stdout.flush()

    def _next(self) -> Question | None:
        """The next question; until it comes, tables that are known in part are read on."""
        while not (self._questions or self._ended) and (view := self._unfinished()) is not None:
            view.rows.more()
        with self._came:
            self._came.wait_for(lambda: self._questions or self._ended)
            return self._questions.popleft() if self._questions and not self._ended else None

    def _unfinished(self) -> View | None:
        views = (view for view in self._open.values() if isinstance(view, View))
        return next((view for view in views if not view.rows.complete), None)

    def _outdated(self, kind: str) -> bool:
        return self._ended or any(question["do"] == kind for question in list(self._questions))

    def _answer(self, question: Question) -> dict[str, Any]:
        try:
            return {"answer": DO[question["do"]](self, question)}
        except Cut:
            return {"cut": True}
        except FootplateError as error:
            return {"error": error.message, "hint": error.hint}
        except Exception as error:  # noqa: BLE001 (a damaged file may meet any fault; it is told to who asked)
            said = error.strerror if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
            return {"error": f"{Path(question['path']).name}: cannot be read: {said}", "hint": ""}

    # --- answers -------------------------------------------------------------------------------------------------

    def _opened(self, question: Question, make: Callable[[Path], Any]) -> Any:
        """What stands open of a file, until the file is another one."""
        path = Path(question["path"])
        key = (str(path), question["do"] in ("below", "find"), path.stat().st_mtime_ns)
        if key not in self._open:
            self._open[key] = make(path)
            if len(self._open) > KEPT:
                self._open.popitem(last=False)
        self._open.move_to_end(key)
        return self._open[key]

    def _view(self, question: Question) -> View:
        view: View = self._opened(question, lambda path: View(files.rows(path)))
        return view

    def rows(self, question: Question) -> dict[str, Any]:
        """Some rows of a table, arranged as it is wanted: from a place on, or around where a row of the file stands."""
        view, first, place = self._view(question), question["first"], -1
        view.arrange(Arrangement(*question["arranged"]), lambda: self._outdated("rows"))
        if question["around"] >= 0:
            place = view.place_of(question["around"])
            first = max(0, place - question["count"] // 2)
        numbers, rows = view.page(first, question["count"])
        return {"columns": view.rows.columns, "count": view.count, "of": view.rows.count, "first": first,
                "complete": view.rows.complete, "numbers": numbers, "rows": rows, "place": place,
                "fault": view.fault}  # fmt: skip

    def facts(self, question: Question) -> dict[str, Any]:
        """What there is to know of a column."""
        view = self._view(question)
        view.arrange(Arrangement(*question["arranged"]), lambda: self._outdated("facts"))
        return {"words": view.facts(question["column"], lambda: self._outdated("facts")).words()}

    def below(self, question: Question) -> list[dict[str, Any]]:
        """What is below a place of a document; below no place, the document itself."""
        whole = self._opened(question, tree.document)
        place = tuple(question["place"])
        found = tree.below(whole, place)
        return [asdict(one) for one in ([tree.node((), whole)] if not place else []) + found]

    def find(self, question: Question) -> list[tree.Place]:
        """Where a text stands in a document."""
        return tree.find(self._opened(question, tree.document), question["text"])

    def picture(self, question: Question) -> dict[str, Any]:
        """A picture as pixels."""
        found = picture(Path(question["path"]), question["width"], question["height"])
        return {**asdict(found), "data": base64.b64encode(found.data).decode()}


DO: dict[str, Callable[[Desk, Question], Any]] = {
    "rows": Desk.rows, "facts": Desk.facts, "below": Desk.below, "find": Desk.find, "picture": Desk.picture,
}  # fmt: skip


def main() -> int:
    """Answer on standard output what is asked on standard input."""
    desk = Desk()
    threading.Thread(target=desk.listen, daemon=True).start()
    desk.answer_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
