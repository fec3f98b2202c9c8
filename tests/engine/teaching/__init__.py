"""Tests of teachers and students: the loop, the jobs, and that a kill costs nothing but time."""
