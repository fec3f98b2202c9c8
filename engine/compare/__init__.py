"""Runs side by side: what they measured, and in what they differ."""
