"""Tests of many videos: generated clips, real processes, and kills."""
