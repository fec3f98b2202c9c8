"""Why an action cannot act: words for the operator, empty where it can; {stop} stands for the key of an action."""

from __future__ import annotations

from tui.actions.action import Facts

MOVING = ("pending", "running")


def no_run(facts: Facts) -> str:
    return "" if facts.states else "there is no run here; {launch} launches one"


def nothing_to_stop(facts: Facts) -> str:
    if not facts.states or any(state in MOVING for state in facts.states):
        return no_run(facts)
    return f"it is {facts.states[0]} already" if len(facts.states) == 1 else "none of the marked runs is moving"


def still_moving(facts: Facts) -> str:
    moving = any(state in MOVING for state in facts.states)
    return "it is still moving; {stop} asks it to stop" if moving else no_run(facts)


def cannot_resume(facts: Facts) -> str:
    if facts.states and all(state == "done" for state in facts.states):
        return "it is done; {retry} does it again as a new run"
    return still_moving(facts)


def nothing_to_open(facts: Facts) -> str:
    if facts.pane in (
        "look",
        "log",
        "spec",
        "about",
        "metrics",
        "criteria",
        "code",
        "diff",
        "environment",
        "card",
        "confusion",
        "coders",
        "gold",
        "case",
    ):
        return "there is nothing to open in this pane; {next_pane} goes to the next"
    return "" if facts.pane else no_run(facts)


def no_undo(facts: Facts) -> str:
    return "" if facts.undo else "there is nothing to undo"


def no_table(facts: Facts) -> str:
    return "" if facts.file == "table" else "there is no table of a file here; the pane files opens one"


def no_tree(facts: Facts) -> str:
    return "" if facts.file == "json" else "there is nothing to unfold here; the pane files shows JSON"


def no_lines(facts: Facts) -> str:
    return "" if facts.lines else "there is no text here to search"


def no_match(facts: Facts) -> str:
    return "" if facts.matches else "nothing was found; {search} searches"


def no_text(facts: Facts) -> str:
    return "" if facts.lines and facts.file in ("", "text") else "there are no lines here to wrap; {log} shows the log"


def not_the_log(facts: Facts) -> str:
    return "" if facts.pane == "log" else "only the log grows; {log} shows it"


def no_log_lines(facts: Facts) -> str:
    return not_the_log(facts) or no_text(facts)


def no_marks(facts: Facts) -> str:
    return "" if facts.marks else "no line is marked; {line_mark} marks one"


def nothing_to_widen(facts: Facts) -> str:
    return "" if facts.narrowed else not_the_curves(facts)


def not_the_curves(facts: Facts) -> str:
    return "" if facts.pane == "curves" else "that is for curves; {next_pane} goes to the next pane"


def nothing_to_copy(facts: Facts) -> str:
    return "" if facts.copyable else "there is nothing to copy here"


def faulty(facts: Facts) -> str:
    if facts.faults is None:
        return "the form is being checked"
    return f"{facts.faults} fault{'s' * (facts.faults != 1)} in the form; the first stands below it" * bool(
        facts.faults
    )


def no_next_round(facts: Facts) -> str:
    return f"{facts.rounding} is still moving: the next round begins where it ends" if facts.rounding else ""


def nothing_compared(facts: Facts) -> str:
    return "" if facts.compared > 1 else "nothing is compared yet; {add_run} adds a run"


def not_the_runs(facts: Facts) -> str:
    if facts.pane != "runs" or not facts.compared:
        return nothing_compared(facts) or "choose the run in the pane runs; {next_pane} goes to the next pane"
    return ""


def cannot_label(facts: Facts) -> str:
    return "" if facts.coder else "nobody labels yet; {coder} chooses who"


def no_frame(facts: Facts) -> str:
    return cannot_label(facts) or ("" if facts.frame == "shown" else "there is no frame to be seen here")


def not_magnified(facts: Facts) -> str:
    return no_frame(facts) or ("" if facts.zoomed else "the whole frame is in view; {magnify} looks closer")


def nothing_differs(facts: Facts) -> str:
    return "" if facts.differing else "there is nothing on which coders differ"


def no_case(facts: Facts) -> str:
    return nothing_differs(facts) or ("" if facts.case else "choose a frame in the pane disagreements")


def no_case_in_view(facts: Facts) -> str:
    return no_case(facts) or ("" if facts.pane == "case" else "no frame is in view; {open} opens one")


def nothing_gold(facts: Facts) -> str:
    return "" if facts.gold else "nothing is settled yet: two coders have to agree, or somebody adjudicates"


def no_card(facts: Facts) -> str:
    return "" if facts.card else "there is no card: two coders have to label the same frames"


def no_cloud(facts: Facts) -> str:
    return facts.cloud


def no_machine(facts: Facts) -> str:
    if facts.cloud:
        return facts.cloud
    if facts.machine == "host":
        return "nobody rents this one: there is only ssh"
    return "" if facts.machine else "there is no machine here; {create_machine} plans one"


def cannot_start(facts: Facts) -> str:
    return no_machine(facts) or ("" if facts.machine == "stopped" else f"it is {facts.machine}")


def cannot_stop(facts: Facts) -> str:
    stopped = facts.machine in ("stopped", "stopping", "gone")
    return no_machine(facts) or (f"it is {facts.machine} already" if stopped else "")


def no_shell(facts: Facts) -> str:
    if facts.machine in ("host", "running"):
        return ""
    return no_machine(facts) or f"it is {facts.machine}: {{start_machine}} starts it"


def no_orphan(facts: Facts) -> str:
    return facts.cloud or ("" if facts.orphan else "choose what to delete in the pane orphans")


def no_bucket(facts: Facts) -> str:
    return facts.cloud


def nothing_stored(facts: Facts) -> str:
    return facts.cloud or ("" if facts.stored else "there is nothing here")


def cannot_send(facts: Facts) -> str:
    return facts.cloud or ("one thing after the other; {give_up} ends what is under way" if facts.under_way else "")


def cannot_bring(facts: Facts) -> str:
    return nothing_stored(facts) or cannot_send(facts)


def nothing_under_way(facts: Facts) -> str:
    return "" if facts.under_way else "nothing is under way to the bucket or from it"
