"""Tests of rounds: their parts, and the whole job on generated videos."""
