"""Tests of extractors, each with the real network."""
