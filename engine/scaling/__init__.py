"""Thousands of videos through what looks at their frames: fetched, decoded, batched, and nothing lost on the way."""
