"""Machines, buckets and shells; has not heard of runs."""
