"""Benchmarks: each against a peer or a limit in the same run, told as a ratio, since machines are shared and noisy."""
