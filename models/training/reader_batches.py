"""Examples as encoded arrays, and batches of them for the network."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.reader_features import Batch, make_batch, punctuation_marks
from models.reader_text import EncodedQuestion, EncodedText, Vocabulary
from models.training.reader_data import Example
from models.training.reader_network import LONGEST, Scores

LONGEST_PASSAGE = 360


@dataclass(frozen=True, slots=True)
class Encoded:
    """An encoded example; `targets` are (first token, number of further tokens) of its answers."""

    question: EncodedQuestion
    passage: EncodedText
    targets: tuple[tuple[int, int], ...]
    answering: tuple[int, ...]
    weight: float


def encode_example(example: Example, vocabulary: Vocabulary, *, weight: float = 1.0) -> Encoded | None:
    """Encode for training; None where the answer falls outside the passage's first tokens."""
    passage = vocabulary.encode([example.title, *example.sentences])
    if not (passage.sentence > 0).any():
        return None
    if len(passage.idf) > LONGEST_PASSAGE:
        passage = _cut(passage, example)
    targets: list[tuple[int, int]] = []
    answering: list[int] = []
    for span in example.spans:
        inside = np.flatnonzero(
            (passage.sentence == span.sentence + 1)
            & (passage.starts < span.end)
            & (passage.ends > span.start)
        )
        if len(inside):
            target = (int(inside[0]), min(int(inside[-1] - inside[0]), LONGEST - 1))
            if target not in targets:
                targets.append(target)
            if span.sentence + 1 not in answering:
                answering.append(span.sentence + 1)
    if example.spans and not targets:
        return None
    question = vocabulary.encode_question(example.question)
    if not len(question.text.idf):
        return None
    return Encoded(question, passage, tuple(targets), tuple(answering), weight)


def drop_words(item: Encoded, rng: random.Random, *, share: float = 0.5, rate: float = 0.1) -> Encoded:
    """Let some words of the question go (never the question word), so that no single one is relied on."""
    if rng.random() > share:
        return item
    question = item.question
    kept = [
        i
        for i in range(len(question.text.idf))
        if question.gap_start <= i < question.gap_end or rng.random() > rate
    ]
    if len(kept) < 3:
        return item
    text = question.text
    text = EncodedText(
        text.rows[kept],
        text.idf[kept],
        text.starts[kept],
        text.ends[kept],
        text.sentence[kept],
        text.sentences,
    )
    start = sum(i < question.gap_start for i in kept)
    end = start + question.gap_end - question.gap_start
    asked = EncodedQuestion(text, start, end, question.kind)
    return Encoded(asked, item.passage, item.targets, item.answering, item.weight)


def _cut(passage: EncodedText, example: Example) -> EncodedText:
    """Keep LONGEST_PASSAGE tokens, the title and whole sentences, the first answer among them."""
    wanted = example.spans[0].sentence + 1 if example.spans else 1
    first = 1
    sizes = np.bincount(passage.sentence, minlength=passage.sentences)
    room = LONGEST_PASSAGE - int(sizes[0])
    while first < wanted and sizes[first : wanted + 1].sum() > room:
        first += 1
    start = int(sizes[:first].sum())
    part = np.r_[0 : sizes[0], start : min(start + room, len(passage.idf))]
    return EncodedText(
        passage.rows[part],
        passage.idf[part],
        passage.starts[part],
        passage.ends[part],
        passage.sentence[part],
        passage.sentences,
    )


@dataclass(frozen=True, slots=True)
class TrainingBatch:
    """Tensors of a batch, in the order that ReaderNetwork takes them, and its targets."""

    inputs: tuple[Tensor, ...]
    spans: Tensor  # (B, T, LONGEST) bool
    sentences: Tensor  # (N,) bool
    owner: Tensor  # (N,)
    answerable: Tensor  # (B,) bool
    weight: Tensor  # (B,)


def tensors(batch: Batch) -> tuple[Tensor, ...]:
    """Return the inputs of the network."""
    owner = np.repeat(np.arange(len(batch.kind)), np.diff(batch.first))
    return tuple(
        torch.from_numpy(np.ascontiguousarray(array))
        for array in (
            batch.passage.astype(np.int64),
            batch.question.astype(np.int64),
            batch.tokens,
            batch.words,
            batch.kind.astype(np.int64),
            batch.sentence.astype(np.int64),
            batch.facts,
            owner,
        )
    )


def training_batch(items: Sequence[Encoded], vectors: np.ndarray, marks: Sequence[int]) -> TrainingBatch:
    """Measure and pad a batch."""
    batch = make_batch([i.question for i in items], [i.passage for i in items], vectors, marks=marks)
    spans = torch.zeros((*batch.passage.shape, LONGEST), dtype=torch.bool)
    sentences = torch.zeros(len(batch.facts), dtype=torch.bool)
    for b, item in enumerate(items):
        for start, extra in item.targets:
            spans[b, start, extra] = True
        for number in item.answering:
            sentences[int(batch.first[b]) + number] = True
    inputs = tensors(batch)
    return TrainingBatch(
        inputs,
        spans,
        sentences,
        inputs[7],
        torch.tensor([bool(i.targets) for i in items]),
        torch.tensor([i.weight for i in items]),
    )


def loss_of(scores: Scores, batch: TrainingBatch) -> tuple[Tensor, Tensor]:
    """Return the mean loss of spans and of sentences (with "not answered here" as one more choice)."""
    size = len(batch.answerable)
    flat = scores.spans.reshape(size, -1)
    gold = flat.masked_fill(~batch.spans.reshape(size, -1), -1e4)
    span = torch.logsumexp(flat, 1) - torch.logsumexp(gold, 1)
    weight = batch.weight * batch.answerable
    span_loss = (span.clamp(max=20) * weight).sum() / weight.sum().clamp(min=1)
    top = torch.cat([scores.sentences, scores.null])
    owner = torch.cat([batch.owner, torch.arange(size)])
    right = torch.cat([batch.sentences, ~batch.answerable])
    sentence = _grouped(top, owner, size) - _grouped(top.masked_fill(~right, -1e4), owner, size)
    return span_loss, (sentence.clamp(max=20) * batch.weight).mean()


def _grouped(values: Tensor, owner: Tensor, size: int) -> Tensor:
    peak = torch.full((size,), -1e5).scatter_reduce(0, owner, values.detach(), "amax")
    total = torch.zeros(size).index_add(0, owner, torch.exp(values - peak[owner]))
    return torch.log(total.clamp(min=1e-30)) + peak


def batches(
    pools: Sequence[tuple[Sequence[Encoded], float]], *, size: int, rng: random.Random
) -> Iterator[list[Encoded]]:
    """Yield batches without end: each pool gives its share, examples of similar length go together."""
    orders: list[list[int]] = [[] for _ in pools]
    while True:
        chunk: list[Encoded] = []
        for k, (pool, share) in enumerate(pools):
            for _ in range(round(size * 24 * share)):
                if not orders[k]:
                    orders[k] = list(range(len(pool)))
                    rng.shuffle(orders[k])
                chunk.append(pool[orders[k].pop()])
        chunk.sort(key=lambda item: len(item.passage.idf) + rng.random())
        parts = [chunk[i : i + size] for i in range(0, len(chunk), size)]
        rng.shuffle(parts)
        yield from parts


def marks_of(vocabulary: Vocabulary) -> list[int]:
    """Return the match ids of the punctuation marks that the features use."""
    return punctuation_marks({mark: vocabulary.facts(mark).match for mark in ',.();:"'})
