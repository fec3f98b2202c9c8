"""What the doctor finds, in environments that are made up, and what it hears from terminals that are."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import settings
from engine.checks import answers, machine, person, terminal, tmux
from engine.checks.answers import SIGNS, Answers
from engine.checks.finding import Finding, ask
from engine.terminal import ALL, FEW, MANY, NONE, colours, is_light, notice, takes_copies

XTERM = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}


# --- colours and the environment --------------------------------------------------------------------------------------

DEPTHS = [
    (XTERM, ALL),
    ({"TERM": "xterm-256color"}, MANY),
    ({"TERM": "xterm-kitty"}, MANY),
    ({"TERM": "xterm-direct"}, ALL),
    ({"TERM": "xterm"}, FEW),
    ({"TERM": "linux"}, FEW),
    ({"TERM": "xterm-16color"}, FEW),
    ({"TERM": "screen", "TMUX": "/tmp/x"}, MANY),
    ({"TERM": "screen"}, FEW),
    ({}, FEW),
    ({**XTERM, "NO_COLOR": "1"}, NONE),
    ({**XTERM, "NO_COLOR": ""}, ALL),  # no-color.org: present and not empty
]


@pytest.mark.parametrize(("environ", "depth"), DEPTHS)
def test_colours_are_told_from_the_environment_alone(environ: dict[str, str], depth: str) -> None:
    assert colours(environ) == depth


def test_a_light_background_is_taken_from_colorfgbg() -> None:
    assert [is_light({"COLORFGBG": value}) for value in ("0;15", "0;default;15", "15;0", "")] == [
        True, True, False, False,
    ]  # fmt: skip


def test_which_terminals_take_copies() -> None:
    assert [takes_copies(environ) for environ in (XTERM, {"TERM": "linux"}, {}, {**XTERM, "STY": "1"})] == [
        "yes", "no", "no", "no",
    ]  # fmt: skip
    assert takes_copies({**XTERM, "VTE_VERSION": "7000"}) == "perhaps"


def test_a_notice_is_wrapped_inside_of_tmux_and_holds_no_control() -> None:
    assert notice("a\x1b]0;b\x07\nc", {}) == "\x1b]9;a]0;bc\a"
    assert notice("a", {"TMUX": "x"}) == "\x1bPtmux;\x1b\x1b]9;a\a\x1b\\"


def by_name(found: object) -> dict[str, Finding]:
    return {finding.what: finding for finding in found}  # type: ignore[attr-defined]


def test_a_good_terminal_has_nothing_to_mend() -> None:
    found = by_name(terminal.everything(XTERM, "utf-8", (120, 40)))
    assert {finding.state for finding in found.values()} == {"ok"}
    assert not any(finding.fix for finding in found.values())


def test_a_bad_terminal_is_told_how_to_mend_each_thing() -> None:
    found = by_name(terminal.everything({"TERM": "dumb", "SSH_TTY": "x"}, "ascii", (40, 10)))
    assert {name: finding.state for name, finding in found.items()} == {
        "terminal": "bad", "colours": "note", "text": "bad", "size": "bad", "clipboard": "note",
    }  # fmt: skip
    assert all(finding.fix for finding in found.values()) and "over ssh" in found["terminal"].said


def test_without_colours_and_in_a_small_window_it_is_said_so() -> None:
    found = by_name(terminal.everything({**XTERM, "NO_COLOR": "1"}, "UTF-8", (70, 20)))
    assert found["colours"].fix == "unset NO_COLOR" and found["size"].state == "note"


# --- tmux -------------------------------------------------------------------------------------------------------------

DEFAULTS = {
    "-V": "tmux 3.3a", "escape-time": "500", "set-clipboard": "external", "default-terminal": "screen",
    "#{client_termfeatures}": "256,clipboard", "#{client_termname}": "xterm-256color", "#{client_utf8}": "1",
    "allow-passthrough": "off", "focus-events": "off", "mouse": "off",
}  # fmt: skip
TUNED = {
    **DEFAULTS, "escape-time": "10", "default-terminal": "tmux-256color", "#{client_termfeatures}": "256,RGB",
    "allow-passthrough": "on", "focus-events": "on", "mouse": "on",
}  # fmt: skip


def inside(options: dict[str, str]) -> dict[str, Finding]:
    return by_name(tmux.everything({"TMUX": "/tmp/x"}, lambda words: options[words[-1]]))


def test_a_tuned_tmux_has_nothing_to_mend() -> None:
    assert {(finding.state, finding.fix) for finding in inside(TUNED).values()} == {("ok", "")}


def test_the_defaults_of_tmux_work_and_could_be_better() -> None:
    found = inside(DEFAULTS)
    assert {name for name, finding in found.items() if finding.state != "ok"} == {"tmux escape", "tmux colours"}
    assert found["tmux escape"].fix.startswith("tmux set -s escape-time 10")
    assert {name for name, finding in found.items() if finding.fix} == {
        "tmux escape", "tmux colours", "tmux notices", "tmux focus", "tmux mouse",
    }  # fmt: skip


WORSE = [
    ("-V", "tmux 3.1c", "tmux", "note"),
    ("-V", "", "tmux", "note"),
    ("set-clipboard", "off", "tmux clipboard", "note"),
    ("#{client_utf8}", "0", "tmux text", "bad"),
]


@pytest.mark.parametrize(("name", "value", "what", "state"), WORSE)
def test_what_is_worse_than_the_defaults_is_told(name: str, value: str, what: str, state: str) -> None:
    found = inside({**TUNED, name: value})[what]
    assert found.state == state and found.fix


@pytest.mark.parametrize("said", ["tmux 3.4", "tmux next-3.6", "tmux 3.3a"])
def test_versions_of_tmux_are_read(said: str) -> None:
    assert inside({**TUNED, "-V": said})["tmux"].state == "ok"


def test_outside_of_tmux_it_is_said_how_to_get_there() -> None:
    [found] = tmux.everything({}, lambda _: "tmux 3.3a")
    assert (found.state, found.fix) == ("note", "tmux new -A -s lab")
    [found] = tmux.everything({}, lambda _: "")
    assert found.fix == "install tmux"


# --- a person's files -------------------------------------------------------------------------------------------------


def test_faults_in_the_settings_are_found() -> None:
    file = settings.file()
    assert by_name(person.everything())["settings"].state == "ok"
    file.parent.mkdir(parents=True)
    file.write_text("theme: pink\nbell: loud\n")
    found = [finding for finding in person.everything() if finding.what == "settings"]
    assert [finding.state for finding in found] == ["bad", "bad"] and "settings.yaml:1: theme" in found[0].said


def test_a_memory_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    found = person.memory()
    assert found.state == "note" and "nothing is remembered" in found.said and found.fix


def test_a_key_for_ssh_is_a_file_or_held_by_an_agent(tmp_path: Path) -> None:
    assert machine.ssh_key(tmp_path, {}).state == "note"
    assert machine.ssh_key(tmp_path, {"SSH_AUTH_SOCK": "/tmp/a"}).said == "an agent"
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/id_ed25519.pub").write_text("public alone is no key")
    assert machine.ssh_key(tmp_path, {}).state == "note"
    (tmp_path / ".ssh/id_ed25519").write_text("")
    assert machine.ssh_key(tmp_path, {}).said == "id_ed25519"


# --- what the terminal answers ----------------------------------------------------------------------------------------


class Terminal:
    """A terminal that answers as it is told: a function from what is asked to what comes back."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self.master, self.slave = os.openpty()
        self.asked = b""
        self._answer = answer
        threading.Thread(target=self._go, daemon=True).start()

    def _go(self) -> None:
        while True:
            try:
                asked = os.read(self.master, 4096)
            except OSError:
                return
            self.asked += asked
            if said := self._answer(asked):
                os.write(self.master, said)


