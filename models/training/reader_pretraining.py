"""What the reader's first layers learn from plain text, before any question: to guess words left out.

Masked words as in BERT (Devlin et al. 2019), over the syllables of the corpora and with the candidates of the
batch as a sampled softmax. Often the neighbour of a masked syllable is masked too: half of a compound gives
the other half away, and what is wanted is what stands around it. Embedding and shared convolutions are kept;
the attention of passage on question starts as the likeness of what they say of two words, so that "bắt giữ"
finds "tạm giam" from the first step on.
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.reader_features import Floats, Ints
from models.reader_text import Vocabulary
from models.training.reader_corpus import Document
from models.training.reader_network import ReaderNetwork

logger = logging.getLogger(__name__)

_CHARACTERS = 3000  # of a document
_SEQUENCES, _LENGTH = 48, 128
_MASKED, _NEIGHBOUR = 0.18, 0.35
_CANDIDATES = 2500  # drawn by the power 3/4 of their frequency, beside those that are masked
_RATE, _SHARPNESS, _ATTENTION = 3e-3, 8.0, 2.0


def syllables(documents: Iterable[Document], vocabulary: Vocabulary) -> Ints:
    """Return the embedding ids of the documents' beginnings, one after the other, in random order."""
    parts = []
    for document in documents:
        text = " ".join([document.title + ".", *document.paragraphs])[:_CHARACTERS]
        parts.append(vocabulary.encode([text]).rows[:, 0].astype(np.int32))
    random.Random(0).shuffle(parts)
    return np.concatenate(parts)


class MaskedWords(nn.Module):
    """The layers of a `ReaderNetwork` that read a text alone, with a head that guesses masked syllables."""

    def __init__(self, network: ReaderNetwork) -> None:
        super().__init__()
        width, dimension = network.embed.weight.shape
        self.embedding, self.embed, self.shared = network.embedding, network.embed, network.shared
        self.mask = nn.Parameter(torch.zeros(width))
        self.head = nn.Linear(width, dimension)
        self.bias = nn.Parameter(torch.zeros(len(network.embedding.weight)))

    def forward(self, ids: Tensor, masked: Tensor, candidates: Tensor) -> Tensor:
        """Return the logits (M, C) of `candidates` (C,) at the M places of `ids` (B, T) that are `masked`."""
        states = torch.where(masked.unsqueeze(-1), self.mask, self.embed(self.embedding(ids)))
        real = (ids > 0).unsqueeze(-1).float()
        for block in self.shared:
            states = block(states, real)
        guessed = self.head(states[masked]) @ self.embedding.weight[candidates].T
        result: Tensor = guessed * _SHARPNESS + self.bias[candidates]
        return result


def pretrain(
    text: Ints, vectors: Floats, *, minutes: float, width: int, steps: int = 1_000_000
) -> dict[str, Tensor]:
    """Return the weights of a `ReaderNetwork` that has seen masked words for `minutes` of processor time."""
    torch.manual_seed(0)
    network = ReaderNetwork(torch.from_numpy(vectors), width=width, dropout=0.0)
    guess = MaskedWords(network)
    optimizer = torch.optim.AdamW(guess.parameters(), _RATE, betas=(0.9, 0.98), weight_decay=0.01)
    frequency = np.bincount(text, minlength=len(vectors)).astype(np.float64) ** 0.75
    frequency[0] = 0
    drawn = np.cumsum(frequency / frequency.sum())
    rng = np.random.default_rng(0)
    spent, step, mean, right = 0.0, 0, 0.0, 0.0
    while spent < minutes * 60 and step < steps:
        began = time.process_time()
        done = max(spent / (minutes * 60), step / steps)
        scale = min(1.0, (step + 1) / 200) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))
        optimizer.param_groups[0]["lr"] = _RATE * scale
        ids, masked = _masked(text, rng)
        target = ids[masked]
        others = np.minimum(np.searchsorted(drawn, rng.random(_CANDIDATES)), len(vectors) - 1)
        candidates = torch.unique(torch.cat([target, torch.from_numpy(others)]))
        place = torch.searchsorted(candidates, target)
        logits = guess(ids, masked, candidates)
        loss = functional.cross_entropy(logits, place)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(guess.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step += 1
        mean += (float(loss.detach()) - mean) / min(step, 100)
        right += (float((logits.argmax(1) == place).float().mean()) - right) / min(step, 100)
        spent += time.process_time() - began
        if step % 500 == 0:
            logger.info(
                "masked words: step %d, %.1f of %.0f minutes, loss %.3f, %.3f guessed",
                step, spent / 60, minutes, mean, right,
            )  # fmt: skip
    alike = _ATTENTION * torch.eye(width)
    return {**network.state_dict(), "key.weight": alike, "query.weight": alike.clone()}


def _masked(text: Ints, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Return (B, T) ids of random stretches of the text, and which of them are to be guessed."""
    starts = rng.integers(0, max(1, len(text) - _LENGTH), _SEQUENCES)
    rows = np.stack([text[start : start + _LENGTH] for start in starts])
    known = rows > 1
    masked: npt.NDArray[np.bool_] = (rng.random(rows.shape) < _MASKED) & known
    behind = rng.random((len(rows), rows.shape[1] - 1)) < _NEIGHBOUR
    masked[:, 1:] |= masked[:, :-1] & behind & known[:, 1:]
    return torch.from_numpy(rows).long(), torch.from_numpy(masked)
