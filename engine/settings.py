"""A person's settings: `settings.yaml` in the folder of settings. Every fault is named; none stops anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine import home
from engine.errors import AskError

# Stops and red flags stand in the list of events and are not told: who stopped a run knows it.
EVENTS = (
    "finished", "failed", "lost", "preempted", "nan", "stalled", "gpu idle", "machine idle", "machine preempted",
    "budget",
)  # fmt: skip
THEMES = ("auto", "dark", "light", "contrast", "contrast-light")
BELLS = ("bell", "osc9", "off")
WAYS = ("auto", "tmux", "terminal", "file")


@dataclass(frozen=True)
class Settings:
    """How somebody wants it; the defaults are what counts where the file says nothing."""

    theme: str = "auto"
    bell: str = "bell"
    copy: str = "auto"
    low_bandwidth: bool = False
    plain: bool = False
    tell: tuple[str, ...] = EVENTS
    webhook_url: str = ""
    webhook_events: tuple[str, ...] = EVENTS


EXAMPLE = f"""\
# Footplate's settings. What is not said here is as in this example; footplate doctor tells of faults.

theme: auto            # {", ".join(THEMES)}; auto asks COLORFGBG and how many colours there are
bell: bell             # when something is worth it: bell rings, osc9 is a notice of the desktop, off is silence
copy: auto             # how y copies: {", ".join(WAYS)}
low_bandwidth: false   # as --low-bandwidth: repaint twice a second at most
plain: false           # as --plain: words in place of bars and pictures
tell: [{", ".join(EVENTS)}]   # what is worth a toast and the bell

# webhook:               # these are sent as JSON with a key "text", which Slack and Mattermost show as it is
#   url: https://chat.example.org/hooks/abc
#   events: [failed, lost, nan, stalled]
"""


class _Wrong(Exception):
    """What was expected in place of a value."""


def file() -> Path:
    """Where the settings of this person are."""
    return home.config() / "settings.yaml"


def read(path: Path) -> tuple[Settings, list[str]]:
    """The settings of a file, and its faults, each with file, line and key; what is faulty is as by default."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings(), []
    except (OSError, UnicodeDecodeError) as error:
        return Settings(), [f"{home.short(path)}: cannot be read: {error}"]
    return parse(text, home.short(path))


def parse(text: str, source: str) -> tuple[Settings, list[str]]:
    """The settings of a text, and its faults."""
    from engine import yamltext  # for those alone who have such a file

    try:
        values, lines = yamltext.load(text)
    except yamltext.Unreadable as error:
        return Settings(), [f"{source}{f':{error.line}' if error.line else ''}: {error.message}"]
    found, wrong = _fold(_flat(values))
    return found, [f"{source}:{_line(lines, key)}: {key}: {words}" for key, words in wrong]


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Keys with dots: webhook.url."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        inside = value if key == "webhook" and isinstance(value, dict) else None
        flat.update({f"{key}.{name}": below for name, below in inside.items()} if inside is not None else {key: value})
    return flat


def _fold(flat: Mapping[str, Any]) -> tuple[Settings, list[tuple[str, str]]]:
    settings, wrong = Settings(), []
    for key, value in flat.items():
        try:
            settings = replace(settings, **{_name(key): KEYS[key](value)} if key in KEYS else _unknown(key))
        except _Wrong as error:
            wrong.append((str(key), str(error)))
    return settings, wrong


def _unknown(key: str) -> dict[str, Any]:
    import difflib

    near = difflib.get_close_matches(str(key), KEYS, 1)
    raise _Wrong(f"unknown key; did you mean '{near[0]}'?" if near else f"unknown key; there are {', '.join(KEYS)}")


def _name(key: str) -> str:
    return key.replace(".", "_")


def _line(lines: Mapping[tuple[str | int, ...], int], key: str) -> int:
    place: tuple[str | int, ...] = tuple(key.split(".")) if key.startswith("webhook.") else (key,)
    return lines.get(place) or lines.get(place[:1], 1)


def _one_of(names: tuple[str, ...]) -> Callable[[Any], Any]:
    def check(value: Any) -> str:
        word = "off" if value is False else value  # YAML reads a plain off as false
        if word not in names:
            raise _Wrong(f"expected one of {', '.join(names)}, got {word!r}")
        return str(word)

    return check


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(f"expected true or false, got {value!r}")
    return value


def _events(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or any(event not in EVENTS for event in value):
        raise _Wrong(f"expected a list of {', '.join(EVENTS)}, got {value!r}")
    return tuple(value)


def _url(value: Any) -> str:
    from engine import webhook  # with a queue and a thread, which most settings do without

    try:
        return webhook.checked(value)
    except AskError as error:
        raise _Wrong(error.message) from None


KEYS: dict[str, Callable[[Any], Any]] = {
    "theme": _one_of(THEMES),
    "bell": _one_of(BELLS),
    "copy": _one_of(WAYS),
    "low_bandwidth": _yes_or_no,
    "plain": _yes_or_no,
    "tell": _events,
    "webhook.url": _url,
    "webhook.events": _events,
}
