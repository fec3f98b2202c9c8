"""What somebody asks of the screens on the command line."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from engine.settings import THEMES

if TYPE_CHECKING:
    import argparse

ABOUT = "The screens. Verbs (footplate runs, footplate show …) do the same without them: footplate --help."
LABEL_ABOUT = "Label frames, one after the other; without --coder it is a verb about runs: footplate label RUN."
PICTURES = ("half", "kitty", "sixel")
OF_VERBS = ("-h", "--help", "--version")


@dataclass(frozen=True)
class Options:
    """How the screens are to be; the defaults are what `footplate` alone means."""

    workspace: str = ""
    read_only: bool = False
    low_bandwidth: bool = False
    plain: bool = False
    fresh: bool = False
    theme: str = ""
    record: str = ""
    replay: str = ""
    demo: bool = False
    keep: str = ""
    coder: str = ""
    pictures: str = "half"


def parsed(words: list[str]) -> Options | None:
    """The options, or None where the words ask for a verb instead of the screens."""
    if not words:
        return Options()  # as the screens are opened mostly, and soonest without a parser
    if words[:1] == ["screens"]:
        return _options(parser().parse_args(words[1:]))
    known, rest = parser(with_help=False).parse_known_args(words)
    if not rest:
        return _options(known)
    if all(word.startswith("-") and word not in OF_VERBS for word in rest):
        parser().error(f"unrecognized arguments: {' '.join(rest)}")
    return None


def of_label(words: list[str]) -> Options:
    """The options of `footplate label --coder NAME`."""
    import argparse

    made = argparse.ArgumentParser("footplate label", description=LABEL_ABOUT, allow_abbrev=False)
    made.add_argument("-w", "--workspace", metavar="DIR", default="", help="its folder; else found by walking up")
    made.add_argument("--coder", metavar="NAME", required=True, help="who labels; workspace.yaml names the coders")
    _how_pictures(made)
    made.add_argument("--read-only", action="store_true", help="look only: nothing is saved")
    made.add_argument("--low-bandwidth", action="store_true", help="repaint twice a second at most, for slow lines")
    made.add_argument("--theme", choices=THEMES, default="", help="which colours; auto asks the environment")
    return Options(**vars(made.parse_args(words)))


def _how_pictures(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--pictures", choices=PICTURES, default="half",
        help="how frames are shown: half blocks anywhere, kitty or sixel where the terminal knows them",
    )  # fmt: skip


def _options(found: argparse.Namespace) -> Options:
    return Options(**{field.name: getattr(found, field.name) for field in fields(Options)})


def parser(*, with_help: bool = True) -> argparse.ArgumentParser:
    """The command line of the screens."""
    import argparse

    made = argparse.ArgumentParser("footplate screens", description=ABOUT, add_help=with_help, allow_abbrev=False)
    made.add_argument("-w", "--workspace", metavar="DIR", default="", help="its folder; else found by walking up")
    made.add_argument("--read-only", action="store_true", help="look only: whatever would change something is refused")
    made.add_argument("--low-bandwidth", action="store_true", help="repaint twice a second at most, for slow lines")
    made.add_argument("--plain", action="store_true", help="words in place of bars and pictures, for screen readers")
    made.add_argument("--fresh", action="store_true", help="begin anew, not where it was left the last time")
    made.add_argument("--theme", choices=THEMES, default="", help="which colours; auto asks the environment")
    made.add_argument(
        "--record", metavar="FILE", default="", help="keep what the screens see in a new file (.gz: packed)"
    )
    made.add_argument(
        "--replay",
        metavar="FILE",
        default="",
        help="show what was recorded, read-only; footplate replay draws one moment",
    )
    made.add_argument(
        "--demo",
        action="store_true",
        help="a throw-away lab of toy runs, to try the screens on; the verb demo is another thing: real footage",
    )
    made.add_argument("--keep", metavar="DIR", default="", help="with --demo: make the lab there, and leave it there")
    made.add_argument("--coder", metavar="NAME", default="", help="who labels, on the screen annotate")
    _how_pictures(made)
    return made
