"""What makes tests of screens cheap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet


@pytest.fixture(autouse=True, scope="session")
def styles_are_parsed_once() -> Iterator[None]:
    """Hundreds of apps have the same styles: what was parsed under the same variables is taken again.

    Textual keeps what it has parsed for one app in the same way, so nothing here changes what an app does.
    """
    parsed: dict[Any, list[RuleSet]] = {}
    parse = Stylesheet._parse_rules

    def remembered(styles: Stylesheet, *given: Any, **named: Any) -> list[RuleSet]:
        asked = (given, frozenset(named.items()), frozenset(styles._variables.items()))
        if asked not in parsed:
            parsed[asked] = parse(styles, *given, **named)
        return parsed[asked]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", remembered)
        yield
