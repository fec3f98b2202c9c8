"""Google's cloud through Google's own libraries; loaded by name, in a process that speaks with it."""
