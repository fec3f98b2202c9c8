"""A torch that does not import."""

raise ImportError("no torch here")
