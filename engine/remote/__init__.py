"""Runs on other machines: a shepherd here starts them there, copies what they say, and fetches what they made."""
