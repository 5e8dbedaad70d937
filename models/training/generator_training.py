"""The generator's training loop: a budget of minutes, a curriculum, checkpoints that are continued.

Short passages with questions made in place come first: on them the heads that find and copy grow quickly.
Then longer ones, with people's questions in every batch, and more of them towards the end. The passages
themselves are predicted too (as a language model), with a small weight that ends where people's questions
begin to repeat, so that little of them is learned by heart.
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from models.training.generator_batches import Batch, Sampler, encode_pack, stack
from models.training.generator_data import Pack
from models.training.llama_network import Llama

logger = logging.getLogger(__name__)
_CHECKPOINT_SECONDS = 120
_SHORT, _TUNING = 0.08, 0.45  # shares of the budget: until when short passages, from when mostly people's


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: `minutes` of wall clock or at most `steps`, about `tokens` a batch."""

    minutes: float
    steps: int = 1_000_000
    tokens: int = 1_600
    rate: float = 1.2e-3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Scores:
    """Of teacher-forced answers: mean loss, share of right tokens, share of right openings."""

    loss: float
    tokens: float
    openings: float


def shares_at(spent: float) -> tuple[float, float, float]:
    """Return the shares of made, people's and real questions in a batch after `spent` of the budget."""
    if spent < _SHORT:
        return 1.0, 0.0, 0.0
    return (0.85, 0.15, 0.0) if spent < _TUNING else (0.4, 0.3, 0.3)


def rate_at(spent: float, step: int, rate: float) -> float:
    """Return the learning rate: a short rise, then a cosine down to a twentieth."""
    return rate * min(1.0, (step + 1) / 30) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(spent, 1.0))))


def answer_loss(model: Llama, batch: Batch, *, text_weight: float) -> tuple[Tensor, Scores]:
    """Return the loss, and how well the answers were predicted."""
    states = model.states(batch.tokens, batch.positions, batch.mask)
    logits = model.logits(states[batch.answers])
    wanted = batch.targets[batch.answers]
    losses = functional.cross_entropy(logits, wanted, reduction="none")
    openings = batch.openings[batch.answers]
    weights = torch.where(openings, 3.0, 1.0)  # where to quote from is what is hard
    loss = (losses * weights).sum() / weights.sum()
    right = logits.detach().argmax(-1) == wanted
    begun = float(right[openings].float().mean())
    scores = Scores(float(losses.detach().mean()), float(right.float().mean()), begun)
    if text_weight:
        chosen = batch.texts & (torch.rand(batch.texts.shape) < 0.5)
        text = functional.cross_entropy(model.logits(states[chosen]), batch.targets[chosen])
        loss = loss + text_weight * text
    return loss, scores


@torch.no_grad()
def judge(model: Llama, tokenizer: Tokenizer, packs: Sequence[Pack], *, most: int = 40) -> Scores:
    """Return the scores on packs that training does not see."""
    rows = [encode_pack(pack, tokenizer, random.Random(0)) for pack in packs[:most]]
    found = [answer_loss(model, stack([row]), text_weight=0)[1] for row in rows if any(row.answers)]
    count = len(found)
    return Scores(
        sum(one.loss for one in found) / count,
        sum(one.tokens for one in found) / count,
        sum(one.openings for one in found) / count,
    )


def train(
    model: Llama,
    tokenizer: Tokenizer,
    pools: Sequence[Sequence[Pack]],
    plan: Plan,
    *,
    checkpoint: Path,
    tuning: Sequence[Pack],
) -> None:
    """Train `model` in place. An existing `checkpoint` is continued where it stopped."""
    matrices = [p for p in model.parameters() if p.ndim == 2]
    norms = [p for p in model.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.05}, {"params": norms, "weight_decay": 0.0}],
        lr=plan.rate,
        betas=(0.9, 0.97),
    )
    sampler = Sampler(pools, tokenizer, size=plan.tokens, seed=plan.seed)
    step, before, read = 0, 0.0, 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        step, before, read = saved["step"], saved["seconds"], saved["tokens"]
        logger.info("going on from step %d", step)
    started = last_saved = last_shown = time.monotonic()
    recent: list[Scores] = []
    while step < plan.steps:
        seconds = before + time.monotonic() - started
        spent = max(seconds / (60 * plan.minutes), step / plan.steps)
        if spent >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate_at(spent, step, plan.rate)
        torch.manual_seed(plan.seed * 1_000_003 + step)
        batch = sampler.batch(step, shares_at(spent), most_sentences=4 if spent < _SHORT else 99)
        loss, scores = answer_loss(model, batch, text_weight=0.1 if spent < _TUNING else 0.0)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        read += int(batch.tokens.numel())
        recent.append(scores)
        now = time.monotonic()
        done = step == plan.steps
        if now - last_shown > 30 or done:
            _show(step, spent, read, recent)
            recent, last_shown = [], now
        if now - last_saved > _CHECKPOINT_SECONDS or done:
            unseen = judge(model, tokenizer, tuning)
            logger.info("  unseen: %s", unseen)
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
            new = checkpoint.with_suffix(".new")
            torch.save({**state, "seconds": before + now - started, "tokens": read}, new)
            new.replace(checkpoint)
            last_saved = now


def _show(step: int, spent: float, read: int, recent: Sequence[Scores]) -> None:
    count = len(recent)
    logger.info(
        "%3.0f %%, step %d, %.2f million tokens: loss %.2f, tokens %.2f, openings %.2f",
        100 * spent,
        step,
        read / 1e6,
        sum(one.loss for one in recent) / count,
        sum(one.tokens for one in recent) / count,
        sum(one.openings for one in recent) / count,
    )
