"""Keys in the order in which they were typed."""

from __future__ import annotations

from textual import events
from textual.widget import Widget


async def do_own_binding(widget: Widget, event: events.Key) -> None:
    """Do at once what a widget's own binding says, from its `on_key`.

    A binding is otherwise looked up after the key has gone up to the app, and letters that were typed behind it
    (fast, or over a slow line) would be there before it.
    """
    for binding in widget._bindings.key_to_bindings.get(event.key, ()):
        event.stop()
        event.prevent_default()
        await widget.run_action(binding.action)
        return
