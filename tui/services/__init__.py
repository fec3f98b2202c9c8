"""The only place of the TUI that touches disk and processes; each function runs in a thread."""
