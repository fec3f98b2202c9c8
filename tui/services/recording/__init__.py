"""What the screens saw, kept in a file, and shown again from it."""
