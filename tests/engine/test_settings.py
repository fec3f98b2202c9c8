"""A person's settings: what counts, and faults that are named and stop nothing; and where such files are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine import home, settings
from engine.settings import EVENTS, EXAMPLE, Settings, parse
from tests.conftest import Cli


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config/footplate/settings.yaml"


def test_without_a_file_the_defaults_count(config: Path) -> None:
    assert settings.file() == config and settings.read(config) == (Settings(), [])


def test_the_example_says_just_the_defaults_and_names_every_key() -> None:
    assert parse(EXAMPLE, "x") == (Settings(), [])
    whole = "\n".join(line.removeprefix("# ") if "webhook" in line or "  " in line[:4] else line
                      for line in EXAMPLE.splitlines())  # fmt: skip
    found, faults = parse(whole, "x")
    assert not faults and found.webhook_url == "https://chat.example.org/hooks/abc"
    assert found.webhook_events == ("failed", "lost", "nan", "stalled")
    assert all(key.rpartition(".")[2] in EXAMPLE for key in settings.KEYS)


def test_what_is_said_counts() -> None:
    text = "theme: light\nbell: off\ncopy: file\nlow_bandwidth: true\nplain: true\ntell: []\nwebhook: {url: http://h:1/x}\n"
    found, faults = parse(text, "x")
    assert faults == []
    assert found == Settings("light", "off", "file", True, True, (), "http://h:1/x", EVENTS)


FAULTS = {
    "theme: pink": "x:1: theme: expected one of auto, dark, light, contrast, contrast-light, got 'pink'",
    "bell: off\nthme: dark": "x:2: thme: unknown key; did you mean 'theme'?",
    "zzz: 1": "x:1: zzz: unknown key; there are theme, bell, ",
    "plain: maybe": "x:1: plain: expected true or false, got 'maybe'",
    "tell: [finished, dinner]": "x:1: tell: expected a list of finished, failed, ",
    "tell: {a: [1]}": "x:1: tell: expected a list of ",
    "\n\nwebhook:\n  url: ftp://x": "x:4: webhook.url: expected https://HOST/PATH",
    "webhook: {url: 'http://['}": "x:1: webhook.url: expected https://HOST/PATH",
    "webhook: 5": "x:1: webhook: unknown key; did you mean 'webhook.",
    "webhook:\n  evnts: []": "x:2: webhook.evnts: unknown key; did you mean 'webhook.events'?",
    "a: [": "x:1: not YAML: ",
    "- theme": "x:1: expected keys with values, got ['theme']",
    "theme: dark\ntheme: light": "x:2: named twice",
    "7: 8": "x:1: 7: unknown key",
    "theme: [dark]": "x:1: theme: expected one of auto",
}


@pytest.mark.parametrize(("text", "said"), FAULTS.items())
def test_a_fault_is_told_with_its_place_and_the_rest_counts(text: str, said: str) -> None:
    found, faults = parse(text, "x")
    assert len(faults) == 1 and faults[0].startswith(said), faults
    assert found == Settings(bell="off") if "bell" in text else found in (Settings(), Settings(theme="dark"))


def test_all_faults_are_told_at_once() -> None:
    assert len(parse("theme: 1\nbell: 2\nplain: 3\n", "x")[1]) == 3


def test_a_file_that_cannot_be_read_is_a_fault_and_no_error(config: Path) -> None:
    config.parent.mkdir(parents=True)
    config.write_bytes(b"theme: \xff")
    assert "cannot be read" in settings.read(config)[1][0]
    config.unlink()
    config.mkdir()
    assert "cannot be read" in settings.read(config)[1][0]


# --- the verb -------------------------------------------------------------------------------------------------------


def test_the_verb_shows_what_counts_and_no_secret(cli: Cli, config: Path) -> None:
    config.parent.mkdir(parents=True)
    config.write_text("webhook: {url: 'https://chat.example.org/hooks/secret'}\nbell: loud\n")
    answer = cli("settings")
    assert answer.code == 2 and "secret" not in answer.out
    assert "fault: " in answer.out and "settings.yaml:2: bell: expected" in answer.out
    value = json.loads(cli("settings", "--json").out)
    assert value["settings"]["webhook_url"] == "https://chat.example.org/…" and len(value["faults"]) == 1


def test_the_verb_writes_an_example_once(cli: Cli, config: Path) -> None:
    assert cli("settings").out.count("not there") == 1
    assert cli("settings", "--write").code == 0 and config.read_text() == EXAMPLE
    again = cli("settings", "--write")
    assert again.code == 2 and "is there already" in again.err
    assert cli("settings", "--example").out == EXAMPLE


# --- where files are ------------------------------------------------------------------------------------------------


def test_folders_follow_the_rules_of_xdg() -> None:
    assert home.config({"XDG_CONFIG_HOME": "/c"}) == Path("/c/footplate")
    assert home.config({"XDG_CONFIG_HOME": "relative", "HOME": "/h"}) == Path("/h/.config/footplate")
    assert home.state({"HOME": "/h"}) == Path("/h/.local/state/footplate")


def test_each_workspace_has_a_file_of_its_own(tmp_path: Path) -> None:
    names = {home.of_workspace(tmp_path / name, {"HOME": "/h"}).name for name in ("a", "b", "a/../a")}
    assert len(names) == 2
