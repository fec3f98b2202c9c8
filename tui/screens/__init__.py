"""Screens: each joins services with widgets and holds the state of one place."""
