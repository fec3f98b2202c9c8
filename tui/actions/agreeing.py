"""Actions on what coders agree and differ on."""

from __future__ import annotations

from tui.actions import why
from tui.actions.action import AGREEMENT, Action

AGREEING = (
    Action("adjudicate", ("a",), "adjudicate", "Decide what the frame's label is, and say why", (AGREEMENT,), "Change",
           "change", why.no_case, footer=12, dialog=True,
           verb="footplate adjudicate VIDEO FRAME VARIABLE LABEL --reason WORDS --by NAME"),
    Action("next_case", ("n",), "next", "The next frame on which coders differ", (AGREEMENT,), "Look",
           why_not=why.no_case, footer=14),
    Action("previous_case", ("N",), "previous", "The one before", (AGREEMENT,), "Look", why_not=why.no_case),
    Action("filter_cases", ("/",), "filter", "Show only frames that fit: kind:genuine pair:personal/social "
           "!has:adjudicated", (AGREEMENT,), "Look", why_not=why.nothing_differs, footer=20,
           verb="footplate disagreements --filter WORDS"),
    Action("brighter_case", ("b",), "brighter", "Lift what is dark: 1.5, 2.2, 3, and as it is again", (AGREEMENT,),
           "Look", why_not=why.no_case_in_view, footer=25),
    Action("card_words", ("d",), "in words", "What the card of the chosen row rests on, and what to mind", (AGREEMENT,),
           "Look", why_not=why.no_card, footer=22, verb="footplate agreement"),
    Action("save_gold", ("S",), "save gold", "Write gold.csv, and beside it what was left out", (AGREEMENT,), "Change",
           "change", why.nothing_gold, footer=40, verb="footplate gold --out"),
    Action("with_adjudicated", ("u",), "adjudicated", "Adjudicated frames join the gold set, or join it no more",
           (AGREEMENT,), "Look", why_not=why.nothing_gold, footer=42, verb="footplate gold --adjudicated"),
    Action("second_opinion", ("m",), "second opinion", "What Dawid and Skene's model makes of the same labels",
           (AGREEMENT,), "Look", why_not=why.nothing_gold, footer=44, verb="footplate gold --sensitivity"),
)  # fmt: skip
