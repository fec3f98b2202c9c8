"""Detectors with weights that packages ship: what finds them, runs them, and reads what they answer."""
