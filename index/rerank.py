"""The second stage: the best candidates of both legs, looked at sentence by sentence.

Everything is computed from the texts of the candidates in one pass; no model is run. Each passage gets a
row of features in [0, 1], and their weighted sum, learned on held-apart questions, decides (see
benchmarks/tune.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from index.normalize import canonical, strip_tones
from index.query import Query
from index.store import StoredPassage
from index.tokens import lexical_terms, pair_terms

EVIDENCE = (
    "coverage",  # share of the question's weight (IDF times the word's weight) that the passage has
    "sentence",  # the same for its best sentence
    "two",  # the same for the best two neighbouring sentences
    "pairs",  # share of the weight of the question's neighbouring words that the passage has side by side
    "sentence_pairs",  # the same for the best sentence
    "title",  # share of the question's weight found in the title
    "rare",  # whether the question's rarest word is there
    "numbers",  # share of the question's numbers that the passage has, 0.5 if it has none
    "density",  # how much of the best sentence the question speaks of
    "length",  # logarithm of the passage's length
)

Weigh = Callable[[str], float]


def evidence(query: Query, candidates: Sequence[StoredPassage], idf: Weigh) -> npt.NDArray[np.float32]:
    """Return the `(n, len(EVIDENCE)) float32` features of the candidates, each in [0, 1].

    `idf` gives the inverse document frequency of a term, in the toneless field if the question was restored.
    """
    weights = {term: weight * idf(term) for term, weight in query.terms.items()}
    pairs = {pair: weight * _pair_weight(pair, weights) for pair, weight in query.pairs.items()}
    total = sum(weights.values()) or 1.0
    pair_total = sum(pairs.values()) or 1.0
    rarest = max(weights, key=lambda term: weights[term], default="")
    numbers = {term for term in weights if term[0].isdigit()}
    rows = np.zeros((len(candidates), len(EVIDENCE)), np.float32)
    titles: dict[int, float] = {}
    for row, candidate in enumerate(candidates):
        key = candidate.stored.key
        if key not in titles:
            words, _ = _terms(candidate.stored.article.title, query.restored)
            titles[key] = sum(weights[word] for word in words & weights.keys()) / total
        rows[row] = _passage(
            candidate, query.restored, weights, pairs, total, pair_total, rarest, numbers, titles[key]
        )
    return rows


def _passage(
    candidate: StoredPassage,
    toneless: bool,
    weights: Mapping[str, float],
    pairs: Mapping[str, float],
    total: float,
    pair_total: float,
    rarest: str,
    numbers: set[str],
    title: float,
) -> tuple[float, ...]:
    whole: set[str] = set()
    whole_pairs: set[str] = set()
    before: set[str] = set()
    best = best_two = best_pairs = density = 0.0
    for sentence in candidate.passage.sentences:
        words, side_by_side = _terms(sentence.text, toneless)
        here, here_pairs = words & weights.keys(), side_by_side & pairs.keys()
        value = sum(weights[word] for word in here)
        if value > best:
            best, density = value, len(here) / max(len(words), 6)
        best_two = max(best_two, sum(weights[word] for word in here | before))
        best_pairs = max(best_pairs, sum(pairs[pair] for pair in here_pairs))
        before = here
        whole |= here
        whole_pairs |= here_pairs
    return (
        sum(weights[word] for word in whole) / total,
        best / total,
        best_two / total,
        sum(pairs[pair] for pair in whole_pairs) / pair_total,
        best_pairs / pair_total,
        title,
        float(rarest in whole),
        len(numbers & whole) / len(numbers) if numbers else 0.5,
        min(1.0, density),
        min(1.0, math.log1p(len(candidate.passage.text)) / 8),
    )


def _terms(text: str, toneless: bool) -> tuple[set[str], set[str]]:
    text = canonical(text)
    words, pairs = set(lexical_terms(text)), set(pair_terms(text))
    return ({*map(strip_tones, words)}, {*map(strip_tones, pairs)}) if toneless else (words, pairs)


def _pair_weight(pair: str, weights: Mapping[str, float]) -> float:
    first, _, second = pair.partition("_")
    return math.sqrt(max(weights.get(first, 0.0), 0.0) * max(weights.get(second, 0.0), 0.0))
