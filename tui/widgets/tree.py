"""A document as a tree that folds; what is below a place is asked for when somebody unfolds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.message import Message

from engine.look.tree import Node, Place
from tui.widgets.columns import Column
from tui.widgets.table import Table
from tui.widgets.tones import Cell

COLUMNS = (Column("node", "", 20, flex=1),)
KINDS = {"object": ("{", "}", "key"), "array": ("[", "]", "value")}
TONES = {"text": "good", "number": "accent", "word": "warn"}
MOST_AT_ONCE = 200  # nodes that are unfolded by one key


class Tree(Table, inherit_bindings=False):
    """A line a value; enter and right unfold it, left folds it or goes to what it is in."""

    HEADER = 0

    class Unfolded(Message):
        """What is below these places is wanted."""

        def __init__(self, tree: Tree, places: Sequence[Place]) -> None:
            super().__init__()
            self.tree, self.places = tree, places

        @property
        def control(self) -> Tree:
            return self.tree

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(COLUMNS, empty="reading", id=id)
        self._known: dict[str, Node] = {}
        self._below: dict[Place, list[str]] = {}
        self._open: set[Place] = set()
        self._wanted: Place | None = None  # where the cursor goes when it is there
        self.found: Sequence[Place] = ()

    @property
    def node(self) -> Node | None:
        """The value under the cursor."""
        return self._known.get(self.rows.key)

    def begin(self, nodes: Sequence[Node]) -> None:
        """Another document: its root, and what is directly below."""
        self._known, self._below, self._open, self.found, self._wanted = {}, {}, set(), (), None
        self.rows.cursor = 0
        self.take((), nodes)

    def take(self, place: Place, nodes: Sequence[Node]) -> None:
        """What is directly below a place."""
        self._known |= {_key(node.place): node for node in nodes}
        self._below[place] = [_key(node.place) for node in nodes if node.place != place]
        self._open.add(place)
        self._show()

    def _show(self) -> None:
        self.show(list(self._lines(())), self._cells_at, empty="nothing in it")
        if self._wanted is not None:
            self._go_on()

    def _lines(self, place: Place) -> Iterator[str]:
        """The keys of the lines below a place, as far as it is unfolded."""
        yield _key(place)
        if place in self._open:
            for key in self._below.get(place, ()):
                node = self._known[key]
                if node.kind in KINDS:
                    yield from self._lines(node.place)
                else:
                    yield key

    def _cells_at(self, key: str) -> tuple[Cell, ...]:
        node = self._known[key]
        step = node.place[-1] if node.place else ""
        name = f"{step}: " if isinstance(step, str) and step else f"{step}  " if node.place else ""
        indent = "  " * len(node.place)
        if node.kind == "more":
            return (Cell(f"{indent}  … {node.count:,} more, which are not shown", "dim"),)
        if node.kind not in KINDS:
            return (Cell(f"{indent}  {name}{node.said}", TONES.get(node.kind, "")),)
        opening, closing, noun = KINDS[node.kind]
        sign = ("▾" if node.place in self._open else "▸") if node.count else " "
        count = f"{node.count:,} {noun}{'s' * (node.count != 1)}"
        return (Cell(f"{indent}{sign} {name}{opening}{count}{closing}"),)

    # --- folding -------------------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Unfold what is under the cursor, or fold it."""
        node = self.node
        if node is not None and node.kind in KINDS:
            if node.place in self._open:
                self._open.discard(node.place)
                self._show()
            else:
                self.unfold([node.place])

    def unfold(self, places: Sequence[Place]) -> None:
        """Unfold these; what is not known of them is asked for."""
        unknown = [place for place in places if place not in self._below]
        self._open |= {place for place in places if place in self._below}
        self._show()
        if unknown:
            self.post_message(self.Unfolded(self, unknown))

    def unfold_more(self) -> None:
        """Unfold all that is folded in what can be seen; where nothing is, fold all."""
        nodes = (self._known[key] for key in self.rows.keys)
        folded = [node.place for node in nodes if node.kind in KINDS and node.count and node.place not in self._open]
        if folded:
            self.unfold(folded[:MOST_AT_ONCE])
        else:
            self._open = {()}
            self._show()

    def sideways(self, cells: int) -> None:
        node = self.node
        if node is None:
            return
        if cells > 0 and node.kind in KINDS and node.place not in self._open:
            self.unfold([node.place])
        elif cells < 0 and node.place in self._open:
            self.toggle()
        elif cells < 0 and node.place:
            self.go_to(_key(node.place[:-1]))

    # --- finding -------------------------------------------------------------------------------------------------

    def show_found(self, places: Sequence[Place]) -> None:
        """These places were found: go to the first one."""
        self.found = places
        if places:
            self.go_to_place(places[0])

    def next_found(self, step: int) -> None:
        """To the next place that was found, or the one before."""
        if self.found:
            here = self.node.place if self.node is not None else ()
            at = self.found.index(here) if here in self.found else -1 if step > 0 else 0
            self.go_to_place(self.found[(at + step) % len(self.found)])

    def go_to_place(self, place: Place) -> None:
        """Put the cursor on a place, and unfold what it is in."""
        self._wanted = place
        self._go_on()

    def _go_on(self) -> None:
        """Unfold one more of what the wanted place is in, or go there where all is unfolded."""
        wanted = self._wanted or ()
        missing = next((wanted[:end] for end in range(len(wanted)) if wanted[:end] not in self._below), None)
        if missing is not None:
            self.post_message(self.Unfolded(self, [missing]))
            return
        self._wanted = None
        self._open |= {wanted[:end] for end in range(len(wanted))}
        self._show()
        self.go_to(_key(wanted))


def _key(place: Place) -> str:
    return repr(place)
