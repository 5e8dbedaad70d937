"""The reader's training: mixed batches, a cosine over a budget of processor time, averaged weights.

Human and made questions are mixed in every batch rather than trained one after the other: measured on
held-out articles, a network that first sees only made questions learns to copy.
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.reader import Reader
from models.reader_features import Floats
from models.reader_text import Vocabulary
from models.training.checkpoint import write_checkpoint
from models.training.reader_batches import (
    Encoded,
    batches,
    drop_words,
    loss_of,
    marks_of,
    training_batch,
)
from models.training.reader_network import ReaderNetwork

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pool:
    """Examples and the share of each batch that they give."""

    examples: Sequence[Encoded]
    share: float


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: `minutes` of processor time, or at most `steps`; `width` of the network."""

    minutes: float
    steps: int = 1_000_000
    width: int = 96
    batch: int = 32
    rate: float = 2e-3
    dropout: float = 0.25
    seed: int = 0


def train(
    pools: Sequence[Pool],
    vocabulary: Vocabulary,
    vectors: Floats,
    plan: Plan,
    *,
    checkpoint: Path | None = None,
    start: dict[str, Tensor] | None = None,
) -> dict[str, Tensor]:
    """Train and return the averaged weights. An existing `checkpoint` is continued where it stopped."""
    torch.manual_seed(plan.seed)
    rng = random.Random(plan.seed)
    network = ReaderNetwork(torch.from_numpy(vectors), width=plan.width, dropout=plan.dropout)
    if start is not None:
        network.load_state_dict(start)
    slow = [network.embedding.weight]
    fast = [p for name, p in network.named_parameters() if not name.startswith("embedding")]
    groups: list[dict[str, Any]] = [
        {"params": fast},
        {"params": slow, "lr": plan.rate * 0.3, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(
        groups,
        plan.rate,
        betas=(0.9, 0.98),
        weight_decay=0.02,
    )
    peaks = [float(group["lr"]) for group in optimizer.param_groups]
    average = {name: value.clone() for name, value in network.state_dict().items()}
    step, spent = 0, 0.0
    if checkpoint is not None and checkpoint.exists():
        state = torch.load(checkpoint)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        average, step, spent = state["average"], state["step"], state["spent"]
        rng.seed(plan.seed + step)
        logger.info("continuing at step %d after %.1f minutes", step, spent / 60)
    marks = marks_of(vocabulary)
    stream = batches([(pool.examples, pool.share) for pool in pools], size=plan.batch, rng=rng)
    span_mean = sentence_mean = 0.0
    saved = spent
    while spent < plan.minutes * 60 and step < plan.steps:
        began = time.process_time()
        done = max(spent / (plan.minutes * 60), step / plan.steps)
        scale = min(1.0, (step + 1) / 100) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * scale
        batch = training_batch([drop_words(item, rng) for item in next(stream)], vectors, marks)
        span_loss, sentence_loss = loss_of(network(*batch.inputs), batch)
        (span_loss + sentence_loss).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        keep = min(0.998, (step + 1) / (step + 10))
        with torch.no_grad():
            for name, value in network.state_dict().items():
                average[name].mul_(keep).add_(value, alpha=1 - keep)
        step += 1
        span_mean += (float(span_loss.detach()) - span_mean) / min(step, 50)
        sentence_mean += (float(sentence_loss.detach()) - sentence_mean) / min(step, 50)
        spent += time.process_time() - began
        if step % 100 == 0:
            logger.info(
                "step %d, %.1f of %.0f minutes, loss %.3f + %.3f",
                step, spent / 60, plan.minutes, span_mean, sentence_mean,
            )  # fmt: skip
        if checkpoint is not None and spent - saved > 120:
            _save(checkpoint, network, optimizer, average, step, spent)
            saved = spent
    if checkpoint is not None:
        _save(checkpoint, network, optimizer, average, step, spent)
    return average


def _save(
    checkpoint: Path,
    network: ReaderNetwork,
    optimizer: torch.optim.Optimizer,
    average: dict[str, Tensor],
    step: int,
    spent: float,
) -> None:
    state = {
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "average": average,
        "step": step,
        "spent": spent,
    }
    write_checkpoint(state, checkpoint)


def arrays(weights: dict[str, Tensor]) -> dict[str, Floats]:
    """Return weights as NumPy arrays."""
    return {name: np.asarray(value.numpy(), np.float32) for name, value in weights.items()}


def as_reader(vocabulary: Vocabulary, vectors: Floats, weights: dict[str, Tensor]) -> Reader:
    """Return a reader of these weights, for evaluation."""
    return Reader(vocabulary, arrays(weights), vectors)
