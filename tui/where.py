"""Where somebody is on the screens, as JSON values: kept in recordings, and gone back to from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Input, TextArea

from tui.screens.dialog import Dialog
from tui.widgets.entry import Typed
from tui.widgets.lines import LineView
from tui.widgets.table import Table

if TYPE_CHECKING:
    from tui.app import FootplateApp

OPENED_BY = {"Help": "help", "Palette": "palette", "Calls": "command_log"}  # dialogs that change nothing
View = dict[str, Any]


def seen(app: FootplateApp) -> dict[str, Any]:
    """The screen, its run, its state, and what is in view of each of its parts."""
    place, lab = app.place, app.lab
    if place is None or not place.is_mounted:
        return {}
    try:
        kept = place.kept()
    except NoMatches:  # its parts are still being put together, or are taken down already
        return {}
    over = type(app.screen).__name__ if app.screen is not place else ""
    return {
        "place": place.NAME,
        "run": getattr(place, "run_id", ""),
        "compared": list(lab.compared),
        "kept": kept,
        "views": {widget: view for widget, view in _views(place).items() if view},
        "focus": (place.focused.id if place.focused is not None else "") or "",
        "full": place.has_class("-full"),
        "over": over,
    }


def go(app: FootplateApp, wanted: dict[str, Any]) -> bool:
    """A step towards where somebody was; whether there is nothing left to do."""
    place = app.place
    if place is None or not place.is_mounted:
        return False
    if isinstance(app.screen, Dialog) and type(app.screen).__name__ != wanted["over"]:
        app.screen.answer(None)
        return False
    elsewhere: bool = wanted["place"] != place.NAME
    if elsewhere or _other_run(app, wanted["run"]):
        app.lab.opened, app.lab.compared = wanted["run"] or app.lab.opened, list(wanted["compared"])
        app.go(wanted["place"]) if elsewhere else place.on_screen_resume()
        return False
    return _same_place(app, wanted)


def _other_run(app: FootplateApp, run_id: str) -> bool:
    return bool(run_id) and getattr(app.place, "run_id", run_id) != run_id


def _same_place(app: FootplateApp, wanted: dict[str, Any]) -> bool:
    place = app.place
    assert place is not None
    if wanted["kept"] != place.kept():
        place.restore(wanted["kept"])
    if wanted["full"] != place.has_class("-full"):
        place.action_act("full")
    fits = [_show(place, name, view) for name, view in wanted["views"].items()]
    focused = list(place.query(f"#{wanted['focus']}")) if wanted["focus"] else []
    if focused and _takes_focus(focused[0], place) and app.screen is place:
        place.set_focus(focused[0])
    if wanted["over"] in OPENED_BY and app.screen is place:
        place.action_act(OPENED_BY[wanted["over"]])
    return all(fits)


def _takes_focus(widget: Widget, place: Screen[Any]) -> bool:
    """A line to type in would take the keys that move the time."""
    typed = isinstance(widget, Input | TextArea)
    return widget.focusable and widget is not place.focused and not typed


def _views(place: Screen[Any]) -> dict[str, View]:
    found = {}
    for widget in place.query("Table, LineView, ContentSwitcher, Typed"):
        if widget.id:
            found[widget.id] = _view(widget)
    return found


def _view(widget: object) -> View:
    match widget:
        case Table():
            return {"cursor": widget.rows.key, "top": widget.scroll_offset.y} if widget.rows.key else {}
        case LineView():
            top = {} if widget.follow else {"top": widget.scroll_offset.y}
            return {"follow": widget.follow, "wrap": widget.wrap, **top} if widget.count else {}
        case ContentSwitcher():
            return {"current": widget.current or ""}
        case Typed():
            shown = widget.has_class("-shown")
            return {"shown": shown, "typed": widget.value} if shown or widget.value else {}
    return {}


def _show(place: Screen[Any], name: str, view: View) -> bool:
    """Bring a part of the screen into such a view, as far as it goes; whether it is so."""
    found = list(place.query(f"#{name}"))
    if not found or _view(found[0]) == view:
        return bool(found)
    match found[0]:
        case Table() as table if view.get("cursor") in table.rows.keys:
            table.go(table.rows.keys.index(view["cursor"]))
        case LineView() as lines:
            _show_lines(lines, view)
        case ContentSwitcher():
            show_pane = getattr(place, "show_pane", None)
            if show_pane is not None and view["current"]:
                show_pane(view["current"])
        case Typed() as typed:
            typed.set_class(bool(view.get("shown")), "-shown")
            typed.value = view.get("typed", "")
    return _view(found[0]) == view


def _show_lines(lines: LineView, view: View) -> None:
    if lines.wrap != view["wrap"]:
        lines.set_wrap(view["wrap"])
    if lines.follow != view["follow"]:
        lines.set_follow(view["follow"])
    if "top" in view:
        lines.scroll_to(y=view["top"], animate=False, force=True)
