"""Labels that people give to frames: the log of decisions, the queue, tables, gold. Light: standard library only."""
