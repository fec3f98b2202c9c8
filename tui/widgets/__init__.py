"""Widgets: they are given values and say what was pressed; they know no files, no processes and no runs."""