def good(asked: bytes, wide: str = "") -> bytes:
    """As kitty answers, which draws some signs wide."""
    said = b""
    for found in re.finditer(rb"\r([^\r\x1b]+)\x1b\[6n|\x1b\[6n|\x1b_G.*?\x1b\\|\x1b\[>q|\x1b\[c", asked):
        if found[1]:
            said += b"\x1b[5;%dR" % (3 if found[1].decode() in wide else 2)
        else:
            said += {b"\x1b[6n": b"\x1b[5;1R", b"\x1b[>q": b"\x1bP>|kitty(0.40)\x1b\\", b"\x1b[c": b"\x1b[?62;4;c"}.get(
                found[0], b"\x1b_Gi=31;OK\x1b\\"
            )
    return said


def test_a_terminal_that_answers_is_heard() -> None:
    said = answers.ask(*[Terminal(good).slave] * 2)
    assert said.name == "kitty(0.40)" and said.sixel and said.kitty
    assert said.latency_s is not None and dict(said.widths) == dict.fromkeys(SIGNS, 1)
    found = by_name(answers.findings(said, {"TERM_PROGRAM": "WezTerm"}))
    assert found["pictures"].said == "Kitty, Sixel, iTerm, half blocks" and found["signs"].state == "ok"


def test_signs_that_are_drawn_wide_are_told() -> None:
    said = answers.ask(*[Terminal(lambda asked: good(asked, "●→")).slave] * 2)
    found = by_name(answers.findings(said, {}))
    assert found["signs"].state == "bad" and "● → are not one cell wide" in found["signs"].said


def test_keys_that_are_typed_meanwhile_do_not_confuse_it() -> None:
    said = answers.ask(*[Terminal(lambda asked: b"jk\x1b[A" + good(asked) + b"q").slave] * 2)
    assert dict(said.widths) == dict.fromkeys(SIGNS, 1)


def test_a_deaf_terminal_is_left_after_the_limit_as_it_was() -> None:
    import termios

    deaf = Terminal(lambda _: b"")
    before = termios.tcgetattr(deaf.slave)
    said = answers.ask(deaf.slave, deaf.slave, limit_s=0.1)
    assert termios.tcgetattr(deaf.slave) == before
    [found] = answers.findings(said, {})
    assert found.state == "note" and "answers nothing" in found.said


def test_a_slow_line_is_told_of_low_bandwidth() -> None:
    found = by_name(answers.findings(Answers(0.4, dict.fromkeys(SIGNS, 1)), {}))
    assert (found["round trip"].said, found["round trip"].fix) == ("400 ms", "footplate --low-bandwidth")


def test_a_program_that_fails_hangs_or_is_not_there_says_nothing() -> None:
    assert ask(["false"]) == ask(["no-such-program"]) == ask(["sleep", "5"], timeout_s=0.05) == ""
    assert ask(["echo", "yes"]) == "yes"
