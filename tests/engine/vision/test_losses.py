"""Losses of distillation: published values, values by slow arithmetic, extreme logits, gradients."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.specs.losses import LOSSES
from engine.teaching import asking
from engine.vision.losses import dkd, focal, kd
from engine.vision.training import stepping
from engine.vision.training.objectives import Terms
from engine.vision.training.recipe import Recipe

STUDENT = [
    [-0.23, 3.099, 1.937, 0.446, -2.837, -3.826, 2.373],
    [1.649, -3.989, 1.251, -4.776, 1.995, 1.406, 1.931],
    [-0.885, 1.381, -0.524, -2.822, 1.096, 0.958, 0.343],
    [0.509, -1.214, 0.019, -0.637, -1.992, -1.754, -0.126],
    [-4.13, -0.372, 2.748, 2.995, 1.074, 1.069, -0.822],
    [0.565, -1.074, 1.879, -1.028, -3.218, -2.649, -1.724],
]
TEACHER = [
    [6.527, -5.397, 2.799, -0.369, -1.615, 1.718, 7.215],
    [0.753, 0.191, 0.658, 2.215, 2.318, -3.635, -3.045],
    [-0.74, 1.68, -4.612, -3.059, -5.439, -0.603, 0.722],
    [0.955, -0.289, 0.132, 4.279, 1.799, -1.6, -3.217],
    [-0.928, 4.073, -1.229, -3.41, -2.599, 0.003, 3.405],
    [1.372, 0.486, 0.848, -2.823, 0.876, 2.775, -0.661],
]
LABELS = [0, 3, 6, 2, 2, 5]
PRECISIONS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def given(kind: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, Tensor]:
    return torch.tensor(STUDENT, dtype=kind), torch.tensor(TEACHER, dtype=kind), torch.tensor(LABELS)


# --- published values (cases/engine.json: kd_hinton, dkd, dkd_binary_degenerate) ----------------------------------


@pytest.mark.parametrize(
    ("temperature", "expected"), [(1.0, 2.1437314986238696), (2.0, 3.5806489915193844), (4.0, 4.8376450710913685)]
)
def test_kd_is_hintons_with_t_squared_and_the_mean_over_frames(temperature: float, expected: float) -> None:
    student, teacher, _ = given()
    assert kd(student, teacher, temperature).item() == pytest.approx(expected, abs=1e-12)
    assert kd(student.float(), teacher.float(), temperature).item() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("temperature", "tckd", "nckd", "beta_8", "beta_2"),
    [
        (1.0, 0.9923869301527898, 1.4140554594993267, 12.304830606147403, 3.820497849151443),
        (4.0, 1.5341001407205992, 4.083513580267509, 34.202208782860666, 9.701127301255617),
    ],
)
def test_dkd_is_that_of_the_paper(temperature: float, tckd: float, nckd: float, beta_8: float, beta_2: float) -> None:
    student, teacher, labels = given()
    for alpha, beta, expected in ((1, 0, tckd), (0, 1, nckd), (1, 8, beta_8), (1, 2, beta_2)):
        found = dkd(student, teacher, labels, alpha, beta, temperature).item()
        assert found == pytest.approx(expected, abs=1e-9)


def test_the_kd_stage_mixes_as_published() -> None:
    """0.9 · KD + 0.1 · cross-entropy at T = 4."""
    student, teacher, labels = given(torch.float32)
    known = stepping.known(labels, teacher, torch.ones(7), Recipe(epochs=1))
    found = asking.objective(LOSSES["kd"])(student, known, Terms(temperature=4.0, alpha=0.9))
    assert found.item() == pytest.approx(4.713956971685687, abs=1e-5)


def test_dkd_of_two_classes_is_refused() -> None:
    with pytest.raises(ValueError, match="DKD of two classes is KD"):
        dkd(torch.zeros(2, 2), torch.zeros(2, 2), torch.tensor([0, 1]), 1, 8, 4)


# --- by slow and obvious arithmetic -------------------------------------------------------------------------------


def slow_softmax(row: list[float], temperature: float) -> list[float]:
    powers = [math.exp(value / temperature) for value in row]
    return [power / sum(powers) for power in powers]


def slow_kl(p: list[float], q: list[float]) -> float:
    return sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))


def slow_dkd(alpha: float, beta: float, temperature: float) -> float:
    total = 0.0
    for student, teacher, label in zip(STUDENT, TEACHER, LABELS, strict=True):
        q, p = slow_softmax(student, temperature), slow_softmax(teacher, temperature)
        others = [n for n in range(len(p)) if n != label]
        tckd = slow_kl([p[label], 1 - p[label]], [q[label], 1 - q[label]])
        rest = [[each[n] / (1 - each[label]) for n in others] for each in (p, q)]
        total += alpha * tckd + beta * slow_kl(rest[0], rest[1])
    return total / len(LABELS) * temperature**2


@pytest.mark.parametrize(("alpha", "beta", "temperature"), [(1, 8, 4), (0.5, 2, 2), (2, 0.25, 0.7), (0, 0, 3)])
def test_dkd_agrees_with_arithmetic_by_hand(alpha: float, beta: float, temperature: float) -> None:
    student, teacher, labels = given()
    found = dkd(student, teacher, labels, alpha, beta, temperature).item()
    assert found == pytest.approx(slow_dkd(alpha, beta, temperature), abs=1e-10)


def test_dkd_falls_apart_into_kd() -> None:
    """KD = TCKD + (1 - p of the label) · NCKD, frame by frame (equation 4 of the paper)."""
    student, teacher, labels = given()
    total = 0.0
    for n, label in enumerate(LABELS):
        one = student[n : n + 1], teacher[n : n + 1], labels[n : n + 1]
        p = teacher[n].softmax(0)[label].item()
        total += dkd(*one, 1, 1 - p, 1.0).item()
    assert total / len(LABELS) == pytest.approx(kd(student, teacher, 1.0).item(), abs=1e-10)


def test_a_student_that_says_what_its_teacher_says_loses_nothing() -> None:
    _, teacher, labels = given()
    assert kd(teacher, teacher, 4.0).item() == pytest.approx(0, abs=1e-12)
    assert dkd(teacher, teacher + 5.0, labels, 1, 8, 4.0).item() == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 5.0])
def test_focal_agrees_with_arithmetic_by_hand(gamma: float) -> None:
    student, _, labels = given()
    weights = [0.5, 1.0, 2.0, 0.25, 1.5, 3.0, 0.75]
    each = [slow_softmax(row, 1.0)[label] for row, label in zip(STUDENT, LABELS, strict=True)]
    lost = [-((1 - p) ** gamma) * math.log(p) for p in each]
    assert focal(student, labels, gamma).item() == pytest.approx(np.mean(lost), abs=1e-12)
    shares = [weights[label] for label in LABELS]
    mean = sum(w * value for w, value in zip(shares, lost, strict=True)) / sum(shares)
    assert focal(student, labels, gamma, torch.tensor(weights)).item() == pytest.approx(mean, abs=1e-12)


def test_focal_without_gamma_is_cross_entropy() -> None:
    student, _, labels = given()
    weights = torch.tensor([0.5, 1.0, 2.0, 0.25, 1.5, 3.0, 0.75], dtype=torch.float64)
    assert torch.allclose(focal(student, labels, 0.0), F.cross_entropy(student, labels))
    assert torch.allclose(focal(student, labels, 0.0, weights), F.cross_entropy(student, labels, weights))


# --- where others give inf or NaN ---------------------------------------------------------------------------------

LOST: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "kd at 1": lambda student, teacher, _: kd(student, teacher, 1.0),
    "kd at 4": lambda student, teacher, _: kd(student, teacher, 4.0),
    "dkd at 1": lambda student, teacher, labels: dkd(student, teacher, labels, 1, 8, 1.0),
    "dkd at 4": lambda student, teacher, labels: dkd(student, teacher, labels, 1, 8, 4.0),
    "focal": lambda student, _, labels: focal(student, labels, 2.0),
    "focal below 1": lambda student, _, labels: focal(student, labels, 0.5),
}


@pytest.mark.parametrize("name", LOST)
@pytest.mark.parametrize("kind", PRECISIONS)
def test_losses_and_gradients_are_finite_where_logits_are_200_apart_from_0(name: str, kind: torch.dtype) -> None:
    extreme = [[200.0, -200, 0, 1], [-200, 200, 0, 1], [200, 200, 200, 200], [-200, -200, -200, 200]]
    student = torch.tensor(extreme, dtype=kind, requires_grad=True)
    for teacher in (extreme, extreme[::-1], [[0.0] * 4] * 4):
        for label in range(4):
            student.grad = None
            lost = LOST[name](student, torch.tensor(teacher, dtype=kind), torch.full((4,), label))
            lost.backward()
            assert math.isfinite(lost.item()) and lost.item() >= -1e-4
            assert student.grad is not None and student.grad.isfinite().all()


def test_extreme_logits_have_the_loss_that_can_be_computed_by_hand() -> None:
    """Teacher sure of class 1, student of class 0, 400 apart: KL is 400 / T, so T² · KL is 400 · T."""
    student, teacher = torch.tensor([[200.0, -200, -200]]), torch.tensor([[-200.0, 200, -200]])
    assert kd(student, teacher, 1.0).item() == pytest.approx(400, rel=1e-5)
    assert kd(student, teacher, 4.0).item() == pytest.approx(1600, rel=1e-5)
    # Of label 1: TCKD is 400; among classes 0 and 2 the teacher is even, the student 400 apart: 200 - log 2.
    found = dkd(student, teacher, torch.tensor([1]), 1, 1, 1.0).item()
    assert found == pytest.approx(400 + 200 - math.log(2), rel=1e-5)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_half_precision_costs_no_more_than_its_own_rounding(kind: torch.dtype) -> None:
    student, teacher, labels = given()
    rounded = student.to(kind), teacher.to(kind)
    exact = [each.double() for each in rounded]
    assert kd(*rounded, 4.0).item() == pytest.approx(kd(*exact, 4.0).item(), rel=1e-5)
    found, expected = (dkd(*pair, labels, 1, 8, 4.0).item() for pair in (rounded, exact))
    assert found == pytest.approx(expected, rel=1e-5)
    assert kd(*rounded, 4.0).dtype == torch.float32


def test_gradients_are_those_of_finite_differences() -> None:
    student, teacher, labels = given()
    student = student.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda logits: kd(logits, teacher, 4.0), student)
    assert torch.autograd.gradcheck(lambda logits: dkd(logits, teacher, labels, 1, 8, 4.0), student)
    assert torch.autograd.gradcheck(lambda logits: focal(logits, labels, 2.0), student)


def test_no_gradient_flows_into_the_teacher() -> None:
    student, teacher, labels = given()
    teacher.requires_grad_()
    (kd(student.requires_grad_(), teacher, 4.0) + dkd(student, teacher, labels, 1, 8, 4.0)).backward()
    assert teacher.grad is None


# --- the table ----------------------------------------------------------------------------------------------------


def test_every_loss_of_the_table_has_its_function_and_takes_the_numbers_it_names() -> None:
    for loss in LOSSES.values():
        student, teacher, labels = given(torch.float32)
        known = stepping.known(labels, teacher, torch.ones(7), Recipe(epochs=1))
        found = asking.objective(loss)(student, known, asking.terms(dict(loss.numbers), 0))
        assert found.shape == () and math.isfinite(found.item())


def test_the_teachers_part_grows_while_it_warms_up() -> None:
    strengths = [asking.terms({"temperature": 4.0, "warmup_epochs": 4}, epoch).strength for epoch in range(6)]
    assert strengths == [0.25, 0.5, 0.75, 1, 1, 1]
    student, teacher, labels = given(torch.float32)
    known = stepping.known(labels, teacher, torch.ones(7), Recipe(epochs=1))
    half, ce = (asking.objective(LOSSES[name])(student, known, Terms(strength=0.5)).item() for name in ("dkd", "ce"))
    assert half == pytest.approx(ce + dkd(student, teacher, labels, 1, 8, 4).item() / 2, rel=1e-5)
