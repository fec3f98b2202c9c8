"""The verbs of the command line: each a parser and a function that prints and returns an exit code."""
