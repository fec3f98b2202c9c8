"""The units on which coders differ: blanks apart from what they really see differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.annotations.decision import BLANK, CANT_TELL, Decision, Unit
from engine.annotations.given import Variables, decided, given, in_order, is_label, said, unnamed
from engine.filter import Fields, Filter, Term, Value

GENUINE, UNSURE, BLANKS = "genuine", "can't tell", "blank"
KINDS = (GENUINE, UNSURE, BLANKS)
FIELDS = ("variable", "video", "frame", "kind", "pair", "codes", "adjudicated", "reason")
OTHERS = {BLANKS: "are blanks", UNSURE: "are can't tell"}
MOSTLY, NAMED = 2 / 3, 3  # a summary names the pairs that make up so much of the genuine ones, but no more of them


@dataclass(frozen=True)
class Disagreement:
    """A unit on which coders differ in one variable.

    Attributes:
        kind: genuine (two labels), can't tell (one label, and somebody could not), or blank (and somebody left it so).
        codes: the values without names, in an order that is shuffled for each unit.
        pair: the different values in the codebook's order, `personal/social`.
        adjudicated: what was decided, where somebody did.
    """

    unit: Unit
    variable: str
    kind: str
    codes: tuple[str, ...]
    pair: str
    adjudicated: Decision | None = None

    def fields(self) -> dict[str, Value]:
        """What a filter may ask for."""
        found: dict[str, Value] = {
            "variable": self.variable, "video": self.unit.video_id, "frame": float(self.unit.frame_index),
            "kind": self.kind, "pair": self.pair, "codes": " ".join(map(said, self.codes)),
        }  # fmt: skip
        if self.adjudicated is None:
            return found
        return {**found, "adjudicated": said(self.adjudicated.value), "reason": self.adjudicated.reason}


def disagreements(
    decisions: Iterable[Decision], variables: Variables, adjudications: Iterable[Decision] = (), *, salt: str = ""
) -> list[Disagreement]:
    """All of them, by variable, the genuine ones first, those of one pair together.

    Args:
        decisions: of each coder, unit and variable the one that stands.
        variables: the labels of each, in the codebook's order.
        adjudications: those that stand.
        salt: of the workspace; it is part of the order in which codes are shown.
    """
    values, settled = given(decisions), decided(adjudications)
    found: list[Disagreement] = []
    for variable, labels in variables.items():
        known = settled.get(variable, {})
        of_it = [
            _disagreement(unit, variable, coders, labels, known.get(unit), salt)
            for unit, coders in values.get(variable, {}).items() if len(set(coders.values())) > 1
        ]  # fmt: skip
        often = Counter((one.kind, one.pair) for one in of_it)
        of_it.sort(key=lambda one: (KINDS.index(one.kind), -often[one.kind, one.pair], one.pair, one.unit))
        found += of_it
    return found


def _disagreement(
    unit: Unit, variable: str, coders: Mapping[str, str], labels: Sequence[str], known: Decision | None, salt: str
) -> Disagreement:
    pair = "/".join(map(said, in_order(coders.values(), labels)))
    return Disagreement(unit, variable, kind(coders.values()), tuple(unnamed(coders, unit, salt)), pair, known)


def kind(values: Collection[str]) -> str:
    """Why values differ: somebody sees another label, cannot tell, or has left it blank."""
    labels = {value for value in values if is_label(value)}
    if len(labels) > 1:
        return GENUINE
    return UNSURE if labels and CANT_TELL in values and BLANK not in values else BLANKS


def summary(found: Sequence[Disagreement]) -> str:
    """Of one variable: "12 of 18 are blanks; the 6 genuine ones are mostly personal/social and social/public"."""
    if not found:
        return "no disagreements"
    kinds = Counter(one.kind for one in found)
    others = [f"{kinds[name]} of {len(found)} {words}" for name, words in OTHERS.items() if kinds[name]]
    return "; ".join([", ".join(others)] * bool(others) + [_genuine([one for one in found if one.kind == GENUINE])])


def _genuine(found: Sequence[Disagreement]) -> str:
    if not found:
        return "none is genuine"
    pairs = Counter(one.pair for one in found).most_common()
    named: list[str] = []
    covered = 0
    for pair, times in pairs[:NAMED]:
        if covered >= MOSTLY * len(found):
            break
        named, covered = [*named, pair], covered + times
    mostly = "mostly " * (covered < len(found))
    if len(found) == 1:
        return f"the one genuine one is {named[0]}"
    listed = " and ".join(filter(None, (", ".join(named[:-1]), named[-1])))
    return f"the {len(found)} genuine ones are {mostly}{listed}"


def either_way(wanted: Filter) -> Filter:
    """The filter that finds a pair in whichever order its labels were typed: social/personal is personal/social."""
    return replace(wanted, terms=tuple(tuple(map(_turned, either)) for either in wanted.terms))


def _turned(term: Term) -> Term:
    return _EitherWay(term.negated, term.field, term.op, term.pattern, term.number) if term.field == "pair" else term


class _EitherWay(Term):
    """What is asked of a pair, of which both orders are looked at."""

    def _holds(self, fields: Fields) -> bool:
        turned = "/".join(reversed(str(fields.get("pair", "")).split("/")))
        both = (super()._holds(fields), super()._holds({**fields, "pair": turned}))
        return all(both) if self.op == "!=" else any(both)
