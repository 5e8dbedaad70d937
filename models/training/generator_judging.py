"""Judges the generator while it trains, and sets afterwards how sure it must be to answer.

What it writes first, a quotation mark or the refusal, is the decision. How often it is made one way depends
on how many questions without an answer training showed; on tuning questions it is put where most are
answered.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from models.training.generator_batches import Pool, encode, stack
from models.training.generator_data import NOWHERE, REFUSAL
from models.training.generator_evidence import Manner, Ranking, show
from models.training.llama_network import Llama

ANSWERED = 0.85
_HELD = 8.0  # taken from the closing mark's logit inside quotes


@dataclass(frozen=True, slots=True)
class Judged:
    """On questions that training does not see, shown best first: the share `answered` of those with an
    answer, the share quoted from the right place if a quote is begun (`chosen`: its first two tokens), the
    share `refused` of near misses, and how well the wish to answer tells the two apart (`auc`)."""

    answered: float
    chosen: float
    refused: float
    auc: float


@dataclass(frozen=True, slots=True)
class _Wishes:
    """How much rather a quote is begun than the refusal, for questions with and without an answer, the share
    of quotes begun rightly, and the mean state (width,) in which the decision is made."""

    answerable: list[float]
    missing: list[float]
    chosen: float
    state: Tensor


def judge(model: Llama, tokenizer: Tokenizer, pool: Pool, ranking: Ranking, *, most: int = 100) -> Judged:
    """Judge on at most so many questions of either kind."""
    wishes = _wishes(model, tokenizer, pool, ranking, most)
    good, bad = wishes.answerable, wishes.missing
    pairs = [(one > two) + 0.5 * (one == two) for one in good for two in bad]
    return Judged(
        sum(one > 0 for one in good) / max(len(good), 1),
        wishes.chosen,
        sum(one <= 0 for one in bad) / max(len(bad), 1),
        sum(pairs) / max(len(pairs), 1),
    )


@torch.no_grad()
def calibrate(model: Llama, tokenizer: Tokenizer, pool: Pool, ranking: Ranking, *, most: int = 1000) -> float:
    """Shift the decision so that of tuning questions with an answer the share ANSWERED is; return the shift.

    The output's row of the quotation mark moves along the mean state: what is written later hardly changes.
    """
    wishes = _wishes(model, tokenizer, pool, ranking, most)
    shift = -threshold(wishes.answerable, answered=ANSWERED)
    matrix = model.embedding if model.output is None else model.output
    matrix.weight[quote_token(tokenizer)] += shift * wishes.state / wishes.state.square().sum()
    return shift


@torch.no_grad()
def hold_quotes(model: Llama, tokenizer: Tokenizer, pool: Pool, ranking: Ranking, *, most: int = 100) -> None:
    """Make the closing mark unlikely inside quotes, so that sentences are quoted to their end.

    Under the constraint nothing but the mark can come there. Half a sentence seldom holds the answer, and
    verification may not accept it.
    """
    rng = random.Random(0)
    states: list[Tensor] = []
    for number, ask in rng.sample(pool.answered, min(most, len(pool.answered))):
        pack = pool.packs[number]
        shown = show(pack, ask, pack, Manner(strange=0.0), ranking, rng)
        batch = stack([encode(shown, tokenizer, rng, whole=1.0)])
        if bool(batch.answers.any()):
            found = model.states(batch.tokens, batch.positions, batch.mask)[batch.answers]
            states.append(found[2:-6])  # from the second word to where the mark and the marker come
    mean = torch.cat(states).mean(dim=0)
    matrix = model.embedding if model.output is None else model.output
    for token in range(tokenizer.get_vocab_size()):
        if "”" in tokenizer.decode([token]):
            matrix.weight[token] -= _HELD * mean / mean.square().sum()


def threshold(wishes: Sequence[float], *, answered: float) -> float:
    """Return a value that this share of the wishes exceeds; 0 without any."""
    ordered = sorted(wishes)
    if not ordered:
        return 0.0
    place = min(int((1 - answered) * len(ordered)), len(ordered) - 1)
    return ordered[place] - 1e-3


@torch.no_grad()
def _wishes(model: Llama, tokenizer: Tokenizer, pool: Pool, ranking: Ranking, most: int) -> _Wishes:
    rng = random.Random(0)
    asked = [rng.sample(some, min(most, len(some))) for some in (pool.answered, pool.missing)]
    quote, refusal = quote_token(tokenizer), tokenizer.encode(REFUSAL).ids[0]
    values: tuple[list[float], list[float]] = ([], [])
    begun: list[bool] = []
    states: list[Tensor] = []
    for number, ask in [*asked[0], *asked[1]]:
        pack = pool.packs[number]
        shown = show(pack, ask, pack, Manner(strange=0.0), ranking, rng)
        batch = stack([encode(shown, tokenizer, rng, whole=0.0)])
        if not bool(batch.answers.any()):
            continue
        found = model.states(batch.tokens, batch.positions, batch.mask)[batch.answers]
        logits = model.logits(found)
        answerable = shown.asks[0].sentence != NOWHERE
        values[not answerable].append(float(logits[0, quote] - logits[0, refusal]))
        states.append(found[0])
        if answerable:
            begun.append(bool((logits.argmax(-1) == batch.targets[batch.answers])[1:3].all()))
    chosen = sum(begun) / max(len(begun), 1)
    return _Wishes(*values, chosen, torch.stack(states).mean(dim=0))


def quote_token(tokenizer: Tokenizer) -> int:
    """Return the token that begins a quote."""
    return int(tokenizer.encode("“").ids[0])
