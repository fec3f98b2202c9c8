"""Actions that change what is seen, and nothing else."""

from __future__ import annotations

from tui.actions import why
from tui.actions.action import BUCKET, COMPARE, ROUNDS, RUN, RUNS, WITH_RUNS, Action

SORTS = (
    ("age", "A", "The newest first"), ("state", "S", "What moves first, then what needs a look"),
    ("job", "J", "By job"), ("name", "N", "By name"), ("metric", "M", "The highest headline metric first"),
    ("passed", "P", "What passed most of its criteria first"),
)  # fmt: skip
TABLES = (
    Action("filter", ("/",), "filter", "Show only runs that fit: words, field:word, accuracy>0.8, !not, this|that",
           (RUNS,), "Look", footer=20, verb="footplate runs --filter WORDS"),
    Action("sort", ("o",), "sort", "Sort by the next column", (RUNS, BUCKET), "Look", footer=30),
    Action("reverse", ("O",), "reverse", "Sort the other way round", (RUNS, BUCKET), "Look"),
    *(Action(f"sort_{by}", (key,), f"by {by}", f"{words}; once more the other way round", (RUNS,), "Look")
      for by, key, words in SORTS),
    Action("columns", ("C",), "columns", "Choose and order the columns; every metric can be one", (RUNS,), "Look",
           footer=35),
    Action("mark", ("space",), "mark", "Mark the run, to act on several at once", (RUNS,), "Look", why_not=why.no_run,
           footer=40),
    Action("mark_range", ("V",), "mark range", "Mark all from the run marked last to this one", (RUNS,), "Look",
           why_not=why.no_run),
    Action("mark_all", ("*",), "mark all", "Mark all runs that are shown, or none", (RUNS,), "Look",
           why_not=why.no_run),
)  # fmt: skip
TEXTS = (
    Action("search", ("/",), "search", "Search the text; in a table, show only the rows that fit", (RUN,), "Look",
           why_not=why.no_lines, footer=20),
    Action("next_match", ("n",), "next match", "Next match", (RUN, BUCKET), "Look", why_not=why.no_match),
    Action("previous_match", ("N",), "previous match", "Previous match", (RUN, BUCKET), "Look", why_not=why.no_match),
    Action("log_filter", ("ampersand",), "filter", "Show only the lines that fit: words, !not, this|that, /regex/, "
           "level:error, loss>0.5; -C 2 at the end shows two lines around each", (RUN,), "Look",
           why_not=why.not_the_log, footer=22),
    Action("level", ("L",), "least level", "Only lines of warnings and worse; of errors; all again", (RUN,), "Look",
           why_not=why.not_the_log),
    Action("times", ("t",), "times", "When each line was written, as the run's supervisor saw it", (RUN,), "Look",
           why_not=why.not_the_log, footer=29),
    Action("line_mark", ("m",), "mark line", "Mark the line of the match, else the one at the top; again takes it away",
           (RUN,), "Look", why_not=why.no_log_lines),
    Action("next_mark", ("apostrophe",), "next mark", "To the next marked line", (RUN,), "Look",
           why_not=why.no_marks),
    Action("follow", ("F",), "follow", "Stay at the end of the log while it grows", (RUN,), "Look",
           why_not=why.not_the_log, footer=26, verb="footplate log --follow RUN"),
    Action("wrap", ("w",), "wrap", "Wrap long lines, or scroll sideways", (RUN, BUCKET), "Look", why_not=why.no_text,
           footer=28),
    Action("full", ("f",), "full screen", "Only this pane, on the whole screen", (RUN, BUCKET), "Look", footer=60),
    Action("copy", ("y",), "copy", "Copy the id of the run, the path of the file, or of the log the marked lines, "
           "else those in view", WITH_RUNS, "Look", why_not=why.nothing_to_copy),
)  # fmt: skip
FILES = (
    Action("sort_column", ("o",), "sort", "Sort by the column under the cursor; again the other way round; again not",
           (RUN,), "Look", why_not=why.no_table, footer=21, verb="footplate look --sort COLUMN FILE"),
    Action("reverse_column", ("O",), "reverse", "Sort the other way round", (RUN,), "Look", why_not=why.no_table),
    Action("unfold_all", ("*",), "unfold", "Unfold all that is folded in view; again folds all", (RUN, BUCKET),
           "Look", why_not=why.no_tree, footer=21),
)  # fmt: skip
WITH_CURVES = (RUN, COMPARE, ROUNDS)
CURVES = (
    Action("log_scale", ("v",), "log scale", "A logarithmic scale, or a linear one again", WITH_CURVES, "Look",
           why_not=why.not_the_curves, footer=26),
    Action("smooth", ("s",), "smooth", "Smooth the curves: 0.6, 0.9, 0.97, off", WITH_CURVES, "Look",
           why_not=why.not_the_curves, footer=27),
    Action("zoom_in", ("plus",), "larger", "Half of the steps of a curve, around the cursor or else the last ones; "
           "more lines around those that a filter lets through", WITH_CURVES, "Look", why_not=why.nothing_to_widen),
    Action("zoom_out", ("minus",), "smaller", "Twice as many steps of a curve; fewer lines around", WITH_CURVES,
           "Look", why_not=why.nothing_to_widen),
    Action("choose_curves", ("C",), "choose", "Choose which curves are drawn", WITH_CURVES, "Look",
           why_not=why.not_the_curves, footer=28),
)  # fmt: skip
LOOKING = (*TABLES, *TEXTS, *FILES, *CURVES)
