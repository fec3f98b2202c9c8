"""The grammar of filters, which the screens share with the commands."""

from __future__ import annotations

from engine.filter import Filter as Filter
from engine.filter import Term as Term
from engine.filter import compiled as compiled
