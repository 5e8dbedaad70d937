"""Questions typed without tone marks: which words lack them, and what was meant.

Every ASCII word that may stand for other Vietnamese syllables becomes a set of candidates; the
forward-backward algorithm over the syllable model gives each candidate its probability, given the whole
question. In a question that has marks elsewhere, a word without them is more likely meant as typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.normalize import canonical, strip_tones
from index.syllable_model import BREAK, NUMBER, SyllableModel, syllable_model

_UNIT = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*|[^\w\s]")
_LONGEST = 400  # words; a longer text is no question
_MARKED_SHARE = 0.72  # of the syllables of news carry a mark
_RARELY_BARE = 0.05  # of what a word without marks may stand for
_CERTAIN = 0.995
_READING = 0.12  # alternatives at least this probable are worth looking for


@dataclass(frozen=True, slots=True)
class Reading:
    """One possible meaning of a word, with its probability in [0, 1]."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the canonical question at [start, end).

    `toneless` is true where a form with marks is far more probable than the word as typed; `readings` are
    the probable forms in lower case, the best first (only the word itself where nothing else is likely).
    """

    start: int
    end: int
    text: str
    toneless: bool
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """`original` at [start, end) of the canonical question was read as `restored`."""

    start: int
    end: int
    original: str
    restored: str
    probability: float


@dataclass(frozen=True, slots=True)
class Restored:
    """The question with its marks put back. `text` has the same length as the canonical question.

    `confidence` in [0, 1] is the mean probability of the words that changed, 1.0 if none did.
    """

    text: str
    changes: tuple[Change, ...]
    confidence: float


def detect(question: str) -> list[Word]:
    """Return the words of a question (any text) with their probable readings; empty for no words."""
    text = canonical(question[:5000])
    units = list(_UNIT.finditer(text))[:_LONGEST]
    words = [match for match in units if match[0][0].isalpha()]
    if not any(match[0].isascii() for match in words):
        return [Word(m.start(), m.end(), m[0], False, (Reading(m[0].lower(), 1.0),)) for m in words]
    model = syllable_model()
    marked = sum(not match[0].isascii() for match in words)
    bare = sum(match[0].isascii() and match[0].lower() in model.candidates for match in words)
    # Whoever writes marks, and no word without them that needs some, means "thay" and not "thấy".
    careful = marked > 0 and not any(_lacks_marks(model, match[0]) for match in words)
    keep = _weight_as_typed(marked, bare)
    lattice = [_candidates(model, match[0], keep) for match in units]
    posteriors = _posteriors(model, lattice)
    result = []
    for match, column, posterior in zip(units, lattice, posteriors, strict=True):
        if match[0][0].isalpha():
            word = _word(model, match, column, posterior)
            if careful and word.toneless and word.readings[0].probability < _CERTAIN:
                word = replace(word, toneless=False, readings=(Reading(word.text.lower(), 1.0),))
            result.append(word)
    return result


def restore(question: str) -> Restored:
    """Return a question with the marks that its toneless words most probably lack."""
    text = canonical(question[:5000])
    words = detect(text)
    changes = tuple(
        Change(word.start, word.end, word.text, _best_form(word), word.readings[0].probability)
        for word in words
        if word.toneless
    )
    confidence = sum(change.probability for change in changes) / len(changes) if changes else 1.0
    return Restored(restored_text(text, words), changes, confidence)


def restored_text(canonical_question: str, words: list[Word]) -> str:
    """Return the canonical question with the best reading of each word that lacks marks."""
    pieces, done = [], 0
    for word in words:
        if word.toneless:
            pieces += [canonical_question[done : word.start], _best_form(word)]
            done = word.end
    return "".join((*pieces, canonical_question[done:]))


def _best_form(word: Word) -> str:
    return _like(word.readings[0].text, word.text)


@dataclass(frozen=True, slots=True)
class _Column:
    """Candidates of one unit: ids, and how far each is trusted as what was typed."""

    ids: NDArray[np.int64]
    weights: NDArray[np.float64]


def _lacks_marks(model: SyllableModel, written: str) -> bool:
    """Return whether a word is hardly ever written without marks: "phuong", "nhieu"."""
    ids = model.candidates.get(written.lower()) if written.isascii() else None
    if ids is None or (written.isupper() and len(written) > 1):
        return False
    own = model.ids.get(written.lower())
    return own is None or float(model.unigrams[own]) < _RARELY_BARE * float(model.unigrams[ids].sum())


def _weight_as_typed(marked: int, bare: int) -> float:
    """How many times likelier than otherwise a bare word is meant as typed, given the rest of the question.

    Without any mark the typist uses none (weight 1, unless there is just a word or two). Each marked word
    speaks for a typist who writes marks.
    """
    if marked == 0:
        return 1.0
    usual_bare = marked * (1 - _MARKED_SHARE) / _MARKED_SHARE
    return float(np.exp(min(1.0 + 1.5 * marked, 8.0) * min(1.0, (usual_bare + 1) / (bare + 1))))


def _candidates(model: SyllableModel, written: str, keep: float) -> _Column:
    if written[0].isdigit():
        return _Column(np.array([NUMBER]), np.ones(1))
    lower = written.lower()
    own = model.ids.get(lower)
    ids = model.candidates.get(lower) if written.isascii() else None
    if ids is None or (written.isupper() and len(written) > 1 and own is None):
        return _Column(np.array([BREAK if own is None else own]), np.ones(1))
    return _Column(ids, np.where(ids == own, keep, 1.0) if own is not None else np.ones(len(ids)))


def _posteriors(model: SyllableModel, lattice: list[_Column]) -> list[NDArray[np.float64]]:
    """Return for each column the probabilities of its candidates (forward-backward over pairs)."""
    start = _Column(np.array([BREAK]), np.ones(1))
    columns = [start, start, *lattice]
    steps = []
    for before, first, second in zip(columns, columns[1:], columns[2:], strict=False):
        step = model.next_probabilities(before.ids, first.ids, second.ids) * second.weights
        steps.append(step)
    forward = [np.ones((1, 1))]
    for step in steps:
        state = np.einsum("hi,hij->ij", forward[-1], step)
        forward.append(state / max(state.sum(), 1e-300))
    backward = [np.ones_like(forward[-1])]
    for step in reversed(steps):
        state = np.einsum("hij,ij->hi", step, backward[-1])
        backward.append(state / max(state.sum(), 1e-300))
    backward.reverse()
    result = []
    for left, right in zip(forward[1:], backward[1:], strict=True):
        both = (left * right).sum(axis=0)
        result.append(both / max(both.sum(), 1e-300))
    return result


def _word(
    model: SyllableModel, match: re.Match[str], column: _Column, posterior: NDArray[np.float64]
) -> Word:
    lower = match[0].lower()
    if len(column.ids) == 1:
        own = int(column.ids[0])
        text = model.words[own] if own > NUMBER else lower
        return Word(match.start(), match.end(), match[0], text != lower, (Reading(text, 1.0),))
    order = np.argsort(-posterior)
    readings = tuple(
        Reading(model.words[int(column.ids[i])], float(posterior[i]))
        for rank, i in enumerate(order)
        if rank == 0 or posterior[i] >= _READING
    )
    return Word(match.start(), match.end(), match[0], readings[0].text != lower, readings)


def _like(restored: str, written: str) -> str:
    """Give a restored word the capitals of the written one."""
    if written.isupper() and len(written) > 1:
        return restored.upper()
    return "".join(new.upper() if old.isupper() else new for new, old in zip(restored, written, strict=True))


def is_toneless(question: str) -> bool:
    """Whether most words of a question that should carry marks lack them."""
    words = detect(question)
    lacking = sum(word.toneless for word in words)
    marked = sum(strip_tones(word.text) != word.text for word in words)
    return lacking > marked
