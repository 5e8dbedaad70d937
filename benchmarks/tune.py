"""Learn the weights of the second stage on ViQuAD articles that nothing is reported on.

For each question the candidates of both legs get their features once; then a linear model is fitted by
listwise softmax (the gold passage against the others, Cao et al., ICML 2007) on the train articles, its
regularisation and the fusion weights are chosen on the tune articles. Prints the weights for
`index.search`.

    python -m benchmarks.tune --data DATA --library FOLDER
"""

from __future__ import annotations

import argparse
import json
import logging
import random
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from benchmarks.corpora import Question, viquad
from benchmarks.measure import library_with_news
from index import Library
from index.lexical import Filter
from index.normalize import strip_tones
from index.query import understand
from index.rerank import EVIDENCE
from index.search import SearchSettings

FEATURES = ("fused", "lexical", "dense", *EVIDENCE)  # "fused" is shown, not learned from
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """The candidates of one question: `(n, f)` features, and the row of the gold passage's article."""

    features: npt.NDArray[np.float64]
    gold: npt.NDArray[np.bool_]
    articles: npt.NDArray[np.int64]


def collect(library: Library, questions: list[Question], settings: SearchSettings) -> list[Listed]:
    """Return the candidates of each question with their features."""
    snapshot = library._refresh()
    lists = []
    for number, question in enumerate(questions):
        text = strip_tones(question.text) if number % 8 == 7 else question.text
        found = snapshot.candidates(
            understand(text, weights=settings.fields),
            k=10,
            only=Filter(),
            embedder=lambda: library.embedder,
            settings=settings,
        )
        lists.append(
            Listed(
                np.array([[one.parts.get(name, 0.0) for name in FEATURES] for one in found]),
                np.array([one.stored.stored.article.id == question.gold for one in found]),
                np.array([one.stored.stored.key for one in found]),
            )
        )
    return lists


def ndcg(lists: list[Listed], scores: list[npt.NDArray[np.float64]]) -> float:
    """Return the mean nDCG@10 of the gold article, articles counted once."""
    total = 0.0
    for one, score in zip(lists, scores, strict=True):
        seen: list[int] = []
        for row in np.argsort(-score, kind="stable"):
            if one.articles[row] in seen:
                continue
            if one.gold[row]:
                total += 1 / np.log2(len(seen) + 2)
                break
            seen.append(int(one.articles[row]))
            if len(seen) == 10:
                break
    return total / len(lists)


def fit(lists: list[Listed], penalty: float, chosen: list[int]) -> npt.NDArray[np.float64]:
    """Return weights of the chosen features (0 for the others)."""
    usable = [one for one in lists if one.gold.any()]

    def loss(weights: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        value, gradient = 0.0, np.zeros_like(weights)
        for one in usable:
            rows = one.features[:, chosen]
            score = rows @ weights
            probability = np.exp(score - score.max())
            probability /= probability.sum()
            gold = probability * one.gold
            share = gold.sum()
            value -= np.log(share + 1e-12)
            gradient += rows.T @ (probability - gold / (share + 1e-12))
        return (
            value / len(usable) + penalty * float(weights @ weights),
            gradient / len(usable) + 2 * penalty * weights,
        )

    best = minimize(loss, np.ones(len(chosen)), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    weights = np.zeros(len(FEATURES))
    weights[chosen] = best.x
    return weights


def bias_of(lists: list[Listed], weights: npt.NDArray[np.float64]) -> float:
    """Return the bias with which the mean score of the best candidates is their share of right ones."""
    tops = [one.features @ weights for one in lists]
    right = np.mean([one.gold[np.argmax(score)] for one, score in zip(lists, tops, strict=True)])
    low, high = -60.0, 60.0
    for _ in range(60):
        middle = (low + high) / 2
        mean = np.mean([1 / (1 + np.exp(-(score.max() + middle))) for score in tops])
        low, high = (middle, high) if mean < right else (low, middle)
    return (low + high) / 2


def main() -> None:
    """Tune and print."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--embedder")
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--dense", type=float, nargs="+", default=[0.25])
    arguments = parser.parse_args()
    library = library_with_news(
        arguments.library, data=arguments.data, counts={}, embedder=arguments.embedder
    )
    questions = [q for q in viquad(arguments.data / "qa" / "viquad2.dev.json").questions if q.split != "test"]
    random.Random(3).shuffle(questions)
    tune = [question for question in questions if question.split == "tune"]
    questions = questions[: arguments.questions] + tune
    best = (0.0, SearchSettings(), np.zeros(len(FEATURES)), 0.0)
    for dense in arguments.dense:
        settings = replace(SearchSettings(), legs={"lexical": 1.0, "dense": dense})
        lists = {
            split: collect(library, [q for q in dict.fromkeys(questions) if q.split == split], settings)
            for split in ("train", "tune")
        }
        met = np.mean([one.gold.any() for one in lists["tune"]])
        fused = ndcg(lists["tune"], [one.features[:, 0] for one in lists["tune"]])
        _log.info("dense %.2f: fused alone %.4f, gold among the candidates %.4f", dense, fused, met)
        for penalty in (1e-3, 3e-3, 1e-2):
            weights = fit(lists["train"], penalty, list(range(1, len(FEATURES))))
            value = ndcg(lists["tune"], [one.features @ weights for one in lists["tune"]])
            _log.info("  penalty %g: second stage %.4f", penalty, value)
            if value > best[0]:
                best = (value, settings, weights, bias_of(lists["train"], weights))
        for left_out in range(1, len(FEATURES)):
            chosen = [n for n in range(1, len(FEATURES)) if n != left_out]
            weights = fit(lists["train"], 1e-3, chosen)
            value = ndcg(lists["tune"], [one.features @ weights for one in lists["tune"]])
            _log.info("  without %s: %.4f", FEATURES[left_out], value)
    value, settings, weights, bias = best
    learned = {name: round(float(w), 3) for name, w in zip(FEATURES, weights, strict=True) if w}
    _log.info(
        "%s", json.dumps({"legs": dict(settings.legs), "evidence": {**learned, "bias": round(bias, 3)}})
    )


if __name__ == "__main__":
    main()
