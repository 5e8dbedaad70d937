"""Packs as rows of token ids: who sees whom, what is predicted, and batches of like length.

A row holds the numbered sentences once, then each question with its answer, which see the sentences and
themselves but not each other: that reads several questions for little more than the price of one. Most
answers end after their first tokens, which say whether and from where to quote. The rest is copying, which
the product constrains anyway and which a few whole answers teach.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from models.training.generator_data import NOWHERE, Ask, Pack, answer_text, question_text, sources_text
from models.training.generator_evidence import Manner, Ranking, Shown, show, without
from models.training.tiny_llama import SPECIAL

START, END = SPECIAL.index("<|im_start|>"), SPECIAL.index("<|im_end|>")
LONGEST = 900  # tokens of a row
MOST_ASKS = 6  # of a row
OPENING = 6  # tokens of an answer that is not taught to its end
PADDING, SOURCES = -1, 0


@dataclass(frozen=True, slots=True)
class Row:
    """Token ids of a pack. `blocks`: SOURCES for the sentences, k for the k-th question and its answer;
    `answers` is True where the token belongs to an answer (its closing token too)."""

    tokens: list[int]
    positions: list[int]
    blocks: list[int]
    answers: list[bool]


@dataclass(frozen=True, slots=True)
class Batch:
    """Tensors (rows, length): ids, positions, `mask` (rows, length, length), `targets` (the next ids), and
    which of these belong to an answer, are its first token, or one of the two after it."""

    tokens: Tensor
    positions: Tensor
    mask: Tensor
    targets: Tensor
    answers: Tensor
    firsts: Tensor
    openings: Tensor


def encode(shown: Shown, tokenizer: Tokenizer, rng: random.Random, *, whole: float) -> Row:
    """Return the prompt as a row; `whole` is the share of answers that are taught to their end.

    Its markers sometimes leave numbers out, as packing a prompt does.
    """
    count = len(shown.sentences)
    markers = list(range(1, count + 1))
    if rng.random() < 0.1:
        markers = sorted(rng.sample(range(1, count + 3), count))
    head = sources_text(shown.titles, shown.sentences, markers)
    tokens = [START, *tokenizer.encode(head).ids]
    positions, blocks, answers = list(range(len(tokens))), [SOURCES] * len(tokens), [False] * len(tokens)
    shared = len(tokens)
    for number, ask in enumerate(shown.asks[:MOST_ASKS], 1):
        prompt = [*tokenizer.encode(question_text(ask.question)).ids, END, START]
        answer = [*tokenizer.encode(answer_text(ask, shown.sentences, markers)).ids, END]
        if rng.random() >= whole:
            answer = answer[:OPENING]
        if len(tokens) + len(prompt) + len(answer) > LONGEST:
            break
        tokens += prompt + answer
        positions += range(shared, shared + len(prompt) + len(answer))
        blocks += [number] * (len(prompt) + len(answer))
        answers += [False] * len(prompt) + [True] * len(answer)
    return Row(tokens, positions, blocks, answers)


def stack(rows: Sequence[Row]) -> Batch:
    """Return the rows as one batch, padded at the end."""
    length = max(len(row.tokens) for row in rows)
    shape = (len(rows), length)
    tokens, positions = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    blocks, answers = torch.full(shape, PADDING), torch.zeros(shape, dtype=torch.bool)
    for number, row in enumerate(rows):
        size = len(row.tokens)
        tokens[number, :size] = torch.tensor(row.tokens)
        positions[number, :size] = torch.tensor(row.positions)
        blocks[number, :size] = torch.tensor(row.blocks)
        answers[number, :size] = torch.tensor(row.answers)
    same = blocks[:, :, None] == blocks[:, None, :]
    mask = (same | (blocks[:, None, :] == SOURCES)).tril()
    targets = torch.roll(tokens, -1, 1)
    last = torch.zeros(shape, dtype=torch.bool)
    last[:, -1] = True
    follows = (blocks == torch.roll(blocks, -1, 1)) & ~last & (blocks != PADDING)
    answered = torch.roll(answers, -1, 1) & follows
    none = torch.zeros_like(answered[:, :3])
    earlier, before = (torch.cat((none[:, :n], answered[:, :-n]), 1) for n in (1, 3))
    firsts = answered & ~earlier
    openings = answered & earlier & ~before  # after the quotation mark: the first two tokens of the quote
    return Batch(tokens, positions, mask, targets, answered, firsts, openings)


class Pool:
    """Packs of one kind, with their questions that have an answer and those that have none apart."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self.packs = packs
        asks = [(number, ask) for number, pack in enumerate(packs) for ask in pack.asks]
        self.answered = [(number, ask) for number, ask in asks if ask.sentence != NOWHERE]
        self.missing = [(number, ask) for number, ask in asks if ask.sentence == NOWHERE]

    def draw(self, missing: float, rng: random.Random) -> tuple[Pack, Ask]:
        """Return a question with its pack, with the chance `missing` one without an answer.

        Where people wrote none, or few, one that has an answer loses the sentence that holds it.
        """
        if rng.random() >= missing:
            number, ask = rng.choice(self.answered)
            return self.packs[number], ask
        if self.missing and rng.random() < 0.7:
            number, ask = rng.choice(self.missing)
            return self.packs[number], ask
        while True:
            number, ask = rng.choice(self.answered)
            if len(self.packs[number].sentences) > 1:
                return without(self.packs[number], ask)


class Sampler:
    """Draws batches of about `size` tokens from pools: the same number, the same batch."""

    def __init__(
        self, pools: Sequence[Pool], tokenizer: Tokenizer, ranking: Ranking, *, size: int, seed: int
    ) -> None:
        self.pools, self.tokenizer, self.ranking = pools, tokenizer, ranking
        self.size, self.seed = size, seed

    def batch(
        self, number: int, shares: Sequence[float], manner: Manner, *, whole: float, most_sentences: int = 99
    ) -> Batch:
        """Return a batch with about these shares of each pool, of passages with few enough sentences."""
        rng = random.Random(self.seed * 1_000_003 + number)
        drawn: list[Row] = []
        total = 0
        while total < 3 * self.size:
            pool = rng.choices(self.pools, shares)[0]
            pack, ask = pool.draw(manner.missing, rng)
            if len(pack.sentences) > most_sentences:
                continue
            shown = show(pack, ask, rng.choice(pool.packs), manner, self.ranking, rng)
            row = encode(shown, self.tokenizer, rng, whole=whole)
            if any(row.answers):
                drawn.append(row)
                total += len(row.tokens)
        drawn.sort(key=lambda row: len(row.tokens))
        start = rng.randrange(len(drawn))
        chosen: list[Row] = []
        for row in drawn[start:] + drawn[:start][::-1]:
            longest = max(len(one.tokens) for one in [row, *chosen])
            if chosen and (len(chosen) + 1) * longest > self.size:
                break
            chosen.append(row)
        return stack(chosen)
