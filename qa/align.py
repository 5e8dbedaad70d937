"""How much of a question a text holds, word by word, weighted by rarity (inverse document frequency).

Vietnamese asks in place, so a sentence that answers repeats most of the question around the gap. Pairs of
neighbouring words count on top, because they are mostly one word ("đảng viên"). A few words of news that
mean the same are taken as equal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from index.normalize import strip_tones
from qa.question import Question
from qa.words import Words, phrases


@dataclass(frozen=True, slots=True)
class Overlap:
    """Shares in [0, 1] of the question's weight that a text holds.

    `words`: content words; `pairs`: neighbouring words; `focus`: the attribute asked for, names aside;
    `names`: the proper names; `heaviest_missing`: the weight (0 to 10) of the heaviest word that it lacks.
    """

    words: float
    pairs: float
    focus: float
    names: float
    heaviest_missing: float = 0.0


# "Quyết định 771" is Quyết định số 771-QĐ/TU.
_NUMBERED = re.compile(r"\d+(?=[/-][^\W\d_])")


@lru_cache(maxsize=1)
def _table() -> tuple[Mapping[str, float], Mapping[str, float]]:
    raw = json.loads((files("qa") / "data" / "syllables.json").read_text("utf-8"))
    keys: dict[str, float] = {}
    plain: dict[str, float] = {}
    for weight, words in raw["idf"].items():
        for word in words.split():
            keys[word] = float(weight)
            bare = strip_tones(word)
            plain[bare] = min(plain.get(bare, 99.0), float(weight))
    return keys, plain


def weight_of(word: str, *, toneless: bool = False) -> float:
    """Return ln(units / units with the word), about 0.7 to 10; words never seen weigh 10."""
    keys, plain = _table()
    if word[:1].isdigit():
        return 6.0
    return (plain if toneless else keys).get(word, 10.0)


_Form = tuple[str, ...]


@lru_cache(maxsize=2)
def _same_forms(toneless: bool) -> Mapping[str, tuple[tuple[_Form, tuple[_Form, ...]], ...]]:
    """Return by their first words the forms that may be said otherwise, longest first, with the others."""
    found: dict[_Form, list[_Form]] = {}
    lines = (files("qa") / "data" / "same_words.txt").read_text("utf-8").splitlines()
    for group in (phrases(line) for line in lines if line and not line.startswith("#")):
        forms = [tuple((strip_tones(text) if toneless else text).split()) for text in group]
        if toneless:  # one syllable without its tone mark is five other words
            forms = [form for form in forms if len(form) > 1]
        for form in forms:
            found.setdefault(form, []).extend(other for other in forms if other != form)
    by_first: dict[str, list[tuple[_Form, tuple[_Form, ...]]]] = {}
    for form in sorted(found, key=lambda one: -len(one)):
        by_first.setdefault(form[0], []).append((form, tuple(found[form])))
    return {first: tuple(forms) for first, forms in by_first.items()}


def same_words(keys: Sequence[str], *, toneless: bool) -> Iterator[tuple[range, tuple[_Form, ...]]]:
    """Yield the stretches of a text (its compared words) that may be said otherwise, with the other ways.

    In order; of those that begin at one word the longest first.
    """
    table = _same_forms(toneless)
    for at, key in enumerate(keys):
        for form, others in table.get(key, ()):
            if tuple(keys[at : at + len(form)]) == form:
                yield range(at, at + len(form)), others


def keys_of(words: Words, *, toneless: bool) -> tuple[str, ...]:
    """Return the words as they are compared."""
    return tuple(word.plain if toneless else word.key for word in words.words)


def contains(keys: Sequence[str], phrase: Sequence[str]) -> bool:
    """Return whether `phrase` stands in `keys` word by word."""
    size = len(phrase)
    return (
        size > 0
        and phrase[0] in keys
        and any(
            keys[i] == phrase[0] and tuple(keys[i : i + size]) == tuple(phrase)
            for i in range(len(keys) - size + 1)
        )
    )


@dataclass(frozen=True, slots=True)
class Matcher:
    """A question made ready to be compared with many texts."""

    question: Question
    terms: tuple[int, ...]
    keys: tuple[str, ...]
    weights: tuple[float, ...]
    pair_weights: tuple[float, ...]
    synonyms: Mapping[int, tuple[tuple[str, ...], ...]]
    focus: frozenset[int]
    name_terms: frozenset[int]

    def matched(self, keys: Sequence[str]) -> set[int]:
        """Return the question words (indices) that the text holds, itself or in another word for it."""
        inside = set(keys) | {number[0] for key in keys if (number := _NUMBERED.match(key))}
        found = {i for i in self.terms if self.keys[i] in inside}
        for i, others in self.synonyms.items():
            if i not in found and any(other[0] in inside and contains(keys, other) for other in others):
                found.add(i)
        return found

    def overlap(self, keys: Sequence[str]) -> Overlap:
        """Return how much of the question a text (its compared words) holds."""
        found = self.matched(keys)
        pairs = {(a, b) for a, b in pairwise(keys)}
        total = sum(self.weights[i] for i in self.terms) or 1.0
        pair_total = sum(self.pair_weights) or 1.0
        pair_found = sum(
            weight
            for i, weight in enumerate(self.pair_weights)
            if weight
            and ((self.keys[i], self.keys[i + 1]) in pairs or ({i, i + 1} <= found and i in self.synonyms))
        )
        return Overlap(
            words=self._share(found, self.terms, total),
            pairs=pair_found / pair_total
            if any(self.pair_weights)
            else self._share(found, self.terms, total),
            focus=self._share(found, self.focus),
            names=self._share(found, self.name_terms),
            heaviest_missing=max((self.weights[i] for i in self.terms if i not in found), default=0.0),
        )

    def _share(self, found: set[int], of: Iterable[int], total: float | None = None) -> float:
        of = tuple(of)
        whole = total if total is not None else sum(self.weights[i] for i in of)
        return sum(self.weights[i] for i in of if i in found) / whole if of and whole else 1.0


def matcher(question: Question) -> Matcher:
    """Make a question ready for comparison."""
    toneless = question.toneless
    keys = keys_of(question.words, toneless=toneless)
    weights = tuple(weight_of(key, toneless=toneless) for key in keys)
    name_terms = frozenset(i for name in question.names for i in range(name.start, name.end))
    terms = tuple(sorted(set(question.focus) | name_terms))
    slot = set(range(*question.slot))
    pair_weights = tuple(
        0.0
        if i in slot or i + 1 in slot or (i not in terms and i + 1 not in terms)
        else (weights[i] + weights[i + 1]) / 2
        for i in range(len(keys) - 1)
    )
    synonyms: dict[int, tuple[tuple[str, ...], ...]] = {}
    for span, others in same_words(keys, toneless=toneless):
        for i in span:
            synonyms[i] = synonyms.get(i, ()) + others
    return Matcher(
        question, terms, keys, weights, pair_weights, synonyms, frozenset(question.focus), name_terms
    )
