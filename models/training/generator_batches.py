"""Packs as rows of token ids: who sees whom, what is predicted, and batches of like length."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from tokenizers import Tokenizer
from torch import Tensor

from models.training.generator_data import NOWHERE, Ask, Pack, answer_text, question_text, sources_text
from models.training.tiny_llama import SPECIAL

START, END = SPECIAL.index("<|im_start|>"), SPECIAL.index("<|im_end|>")
LONGEST = 900  # tokens of a row
MOST_ASKS = 3  # of a row: longer rows cost more attention than they save reading
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
    which of these belong to an answer, to the text, to the beginning of a quote."""

    tokens: Tensor
    positions: Tensor
    mask: Tensor
    targets: Tensor
    answers: Tensor
    texts: Tensor
    openings: Tensor


def encode_pack(pack: Pack, tokenizer: Tokenizer, rng: random.Random) -> Row:
    """Return the pack as a row; its markers sometimes leave numbers out, as packing a prompt does."""
    count = len(pack.sentences)
    markers = list(range(1, count + 1))
    if rng.random() < 0.3:
        markers = sorted(rng.sample(range(1, count + 5), count))
    head = sources_text(pack.title, pack.sentences, markers)
    tokens = [START, *tokenizer.encode(head).ids]
    positions, blocks, answers = list(range(len(tokens))), [SOURCES] * len(tokens), [False] * len(tokens)
    shared = len(tokens)
    asks = rng.sample(pack.asks, min(MOST_ASKS, len(pack.asks)))
    for number, ask in enumerate(asks, 1):
        prompt = [*tokenizer.encode(question_text(ask.question)).ids, END, START]
        answer = [*tokenizer.encode(answer_text(ask, pack.sentences, markers)).ids, END]
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
    openings = answered & earlier & ~before  # after the quotation mark: the first two tokens of the quote
    return Batch(tokens, positions, mask, targets, answered, follows & ~answered, openings)


def varied(pack: Pack, other: Pack, rng: random.Random) -> Pack:
    """Return the pack as a prompt might have it: sometimes in another order, with a strange sentence, or
    without the sentence that answered a question (which then has no answer)."""
    chance = rng.random()
    order = list(range(len(pack.sentences)))
    sentences: list[str] = list(pack.sentences)
    if chance < 0.10:
        rng.shuffle(order)
    elif chance < 0.20:
        sentences.append(rng.choice(other.sentences))
        order.insert(rng.randrange(len(order) + 1), len(order))
    elif chance < 0.28 and len(order) > 2:
        order.remove(rng.choice(pack.asks).sentence % len(order))
    place = {old: new for new, old in enumerate(order)}
    asks = tuple(Ask(ask.question, place.get(ask.sentence, NOWHERE)) for ask in pack.asks)
    return replace(pack, sentences=tuple(sentences[old] for old in order), asks=asks)


class Sampler:
    """Draws batches of about `size` tokens from pools of packs: the same number, the same batch."""

    def __init__(
        self, pools: Sequence[Sequence[Pack]], tokenizer: Tokenizer, *, size: int, seed: int
    ) -> None:
        self.pools, self.tokenizer, self.size, self.seed = pools, tokenizer, size, seed

    def batch(self, number: int, shares: Sequence[float], *, most_sentences: int = 99) -> Batch:
        """Return a batch with about these shares of each pool, of passages with few enough sentences."""
        rng = random.Random(self.seed * 1_000_003 + number)
        drawn: list[Row] = []
        total = 0
        while total < 3 * self.size:
            pool = rng.choices(self.pools, shares)[0]
            pack = rng.choice(pool)
            if len(pack.sentences) > most_sentences:
                continue
            row = encode_pack(varied(pack, rng.choice(pool), rng), self.tokenizer, rng)
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
