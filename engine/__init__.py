"""Specs, jobs, runs and events: everything Footplate does without a screen."""

__version__ = "0.1.0"
