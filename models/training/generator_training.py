"""The generator's training loop: a budget of minutes, a curriculum, checkpoints that are continued.

Short passages in their own order with questions made in place come first: there the order says nothing, so
the heads that find and copy must grow. Then sentences come best first, as in the product, with people's
questions in every batch, and four in ten questions have no answer. The passages themselves are never
predicted: little of them is learned by heart.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from models.training.checkpoint import write_checkpoint
from models.training.generator_batches import Batch, Pool, Sampler
from models.training.generator_evidence import Manner, Ranking
from models.training.generator_judging import judge
from models.training.llama_network import Llama

logger = logging.getLogger(__name__)
_CHECKPOINT_SECONDS = 120
# Shares of the budget: until when short passages; from when people's questions, from when mostly the
# decision, from when whole answers again.
_SHORT, _TUNING, _DECIDING, _WHOLE = 0.05, 0.35, 0.46, 0.955


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: `minutes` of wall clock or at most `steps`, about `tokens` a batch."""

    minutes: float
    steps: int = 1_000_000
    tokens: int = 2_000
    rate: float = 1.2e-3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Scores:
    """Of teacher-forced answers: mean loss, shares of right tokens, of right first tokens (quote or refuse),
    of right openings of quotes."""

    loss: float
    tokens: float
    firsts: float
    openings: float


@dataclass(frozen=True, slots=True)
class Stage:
    """What a batch is made of: `shares` of made, people's, persons' and real questions, how they are shown,
    the share of `whole` answers, and how much the first token counts, which answers or refuses."""

    shares: tuple[float, float, float, float]
    manner: Manner
    whole: float
    most_sentences: int = 99
    first_weight: float = 4.0


def stage_at(spent: float) -> Stage:
    """Return the stage after `spent` of the budget."""
    if spent < _SHORT:
        return Stage((1.0, 0.0, 0.0, 0.0), Manner(0.0, 0.3, 0.1, 0.0), 0.5, 4)
    if spent < _TUNING:
        return Stage((0.75, 0.12, 0.03, 0.1), Manner(0.2, 0.3, 0.25, 0.15), 0.2)
    if spent < _DECIDING:
        return Stage((0.2, 0.35, 0.2, 0.25), Manner(0.9, 0.3, 0.4, 0.25), 0.2)
    manner = Manner(0.95, 0.3, 0.45, 0.15, characters=1000)
    return Stage((0.15, 0.4, 0.2, 0.25), manner, 0.1 if spent < _WHOLE else 0.7, first_weight=10.0)


def rate_at(spent: float, step: int, rate: float) -> float:
    """Return the learning rate: a short rise, then a cosine down to a twentieth."""
    return rate * min(1.0, (step + 1) / 30) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(spent, 1.0))))


def answer_loss(model: Llama, batch: Batch, *, first_weight: float) -> tuple[Tensor, Scores]:
    """Return the loss, and how well the answers were predicted."""
    states = model.states(batch.tokens, batch.positions, batch.mask)
    logits = model.logits(states[batch.answers])
    wanted = batch.targets[batch.answers]
    losses = functional.cross_entropy(logits, wanted, reduction="none")
    firsts, openings = batch.firsts[batch.answers], batch.openings[batch.answers]
    weights = torch.where(openings, 3.0, 1.0)  # where to quote from is what is hard
    weights = torch.where(firsts, first_weight, weights)  # and whether to
    loss = (losses * weights).sum() / weights.sum()
    right = (logits.detach().argmax(-1) == wanted).float()
    scores = Scores(
        float(losses.detach().mean()),
        float(right.mean()),
        float(right[firsts].mean()),
        float(right[openings].mean()),
    )
    return loss, scores


def train(
    model: Llama,
    tokenizer: Tokenizer,
    pools: Sequence[Pool],
    ranking: Ranking,
    plan: Plan,
    *,
    checkpoint: Path,
    tuning: Pool,
) -> None:
    """Train `model` in place. An existing `checkpoint` is continued where it stopped."""
    matrices = [p for p in model.parameters() if p.ndim == 2]
    norms = [p for p in model.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.05}, {"params": norms, "weight_decay": 0.0}],
        lr=plan.rate,
        betas=(0.9, 0.97),
    )
    sampler = Sampler(pools, tokenizer, ranking, size=plan.tokens, seed=plan.seed)
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
        stage = stage_at(spent)
        batch = sampler.batch(
            step, stage.shares, stage.manner, whole=stage.whole, most_sentences=stage.most_sentences
        )
        loss, scores = answer_loss(model, batch, first_weight=stage.first_weight)
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
            logger.info("  unseen: %s", judge(model, tokenizer, tuning, ranking))
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
            write_checkpoint({**state, "seconds": before + now - started, "tokens": read}, checkpoint)
            last_saved = now


def _show(step: int, spent: float, read: int, recent: Sequence[Scores]) -> None:
    count = len(recent)
    logger.info(
        "%3.0f %%, step %d, %.2f million tokens: loss %.2f, tokens %.2f, firsts %.2f, openings %.2f",
        100 * spent,
        step,
        read / 1e6,
        sum(one.loss for one in recent) / count,
        sum(one.tokens for one in recent) / count,
        sum(one.firsts for one in recent) / count,
        sum(one.openings for one in recent) / count,
    )
