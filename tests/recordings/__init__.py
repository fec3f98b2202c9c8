"""Recordings from which tests draw screens, and the script that makes them anew."""
