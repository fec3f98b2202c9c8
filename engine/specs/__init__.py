"""What each job takes: typed, commented groups of keys."""
