"""From YAML and key=value to a spec."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.config import attempt, dump, located, parse
from engine.errors import SpecError
from engine.specs.common import Spec
from engine.specs.finetune import Finetune
from engine.specs.toy import Toy
from engine.specs.workspace import Settings

SPECS: list[type[Any]] = [Toy, Finetune, Settings]
# What YAML stumbles over, with keys of the specs between, so that chance comes somewhere.
SCRAPS = [
    *" \n:-{}[],'\"&*!|>#%@`~?<=\t\x00\x85\u2028\ud800a1",
    *("steps", "lr", "seed", "compute", "threads", "success", "title", "tags", "variables", "labels", "model"),
    *("!!bool", "!!int", "!!float", "!!timestamp", "!!binary", "!!set", "!!omap", "!!python/object:os.system"),
    *("&a", "*a", "<<: ", "2026-99-99", "3e-4", "0x", "0b1", "null", "yes", ".inf", ".nan", "9" * 5000, "1:99"),
    *(": ", "\n  ", "\n- ", "> 1", "true"),
]
scraps = st.lists(st.sampled_from(SCRAPS), max_size=25).map("".join)
plain_texts = st.text(st.characters(exclude_categories=["Cs"]))


def faults(text: str, *overrides: str, cls: type[Any] = Toy) -> list[str]:
    spec, found = attempt(cls, text, overrides)
    assert (spec is None) == bool(found)
    return [str(fault) for fault in found]


@settings(max_examples=300)
@given(st.sampled_from(SPECS), scraps, st.lists(scraps, max_size=2))
@example(Toy, "steps: !!bool 7", [])
@example(Toy, "!!int", [])
@example(Toy, "? [a]\n: b", [])
@example(Toy, "x: \x00", [])
@example(Toy, "", ["steps=[[[["])
def test_any_text_is_a_spec_or_has_faults_in_words(cls: type[Any], text: str, overrides: list[str]) -> None:
    spec, found = attempt(cls, text, overrides)
    assert (spec is None) == bool(found)
    assert all(fault.message for fault in found)


@given(
    title=plain_texts,
    tags=st.lists(plain_texts.filter(bool), max_size=3),
    steps=st.integers(1, 10**9),
    lr=st.floats(min_value=0, exclude_min=True, allow_infinity=False),
    success=st.dictionaries(plain_texts, st.sampled_from(["> 0.5", "true", "<= 3%"]), max_size=2),
)
@example(title="2026-02-03", tags=["yes", "1e3", "null"], steps=1, lr=3e-4, success={"true": "== 0"})
def test_a_spec_comes_back_from_its_text(title: str, tags: list[str], steps: int, lr: float, success: Any) -> None:
    spec = Toy(title=title, tags=tuple(tags), steps=steps, lr=lr, success=success)
    assert parse(Toy, dump(spec), "spec.yaml") == spec


@given(st.integers(1, 10**6), st.floats(min_value=1e-9, max_value=1e9), plain_texts.map(lambda text: text.strip()))
def test_an_override_says_the_same_as_the_line_would(steps: int, lr: float, title: str) -> None:
    quoted = yaml.safe_dump(title, default_style='"')
    overrides = [f"steps={steps}", f"lr={lr!r}", f"title={quoted}", "compute.threads=2"]
    text = f"steps: {steps}\nlr: {lr!r}\ntitle: {quoted}\ncompute: {{threads: 2}}\n"
    assert parse(Toy, "steps: 7", "-", overrides) == parse(Toy, text, "-") == attempt(Toy, text, overrides)[0]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("lr: many", "lr: expected a number above 0, got 'many'"),
        ("lr: 0", "lr: expected a number above 0, got 0"),
        ("lr: yes", "lr: expected a number, got true"),
        ("lr: .nan", "lr: expected a number above 0, got nan"),
        ("steps: 1.5", "steps: expected a whole number above 0, got 1.5"),
        ("steps:", "steps: expected a whole number above 0, got nothing"),
        ("title: [a]", "title: expected a text, got ['a']"),
        ("tags: a", "tags: expected a list, got 'a'"),
        ("tags: ['']", "tags[0]: expected a text that is not empty, got ''"),
        ("compute: 3", "compute: expected a group of keys, got 3"),
        ("compute: {device: gpu}", "compute.device: expected auto, cpu, cuda or cuda:0, got 'gpu'"),
        ("compute: {precision: fp8}", "compute.precision: expected one of: fp32, bf16, auto, got 'fp8'"),
        ("compute: {processes: yes}", "compute.processes: expected a number, got true"),
        ("compute: {processes: many}", "compute.processes: expected a whole number above 0 or 'auto', got 'many'"),
        ("success: {final_loss: low}", "success: final_loss: expected a comparison such as '> 0.35', '== 0' or"),
        ("success: [a]", "success: expected a group of keys, got ['a']"),
        ("step: 3", "step: unknown key; did you mean 'steps'? known here: title, tags, seed, compute, success"),
        ("compute: {thread: 3}", "compute.thread: unknown key; did you mean 'threads'? known here: device, threads"),
        ("1: 2", "[1]: unknown key; known here: title"),
        ("steps: 1\nsteps: 2", "steps: named twice"),
        ("compute:\n  threads: 1\n  threads: 2", "threads: named twice"),
        ("- steps", "expected keys with values, got ['steps']"),
        ("steps: [", "not YAML: expected the node content"),
        ("steps: 1\n---\nsteps: 2", "not YAML: but found another document"),
        ("steps: &a [*a]", "nested too deeply, or an anchor that holds itself"),
        ("[" * 1000, "nested too deeply"),
        ("steps: " + "9" * 5000, "a value is not what it looks like"),
        ("x: \x07", "not YAML: unacceptable character #x0007"),
    ],
)
def test_a_fault_says_its_place_and_what_was_expected(text: str, fault: str) -> None:
    (found,) = faults(text)
    assert found.startswith(fault)


def test_all_faults_come_at_once_in_the_order_of_their_lines() -> None:
    text = "steps: many\ncompute:\n  threads: 0\nlr: -1\nlabel: x\n"
    _, found = attempt(Toy, text)
    assert located(found, "toy.yaml") == [
        "toy.yaml:1: steps: expected a whole number above 0, got 'many'",
        "toy.yaml:3: compute.threads: expected a whole number above 0, got 0",
        "toy.yaml:4: lr: expected a number above 0, got -1",
        f"toy.yaml:5: label: unknown key; known here: {', '.join(Toy.model_fields)}",
    ]


def test_what_the_command_line_says_stands_in_no_line_of_the_file() -> None:
    _, found = attempt(Toy, "compute:\n  threads: 1\n", ["compute.threads=many"])
    assert located(found, "toy.yaml") == ["toy.yaml: compute.threads: expected a whole number above 0, got 'many'"]


@pytest.mark.parametrize(
    ("override", "fault"),
    [
        ("steps", "steps: expected key=value, such as train.lr=3e-4"),
        ("=3", "=3: expected key=value"),
        ("steps=", "steps: expected a whole number above 0, got ''"),
        ("steps=[1", "steps: not YAML"),
        ("steps=!!python/object:os.system x", "steps: tag:yaml.org,2002:python/object:os.system would construct"),
        ("compute.thread=3", "compute.thread: unknown key; did you mean 'threads'?"),
        ("a..b=1", "a: unknown key"),
    ],
)
def test_a_bad_override_is_named(override: str, fault: str) -> None:
    (found,) = faults("", override)
    assert found.startswith(fault)


def test_yaml_cannot_construct_objects(tmp_path: Any) -> None:
    mark = tmp_path / "was here"
    (found,) = faults(f"title: !!python/object/apply:os.mkdir ['{mark}']")
    assert "would construct an object; only plain texts, numbers, lists and keys are read" in found
    assert not mark.exists()


@pytest.mark.parametrize(
    "line", ["{key}: &{key} [{nine}]\n", "{key}: &{key} {{<<: [{nine}]}}\n"], ids=["lists of lists", "merged keys"]
)
def test_anchors_that_multiply_are_refused_before_they_do(line: str) -> None:
    bomb = "a: &a {x: 1}\n"
    for before, key in zip("abcdefghijk", "bcdefghijkl", strict=True):
        bomb += line.format(key=key, nine=", ".join([f"*{before}"] * 9))
    assert faults(bomb) == ["more than 10000 values; do its anchors multiply?"]


def test_anchors_that_save_typing_work() -> None:
    assert parse(Toy, "tags: [&name a, *name]", "-").tags == ("a", "a")


def test_an_empty_text_asks_for_the_defaults() -> None:
    assert parse(Toy, "", "-") == parse(Toy, "# nothing\n", "-") == Toy()


def test_numbers_are_read_leniently_where_a_number_is_meant() -> None:
    assert parse(Toy, "lr: 3e-4\nsteps: '5'", "-") == Toy(lr=3e-4, steps=5)


def test_a_title_may_look_like_a_date_or_a_number() -> None:
    assert [parse(Toy, f"title: {title}", "-").title for title in ("2026-02-03", "7")] == ["2026-02-03", "7"]


def test_a_spec_with_faults_raises_all_of_them() -> None:
    with pytest.raises(SpecError) as raised:
        parse(Toy, "steps: 0\nlr: 0", "toy.yaml")
    assert len(raised.value.faults) == 2
    assert raised.value.exit_code == 2


def test_a_spec_never_changes_after_it_was_asked() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Toy().steps = 5


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("name: x\nvariables: {mood: {labels: [a]}}", "variables.mood.labels: expected a list with at least 2 items"),
        ("name: x\nvariables: {mood: {labels: [a, b, a]}}", "variables.mood.labels: named twice: a"),
        ("name: x\nvariables: {mood: {labels: [a, b], classes: {c: d}}}", "variables.mood: classes names 'c'"),
        ("name: x\nvariables: {mood: {}}", "variables.mood.labels: missing, expected a list with at least 2 items"),
        (
            "name: x\nvariables: {mood: {labels: [a, b], level: ratio}}",
            "variables.mood.level: expected one of: nominal",
        ),
        ("name: x\nbucket: s3://x", "bucket: expected gs://NAME, file:///FOLDER, a folder or null, got 's3://x'"),
        ("name: x\nvariables: {v: {labels: [a, can't tell]}}", 'variables.v.labels: "can\'t tell" cannot be a label'),
        ("name: x\nvariables: {v: {labels: [a, ' b']}}", "variables.v.labels: ' b' cannot be a label: it has spaces"),
        ("name: x\nvariables: {note: {labels: [a, b]}}", "variables: 'note' is a column of annotations.csv already"),
        ("bucket: null", "name: missing, expected a text that is not empty"),
    ],
)
def test_faults_of_a_workspace_are_as_clear(text: str, fault: str) -> None:
    (found,) = faults(text, cls=Settings)
    assert found.startswith(fault)


def test_labels_become_classes_in_the_codebooks_order() -> None:
    text = "name: x\nvariables: {v: {labels: [c, b, a, other], classes: {a: b, other: null}}}"
    variable = parse(Settings, text, "-").variables["v"]
    assert variable.class_names() == ["c", "b"]
    assert [variable.class_of(label) for label in variable.labels] == ["c", "b", "b", None]


def test_every_spec_takes_what_every_job_takes() -> None:
    assert set(Spec.model_fields) <= set(Toy.model_fields) & set(Finetune.model_fields)


def test_a_fault_of_a_word_names_the_word_and_not_the_file(cli) -> None:
    said = cli("check", "finetune", "finetune", "train.lr=many", "trian.epochs=3").err
    assert "the word 'train.lr=many': train.lr: expected" in said
    assert "the word 'trian.epochs=3': trian" in said
