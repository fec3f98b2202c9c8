"""One file a job: a function `run(spec, out)`, a story from top to bottom."""
