"""Frames for people's eyes: decoded as jobs decode them, ahead of need, and made as large as a screen wants them."""
