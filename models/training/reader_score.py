"""How the reader is judged: exact match and F1 by the SQuAD rules, and the rank of answering sentences."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.training.reader_data import Example

_MARKS = str.maketrans(dict.fromkeys(string.punctuation + "“”‘’…–—", " "))


def normalize_answer(text: str) -> str:
    """Lower-case, marks away, single spaces (SQuAD's rules; Vietnamese has no articles to drop)."""
    return " ".join(text.lower().translate(_MARKS).split())


def exact_match(prediction: str, golds: Sequence[str]) -> float:
    """Return 1.0 where the prediction equals one gold answer after normalising."""
    wanted = normalize_answer(prediction)
    return float(any(wanted == normalize_answer(gold) for gold in golds))


def f1(prediction: str, golds: Sequence[str]) -> float:
    """Return the best F1 over syllables against the gold answers."""
    best = 0.0
    guess = normalize_answer(prediction).split()
    for gold in golds:
        truth = normalize_answer(gold).split()
        common = sum((Counter(guess) & Counter(truth)).values())
        if common:
            precision, recall = common / len(guess), common / len(truth)
            best = max(best, 2 * precision * recall / (precision + recall))
    return best


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a reader said of one example: sentences from best to worst, and its best answer's text."""

    order: tuple[int, ...]
    answer: str
    answerable: float


@dataclass(frozen=True, slots=True)
class Report:
    """Shares in [0, 1] over `count` answerable questions; `auc` over all (nan without unanswerable ones)."""

    count: int
    first: float
    second: float
    exact: float
    f1: float
    auc: float

    def __str__(self) -> str:
        return (
            f"n {self.count}  sentence@1 {self.first:.3f}  @2 {self.second:.3f}  "
            f"EM {self.exact:.3f}  F1 {self.f1:.3f}  AUC {self.auc:.3f}"
        )


def report(examples: Sequence[Example], predictions: Sequence[Prediction]) -> Report:
    """Compare predictions with examples."""
    first: list[bool] = []
    second: list[bool] = []
    exact: list[float] = []
    scores: list[float] = []
    positive: list[float] = []
    negative: list[float] = []
    for example, said in zip(examples, predictions, strict=True):
        (positive if example.spans else negative).append(said.answerable)
        if not example.spans:
            continue
        right = {span.sentence for span in example.spans}
        first.append(said.order[0] in right)
        second.append(bool(right & set(said.order[:2])))
        exact.append(exact_match(said.answer, example.golds))
        scores.append(f1(said.answer, example.golds))
    auc = float("nan")
    if positive and negative:
        p, n = np.array(positive), np.array(negative)
        auc = float((p[:, None] > n).mean() + 0.5 * (p[:, None] == n).mean())

    def mean(values: Sequence[float]) -> float:
        return float(np.mean(values)) if values else float("nan")

    return Report(len(first), mean(first), mean(second), mean(exact), mean(scores), auc)
