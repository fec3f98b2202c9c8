"""What training makes smaller. Needs torch.

All of them are in log space and in fp32 at least: a softmax that is divided by another loses everything where logits
are far apart, and half precision has no room for the squares of temperatures.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

FEWEST_FOR_DKD = 3


def inverse_frequency(labels: Tensor, classes: int) -> Tensor:
    """Weights (K,): n / (k · n_c) for each of the k classes that occur among the labels (N,), 0 for the others.

    Labels are those of the training part alone: with few frames the one left out would tell its class.
    Source: King and Zeng, Political Analysis 9 (2001); scikit-learn calls it "balanced".
    """
    counts = torch.bincount(labels, minlength=classes).to(torch.float64)
    present = counts > 0
    weights = len(labels) / (present.sum() * counts.clamp(min=1)) * present
    return weights.to(torch.float32)


def weighted(logits: Tensor, labels: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Mean cross-entropy of logits (B, K) in fp32, each weighted by its label's weight; and the sum of weights."""
    return F.cross_entropy(logits.float(), labels, weight=weights), weights[labels].sum()


def kd(student_logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """How far a student is from its teacher, in nats: T² · KL(teacher ‖ student), both softened by T, mean over frames.

    Args:
        student_logits: (B, K), of any precision.
        teacher_logits: (B, K); no gradient flows into them.
        temperature: above 0; T² keeps gradients as large as those of cross-entropy.

    Source: Hinton, Vinyals, Dean, Distilling the Knowledge in a Neural Network (2015), section 2.
    """
    student = _softened(student_logits, temperature)
    teacher = _softened(teacher_logits.detach(), temperature)
    return _divergence(teacher, student).mean() * temperature**2


def dkd(
    student_logits: Tensor, teacher_logits: Tensor, labels: Tensor, alpha: float, beta: float, temperature: float
) -> Tensor:
    """Decoupled distillation: T² · (alpha · TCKD + beta · NCKD), mean over frames, in nats.

    TCKD compares how sure both are of the label, NCKD what they think of the other classes among themselves.

    Args:
        student_logits: (B, K), of any precision.
        teacher_logits: (B, K); no gradient flows into them.
        labels: (B,) class numbers.
        alpha: weight of TCKD.
        beta: weight of NCKD.
        temperature: above 0.

    Raises:
        ValueError: K is 2: there is one other class, NCKD is always 0 and TCKD is plain KD.

    Source: Zhao et al., Decoupled Knowledge Distillation (CVPR 2022), equation 7.
    """
    if student_logits.shape[1] < FEWEST_FOR_DKD:
        raise ValueError("DKD of two classes is KD: there is only one other class, so its second term is always 0")
    student = _softened(student_logits, temperature)
    teacher = _softened(teacher_logits.detach(), temperature)
    target = F.one_hot(labels, student.shape[1]).bool()
    tckd = _divergence(_of_target(teacher, target), _of_target(student, target))
    nckd = _divergence(_of_others(teacher, target), _of_others(student, target))
    return (alpha * tckd + beta * nckd).mean() * temperature**2


def focal(logits: Tensor, labels: Tensor, gamma: float, weights: Tensor | None = None) -> Tensor:
    """Cross-entropy in which a frame counts by (1 - p)^gamma, p being the softmax of its label; mean over frames.

    Args:
        logits: (B, K), of any precision.
        labels: (B,) class numbers.
        gamma: 0 or more; 0 is cross-entropy.
        weights: (K,) of the classes; the mean is then a weighted one, as in cross-entropy.

    Source: Lin et al., Focal Loss for Dense Object Detection (ICCV 2017), equation 5, for many classes.
    """
    log_p = _precise(logits).log_softmax(1).gather(1, labels[:, None]).squeeze(1)
    # At p = 1 the slope of a power below 1 is infinite; a frame that is right to the last bit has no say anyway.
    missing = (-torch.expm1(log_p)).clamp(min=torch.finfo(log_p.dtype).tiny)
    each = -(missing**gamma) * log_p
    if weights is None:
        return each.mean()
    shares = weights.to(each)[labels]
    return (each * shares).sum() / shares.sum()


def _precise(logits: Tensor) -> Tensor:
    return logits if logits.dtype == torch.float64 else logits.float()


def _softened(logits: Tensor, temperature: float) -> Tensor:
    return (_precise(logits) / temperature).log_softmax(1)


def _divergence(teacher: Tensor, student: Tensor) -> Tensor:
    """(B,): KL of log-probabilities (B, K); a class that the teacher holds for impossible counts nothing."""
    return (teacher.exp() * (teacher - student)).sum(1)


def _of_target(log_p: Tensor, target: Tensor) -> Tensor:
    """(B, 2): log-probabilities of the label, and of all other classes together."""
    own = log_p[target][:, None]
    others = log_p[~target].view(len(log_p), -1).logsumexp(1, keepdim=True)
    return torch.cat([own, others], 1)


def _of_others(log_p: Tensor, target: Tensor) -> Tensor:
    """(B, K - 1): log-probabilities of the other classes among themselves."""
    return log_p[~target].view(len(log_p), -1).log_softmax(1)
