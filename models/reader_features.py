"""What can be measured between a question and a passage, for a whole batch at once.

Vietnamese asks in place: the question word stands where the answer would, so tokens that stand beside the
question word in the question tend to stand beside the answer in the text. The features say, for each token
of a passage: does it occur in the question, with its neighbours, with how much weight (idf) around it, how
far is the nearest match, does it follow what precedes the question word; for each sentence how much of
the question it covers, alone, with the title of its article, and against the other sentences of its passage;
and for each token of the question where it is met. Sentence 0 of a passage is the title (or empty): it says
what the passage is about, and is no answer. Everything is NumPy over padded arrays, the same code in training
and in use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.reader_text import (
    ALL_CAPITALS,
    CAPITAL,
    DIGIT,
    FIRST_WORD,
    KINDS,
    PUNCTUATION,
    SENTENCE_START,
    EncodedQuestion,
    EncodedText,
)

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

TOKEN_FEATURES = 33
SENTENCE_FEATURES = 28
QUESTION_FEATURES = 8 + len(KINDS)
_MARKS = (",", ".", "(", ")", ";", ":", '"')


@dataclass(frozen=True, slots=True)
class Batch:
    """B pairs of question and passage, padded to T passage tokens and L question tokens, N sentences in all.

    `passage`, `question`: embedding ids (B, T), (B, L), 0 where padded. `tokens` (B, T, TOKEN_FEATURES),
    `words` (B, L, QUESTION_FEATURES) float32. `kind` (B,) index of KINDS. `sentence` (B, T) is the number in
    [0, N) of the token's sentence, N for padding. `facts` (N, SENTENCE_FEATURES). `first` (B + 1,): sentences
    first[b]:first[b+1] belong to pair b (those without tokens are counted too, their facts are zero).
    """

    passage: Ints
    question: Ints
    tokens: Floats
    words: Floats
    kind: Ints
    sentence: Ints
    facts: Floats
    first: Ints


def make_batch(
    questions: Sequence[EncodedQuestion],
    passages: Sequence[EncodedText],
    embedding: Floats,
    *,
    marks: Sequence[int],
) -> Batch:
    """Measure B questions against B passages, each with the title of its article as sentence 0.

    `embedding` (V, d): unit rows, used for soft matches. `marks` are the match ids of _MARKS.
    """
    size = len(questions)
    width = max(4, max(len(p.idf) for p in passages))
    length = max(3, max(len(q.text.idf) for q in questions))
    rows = np.zeros((size, width, 4), np.int32)
    idf = np.zeros((size, width), np.float32)
    asked = np.zeros((size, length, 4), np.int32)
    weight = np.zeros((size, length), np.float32)
    gap = np.zeros((size, length), bool)
    first = np.zeros(size + 1, np.int32)
    first[1:] = np.cumsum([p.sentences for p in passages])
    total = int(first[-1])
    sentence = np.full((size, width), total, np.int32)
    before = np.full((size, 2), -1, np.int32)
    after = np.full((size, 2), -1, np.int32)
    gap_center = np.zeros(size, np.float32)
    for b, (q, p) in enumerate(zip(questions, passages, strict=True)):
        n, m = len(p.idf), len(q.text.idf)
        rows[b, :n] = p.rows
        idf[b, :n] = p.idf
        sentence[b, :n] = p.sentence + first[b]
        asked[b, :m] = q.text.rows
        weight[b, :m] = q.text.idf
        gap[b, q.gap_start : q.gap_end] = True
        gap_center[b] = (q.gap_start + q.gap_end - 1) / 2
        left = [i for i in range(q.gap_start) if not q.text.rows[i, 3] & PUNCTUATION][-2:]
        right = [i for i in range(q.gap_end, m) if not q.text.rows[i, 3] & PUNCTUATION][:2]
        for k, i in enumerate(reversed(left)):
            before[b, k] = q.text.rows[i, 1]
        for k, i in enumerate(right):
            after[b, k] = q.text.rows[i, 1]

    real = rows[:, :, 1] > 0
    word = real & ((rows[:, :, 3] & PUNCTUATION) == 0)
    asked_word = (asked[:, :, 1] > 0) & ((asked[:, :, 3] & PUNCTUATION) == 0) & ~gap
    weight = np.where(asked_word, weight, 0.0).astype(np.float32)
    mass = np.maximum(weight.sum(1), 1.0)

    # Matches (B, T, L): same syllable; same without tones; in runs of two and three.
    match = (rows[:, :, None, 1] == asked[:, None, :, 1]) & word[:, :, None] & asked_word[:, None, :]
    bare = (rows[:, :, None, 2] == asked[:, None, :, 2]) & word[:, :, None] & asked_word[:, None, :]
    pair = match[:, :-1, :-1] & match[:, 1:, 1:]
    triple = pair[:, :-1, :-1] & pair[:, 1:, 1:]
    in_pair = np.zeros((size, width), bool)
    in_pair[:, :-1] |= pair.any(2)
    in_pair[:, 1:] |= pair.any(2)
    in_triple = np.zeros((size, width), bool)
    hits = triple.any(2)
    for shift in range(3):
        in_triple[:, shift : width - 2 + shift] |= hits
    matched = match.any(2)

    # Soft matches: best cosine of a question token within a sentence, and of a token over the question.
    similarity = np.einsum("btd,bld->btl", embedding[rows[:, :, 0]], embedding[asked[:, :, 0]], optimize=True)
    similarity *= word[:, :, None] & asked_word[:, None, :]
    similarity = np.maximum(similarity, match)
    closeness = similarity.max(2)

    # Coverage of the question by each sentence: maxima over the runs of tokens of one sentence.
    flat = sentence.reshape(-1)
    starts = np.flatnonzero(np.concatenate(([True], flat[1:] != flat[:-1])))
    owners = flat[starts]
    keep = owners < total
    pair_index = np.repeat(np.arange(size), np.diff(first))

    def per_sentence(values: npt.NDArray[np.float32]) -> Floats:
        wide = values.reshape(size * width, values.shape[2])
        result = np.zeros((total, values.shape[2]), np.float32)
        result[owners[keep]] = np.maximum.reduceat(wide, starts, axis=0)[keep]
        return result.astype(np.float32)

    soft = per_sentence(similarity.astype(np.float32))
    hard = per_sentence(match.astype(np.float32))
    toneless = per_sentence(bare.astype(np.float32))
    pairs = np.zeros((size, width, length), np.float32)
    pairs[:, :-1, :-1] = pair
    double = per_sentence(pairs)
    titles = first[:-1]
    titled = hard[titles]

    def over_text(reduce: np.ufunc, values: Floats) -> Floats:
        """Reduce over the sentences of each passage without its title, which competes with none."""
        text = values.copy()
        text[titles] = 0.0
        reduced: Floats = reduce.reduceat(text, titles, axis=0)
        return reduced

    # A token that every sentence has tells none from another.
    spread = over_text(np.add, hard)
    local = weight * np.log1p(np.diff(first)[:, None] / np.maximum(spread, 0.5))
    local_mass = np.maximum(local.sum(1), 1e-3)
    own = weight[pair_index]
    pair_weight = np.zeros_like(weight)
    pair_weight[:, :-1] = (weight[:, :-1] + weight[:, 1:]) * (asked_word[:, :-1] & asked_word[:, 1:])
    pair_mass = np.maximum(pair_weight.sum(1), 1.0)
    coverage = np.stack(
        [
            (hard * own).sum(1) / mass[pair_index],
            (double * pair_weight[pair_index]).sum(1) / pair_mass[pair_index],
            (hard * local[pair_index]).sum(1) / local_mass[pair_index],
            (soft * own).sum(1) / mass[pair_index],
            (toneless * own).sum(1) / mass[pair_index],
        ],
        axis=1,
    ).astype(np.float32)
    best = over_text(np.maximum, coverage)[pair_index]
    anywhere = over_text(np.maximum, hard)
    met = np.maximum(anywhere, titled)
    softly = np.maximum(over_text(np.maximum, soft), titled)
    missing = weight * (1 - np.maximum(met, softly)) / 8
    with_title = (np.maximum(hard, titled[pair_index]) * own).sum(1) / mass[pair_index]
    of_passage = np.stack(
        [
            (met * weight).sum(1) / mass,
            (weight * (1 - met)).max(1) / 8,
            missing.max(1),
        ],
        axis=1,
    )[pair_index]
    before_mean = np.zeros((total, 1), np.float32)
    before_mean[1:, 0] = np.where(pair_index[1:] == pair_index[:-1], coverage[:-1, 0], 0.0)
    after_mean = np.zeros((total, 1), np.float32)
    after_mean[:-1, 0] = np.where(pair_index[1:] == pair_index[:-1], coverage[1:, 0], 0.0)

    shape = rows[:, :, 3]
    capital = (shape & CAPITAL) > 0
    digit = (shape & DIGIT) > 0
    new_capital = capital & ~matched & ((shape & SENTENCE_START) == 0)
    new_digit = digit & ~matched
    year = (rows[:, :, 0] == 6) | (rows[:, :, 0] == 8) | (rows[:, :, 0] == 9)
    counts = np.zeros((total + 1, 5), np.float32)
    np.add.at(
        counts,
        flat,
        np.stack([word, new_capital, new_digit, new_digit & year, ~matched & word], axis=2).reshape(-1, 5),
    )
    counts = counts[:total]
    place = (np.arange(total) - first[pair_index]).astype(np.float32)
    kinds = np.array([q.kind for q in questions], np.int32)
    facts = np.concatenate(
        [
            coverage,
            coverage - best,
            (coverage >= best - 1e-6).astype(np.float32),
            before_mean,
            after_mean,
            np.log1p(counts[:, :1]) / 4,
            np.minimum(counts[:, 1:4], 3) / 3,
            np.log1p(counts[:, 4:5]) / 4,
            (place == 0).astype(np.float32)[:, None],
            np.minimum(place, 8)[:, None] / 8,
            with_title[:, None],
            of_passage,
        ],
        axis=1,
    ).astype(np.float32)
    facts[counts[:, 0] == 0] = 0

    # Token features.
    gain = (match * weight[:, None, :]).max(2) / 8
    running = np.concatenate([np.zeros((size, 1), np.float32), np.cumsum(gain, 1)], axis=1)
    positions = np.arange(width)

    def window(left: int, right: int) -> Floats:
        low = np.clip(positions - left, 0, width)
        high = np.clip(positions + right + 1, 0, width)
        between: Floats = (running[:, high] - running[:, low]).astype(np.float32)
        return between

    strong = in_pair | (gain > 0.7)
    last = np.maximum.accumulate(np.where(strong, positions, -1000), axis=1)
    following = np.minimum.accumulate(np.where(strong, positions, 10_000)[:, ::-1], axis=1)[:, ::-1]
    beside = np.zeros((size, width, 4), np.float32)
    ids = rows[:, :, 1]
    for k in (3, 2, 1):
        value = 0.6 ** (k - 1)
        hit = np.zeros((size, width), bool)
        hit[:, k:] = ids[:, :-k] == before[:, :1]
        beside[:, :, 0] = np.where(hit, value, beside[:, :, 0])
        hit = np.zeros((size, width), bool)
        hit[:, :-k] = ids[:, k:] == after[:, :1]
        beside[:, :, 1] = np.where(hit, value, beside[:, :, 1])
    beside[:, 2:, 2] = (ids[:, 1:-1] == before[:, :1]) & (ids[:, :-2] == before[:, 1:])
    beside[:, :-2, 3] = (ids[:, 1:-1] == after[:, :1]) & (ids[:, 2:] == after[:, 1:])
    safe = np.minimum(sentence, max(total - 1, 0))
    sentence_part = facts[safe][:, :, [0, 1, 2, 3, 5, 7, 8, 24]]
    tokens = np.concatenate(
        [
            np.stack(
                [
                    matched,
                    gain,
                    in_pair,
                    in_triple,
                    bare.any(2),
                    closeness,
                    window(3, 0) / 3,
                    window(0, 3) / 3,
                    window(8, 8) / 6,
                    np.exp(-(positions - last) / 4),
                    np.exp(-(following - positions) / 4),
                    idf / 8,
                    capital,
                    (shape & ALL_CAPITALS) > 0,
                    digit,
                    (shape & PUNCTUATION) > 0,
                    (shape & SENTENCE_START) > 0,
                    new_capital,
                    new_digit,
                ],
                axis=2,
            ).astype(np.float32),
            beside,
            sentence_part,
            np.stack([ids == marks[0], (ids == marks[2]) | (ids == marks[3])], axis=2).astype(np.float32),
        ],
        axis=2,
    )
    tokens *= real[:, :, None]
    distance = np.arange(length)[None, :] - gap_center[:, None]
    words = np.concatenate(
        [
            np.stack(
                [
                    gap,
                    asked_word * np.exp(-np.abs(distance) / 3),
                    (asked_word & (distance < 0)),
                    weight / 8,
                    titled,
                    anywhere,
                    softly,
                    missing,
                ],
                axis=2,
            ).astype(np.float32),
            np.eye(len(KINDS), dtype=np.float32)[kinds][:, None, :] * (asked[:, :, 1:2] > 0),
        ],
        axis=2,
    ).astype(np.float32)
    return Batch(rows[:, :, 0], asked[:, :, 0], tokens, words, kinds, sentence, facts, first)


def punctuation_marks(match_id: dict[str, int]) -> list[int]:
    """Return the match ids of the marks that features look for."""
    return [match_id.get(mark, FIRST_WORD - 1) for mark in _MARKS]
