"""The second stage: the best candidates of both legs, looked at sentence by sentence.

Everything is computed from the texts of the candidates in one pass; no model is run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from index.normalize import canonical, strip_tones
from index.query import Query
from index.store import StoredPassage
from index.tokens import passage_terms

Inverse = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a passage answers to the words of a question, each in [0, 1].

    `coverage`: share of the question's weight that the passage has; `sentence`: the same for its best
    sentence; `pairs`: share of the question's neighbouring pairs; `title`: share found in the title.
    """

    coverage: float
    sentence: float
    pairs: float
    title: float


def evidence(query: Query, candidates: Sequence[StoredPassage], weight_of: Inverse) -> list[Evidence]:
    """Return the evidence of each candidate; `weight_of` gives the weight of a term (its IDF)."""
    bare = query.toneless
    words = [strip_tones(term) for term in query.terms] if bare else list(query.terms)
    weights = {word: weight_of(word) for word in words}
    total = sum(weights.values()) or 1.0
    question = passage_terms(query.text)
    pairs = set(question.toneless_pairs if bare else question.accented_pairs)
    pair_weights = {pair: _pair_weight(pair, weights) for pair in pairs}
    pair_total = sum(pair_weights.values()) or 1.0
    results = []
    for candidate in candidates:
        whole: set[str] = set()
        found_pairs: set[str] = set()
        best = 0.0
        for sentence in candidate.passage.sentences:
            terms = passage_terms(canonical(sentence.text))
            have = set(terms.toneless if bare else terms.accented) & weights.keys()
            best = max(best, sum(weights[word] for word in have))
            whole |= have
            found_pairs |= pairs & set(terms.toneless_pairs if bare else terms.accented_pairs)
        title_terms = passage_terms(canonical(candidate.stored.article.title))
        title = set(title_terms.toneless if bare else title_terms.accented) & weights.keys()
        results.append(
            Evidence(
                coverage=sum(weights[word] for word in whole) / total,
                sentence=best / total,
                pairs=sum(pair_weights[pair] for pair in found_pairs) / pair_total,
                title=sum(weights[word] for word in title) / total,
            )
        )
    return results


def _pair_weight(pair: str, weights: dict[str, float]) -> float:
    first, _, second = pair.partition("_")
    return float(np.sqrt(weights.get(first, 0.0) * weights.get(second, 0.0)))
