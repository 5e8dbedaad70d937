"""The second stage: the best candidates of both legs, looked at sentence by sentence.

Everything is computed from the texts of the candidates in one pass; no model is run. Each passage gets a
row of features in [0, 1]; their weighted sum, learned on held-apart questions, decides (benchmarks/tune.py).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from index.normalize import canonical
from index.query import Query
from index.store import StoredPassage
from index.tokens import terms_by_word

EVIDENCE = (
    "coverage",  # share of the question's weight (IDF times the word's weight) that the passage has
    "sentence",  # the same for its best sentence
    "two",  # the same for the best two neighbouring sentences
    "pairs",  # share of the question's neighbouring words that stand side by side somewhere
    "run",  # the weight of the longest stretch of the question that the passage repeats word for word
    "rare",  # whether the question's rarest word is there
    "numbers",  # share of the question's numbers that the passage has, 0.5 if it has none
    "density",  # how much of the best sentence the question speaks of
)

_MOST_KNOWN = 200_000
_MARKS = '.,;:…!?()"“”'
Weigh = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class _Question:
    """What is looked for: weights of words and of neighbouring words."""

    toneless: bool
    words: Mapping[str, float]
    pairs: Mapping[tuple[str, str], float]
    total: float
    pair_total: float
    rarest: str
    numbers: frozenset[str]


def evidence(query: Query, candidates: Sequence[StoredPassage], idf: Weigh) -> npt.NDArray[np.float32]:
    """Return the `(n, len(EVIDENCE)) float32` features of the candidates, each in [0, 1].

    `idf` gives the inverse document frequency of a term, in the toneless field if the question was restored.
    What the title says is taken for said in every sentence: news names its subject once in full.
    """
    question = _question(query, idf)
    passages = [[one.text.split() for one in candidate.passage.sentences] for candidate in candidates]
    titles = [candidate.stored.article.title.split() for candidate in candidates]
    spoken = _written[question.toneless].spoken(
        question, set().union(*titles, *(sentence for passage in passages for sentence in passage))
    )
    rows = np.zeros((len(candidates), len(EVIDENCE)), np.float32)
    for row, (title, passage) in enumerate(zip(titles, passages, strict=True)):
        told = [(place, term) for place, word in enumerate(title) for term in spoken.get(word, ())]
        rows[row] = _features(question, told, passage, spoken)
    return rows


class _Written:
    """The words that candidates were written with, their terms, and back: for each term its written words."""

    def __init__(self, *, toneless: bool) -> None:
        self._toneless = toneless
        self._lock = threading.Lock()
        self._terms: dict[str, tuple[str, ...]] = {}
        self._words: dict[str, set[str]] = {}

    def spoken(self, question: _Question, written: set[str]) -> dict[str, list[str]]:
        """Return which written words have terms of the question, and which terms.

        Few have: so the question's terms are looked up, not the words of all candidates.
        """
        with self._lock:
            if len(self._terms) > _MOST_KNOWN:
                self._terms.clear()
                self._words.clear()
            for word in written.difference(self._terms):
                terms = self._terms[word] = tuple(_terms(word.strip(_MARKS), self._toneless))
                for term in terms:
                    self._words.setdefault(term, set()).add(word)
            found: set[str] = set()
            for term in question.words:
                found |= written & self._words.get(term, _NO_WORDS)
            return {word: [term for term in self._terms[word] if term in question.words] for word in found}


_NO_WORDS: frozenset[str] = frozenset()
_written = {toneless: _Written(toneless=toneless) for toneless in (False, True)}


def _question(query: Query, idf: Weigh) -> _Question:
    words = {term: weight * idf(term) for term, weight in query.terms.items()}
    pairs = {}
    for pair, weight in query.pairs.items():
        first, _, second = pair.partition("_")
        if first in words and second in words:
            pairs[first, second] = weight * math.sqrt(max(words[first] * words[second], 0.0))
    return _Question(
        toneless=query.restored,
        words=words,
        pairs=pairs,
        total=sum(words.values()) or 1.0,
        pair_total=sum(pairs.values()) or 1.0,
        rarest=max(words, key=lambda word: words[word], default=""),
        numbers=frozenset(word for word in words if word[0].isdigit()),
    )


def _features(
    question: _Question,
    title: list[tuple[int, str]],
    sentences: list[list[str]],
    spoken: Mapping[str, list[str]],
) -> tuple[float, ...]:
    """Return the features of a passage; `spoken` are the words that the question has too, with its terms.

    `title` are the question's terms in the title, with their places.
    """
    words, pairs = question.words, question.pairs
    told = {term for _, term in title}
    whole: set[str] = set()
    side_by_side: set[tuple[str, str]] = set()
    before: set[str] = set()
    best = best_two = density = 0.0
    best_run = _longest_run(title, pairs, words, side_by_side)
    for sentence in sentences:
        if spoken.keys().isdisjoint(sentence):
            before = set()
            continue
        # word by word: what spans words (written dates) is the first stage's business
        known = [(place, word) for place, word in enumerate(sentence) if word in spoken]
        at = [(place, term) for place, word in known for term in spoken[word]]
        here = {term for _, term in at}
        value = sum([words[term] for term in here | told])
        if value > best:
            best, density = value, len(here) / max(len(sentence), 6)
        best_two = max(best_two, sum([words[term] for term in here | before | told]))
        best_run = max(best_run, _longest_run(at, pairs, words, side_by_side))
        before = here
        whole |= here
    return (
        sum([words[word] for word in whole | told]) / question.total,
        best / question.total,
        best_two / question.total,
        sum([pairs[pair] for pair in side_by_side]) / question.pair_total,
        min(1.0, best_run / question.total),
        float(question.rarest in whole | told),
        len(question.numbers & whole) / len(question.numbers) if question.numbers else 0.5,
        min(1.0, density),
    )


def _longest_run(
    at: list[tuple[int, str]],
    pairs: Mapping[tuple[str, str], float],
    words: Mapping[str, float],
    side_by_side: set[tuple[str, str]],
) -> float:
    """Return the weight of the longest stretch of the question in a sentence, and note its pairs."""
    best = run = words[at[0][1]] if at else 0.0
    for (place, first), (later, second) in pairwise(at):
        if later - place <= 1 and (first, second) in pairs:
            side_by_side.add((first, second))
            run += words[second]
            best = max(best, run)
        else:
            run = words[second]
    return best


def _terms(written: str, toneless: bool) -> list[str]:
    """Return the terms of what stands between two blanks."""
    return terms_by_word(canonical(written), toneless=toneless)
