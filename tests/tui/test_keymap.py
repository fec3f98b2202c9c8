"""Keys can be moved; what cannot be moved is told with its line; the page of keys is what the table says."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from string import ascii_letters, ascii_lowercase

import pytest

from engine.__main__ import parser
from engine.workspace import Workspace
from tests.lab import ROOT
from tests.tui.helpers import SMALL, done, opened, sees
from tui import keypage
from tui.__main__ import main
from tui.actions import BY_ID, SCREENS, TABLE, of
from tui.app import FootplateApp
from tui.keymap import LOST, load
from tui.options import Options

LABEL = "footplate label --coder NAME"  # a screen, which the engine knows nothing of


def keymap(tmp_path: Path, text: str):
    file = tmp_path / "keys.yaml"
    file.write_text(text)
    return load(file)


def test_no_file_moves_nothing(tmp_path: Path) -> None:
    found = load(tmp_path / "keys.yaml")
    assert not found.keys and not found.faults


def test_keys_are_moved_swapped_and_doubled(tmp_path: Path) -> None:
    found = keymap(tmp_path, "stop: a\narchive: x\npage_down: [pagedown, ctrl+f]\n")
    assert found.keys == {"stop": ("a",), "archive": ("x",), "page_down": ("pagedown", "ctrl+f")}
    assert not found.faults


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("mark: m\nstopp: z\n", 2, "did you mean stop?"),
        ("retry: ctrl+h\n", 1, "a terminal sends backspace"),
        ("# mine\nretry: hyper+x\n", 2, "is no key"),
        ("archive: r\n", 1, "taken by retry on the screen runs"),
        ("archive: []\n", 1, "out of reach"),
        ("stop: [x\n", 2, ""),
        ("- stop\n", 1, "expected keys with values"),
    ],
)
def test_a_fault_names_its_line_and_moves_nothing(tmp_path: Path, text: str, line: int, words: str) -> None:
    found = keymap(tmp_path, text)
    assert len(found.faults) == 1 and f"line {line}" in found.faults[0] and words in found.faults[0]
    assert set(found.keys) <= {"mark"}


def test_an_entry_that_is_refused_takes_back_what_it_had_freed(tmp_path: Path) -> None:
    found = keymap(tmp_path, "archive: r\nsort: a\n")  # archive stays on a, so that sort cannot have it
    assert not found.keys and len(found.faults) == 2


async def test_every_action_can_be_moved(workspace: Workspace, tmp_path: Path, monkeypatch) -> None:
    """All at once, to keys that nothing else has."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config" / "footplate").mkdir(parents=True)
    free = [f"{prefix}+{name}" for prefix in ("ctrl", "shift", "ctrl+shift") for name in _names()]
    free += [f"ctrl+{letter}" for letter in ascii_lowercase if f"ctrl+{letter}" not in LOST]
    free += [*ascii_letters]  # nothing has them any more
    moved = {action.id: key for action, key in zip(TABLE, free, strict=False)}
    assert len(moved) == len(TABLE)
    text = "".join(f"{name}: {key}\n" for name, key in moved.items())
    (tmp_path / "config" / "footplate" / "keys.yaml").write_text(text)
    app = FootplateApp(workspace.root, None, Options(coder="ana"))  # so that Annotate does not ask who labels
    async with app.run_test(size=SMALL) as pilot:
        for screen in SCREENS:
            await pilot.press(moved[screen])
            assert app.place is not None and screen == app.place.NAME
            active = {one.binding.action: key for key, one in app.screen.active_bindings.items()}
            assert {action.id: active.get(f"act('{action.id}')") for action in of(screen)} == {
                action.id: moved[action.id] for action in of(screen)
            }


def _names() -> list[str]:
    return [f"f{number}" for number in range(1, 13)] + [
        "up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete",
    ]  # fmt: skip


async def test_a_moved_key_acts_and_is_shown(workspace: Workspace, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config" / "footplate").mkdir(parents=True)
    (tmp_path / "config" / "footplate" / "keys.yaml").write_text("mark: m\ntop: what\nfoo: x\n")
    done(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "keys.yaml", "line 2: top: 'what' is no key", "and 1 more fault")
        await pilot.press("2")
        await sees(pilot, "m mark")
        await pilot.press("space", "m")
        await sees(pilot, "1 marked")


def test_docs_keys_is_what_the_table_says() -> None:
    page = (ROOT / "docs" / "keys.md").read_text(encoding="utf-8")
    assert page == keypage.as_markdown({}), "footplate keys --markdown > docs/keys.md renews it"


@pytest.mark.parametrize("verb", sorted({action.verb for action in TABLE} - {"", "footplate keys", LABEL}))
def test_every_command_that_stands_for_an_action_is_understood(verb: str) -> None:
    words = {"RUN": "latest", "JOB": "toy", "TAG": "gold", "WORDS": "x", "FILE": "x", "FRAME": "1"}
    parser("footplate").parse_args([words.get(word, word) for word in shlex.split(verb)[1:]])


def test_whatever_changes_something_has_a_command() -> None:
    assert [action.id for action in TABLE if action.danger != "look" and not action.verb] == []


def test_keys_are_told_to_people_and_programs(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert main(["keys", "--json"]) == 0
    told = {entry["id"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert told.keys() == BY_ID.keys() and told["stop"]["danger"] == "costly" and told["stop"]["keys"] == ["x"]
    (tmp_path / "footplate").mkdir()
    (tmp_path / "footplate" / "keys.yaml").write_text("stop: X\nnothing: y\n")
    assert main(["keys"]) == 2
    said = capsys.readouterr()
    line = next(line for line in said.out.splitlines() if " stop " in line)
    assert line.split()[:2] == ["X", "stop"] and "line 2: nothing" in said.err
    (tmp_path / "footplate" / "keys.yaml").write_text("stop: X\nstop: y\n")
    assert main(["keys"]) == 2 and "line 2: stop: named twice; so no key was moved" in capsys.readouterr().err
