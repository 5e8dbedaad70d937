"""The reader's network, run with NumPy alone: the same computation as models/training/reader_network.py.

Weights are a mapping of the training module's parameter names to float32 arrays. A test compares both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.reader_features import Batch, Floats, Ints

LONGEST = 40  # tokens of a span
_BLOCKED = np.float32(-1e4)


@dataclass(frozen=True, slots=True)
class NetworkScores:
    """Logits: `spans` (B, T, LONGEST) of tokens t..t+k, below -1e3 where not allowed; `sentences` (N,);
    `null` (B,).
    """

    spans: Floats
    sentences: Floats
    null: Floats


def run_network(weights: Mapping[str, Floats], batch: Batch) -> NetworkScores:
    """Score a batch: float32, deterministic on one machine."""
    size = len(batch.passage)
    total = len(batch.facts)
    owner = np.repeat(np.arange(size), np.diff(batch.first))
    mask = (batch.sentence < total)[:, :, None].astype(np.float32)
    asked = (batch.question > 0)[:, :, None].astype(np.float32)
    table = weights["embedding.weight"]
    p = _linear(weights, "embed", table[batch.passage]) + batch.tokens @ weights["token_in.weight"].T
    # One question is asked of many passages: its side is computed once for equal rows.
    q = _linear(weights, "embed", table[batch.question]) + batch.words @ weights["word_in.weight"].T
    for layer in _layers(weights, "shared"):
        p = _block(weights, f"shared.{layer}", p, mask)
        q = _block(weights, f"shared.{layer}", q, asked)
    away = (asked - 1) * -_BLOCKED
    keys = p @ weights["key.weight"].T
    queries = q @ weights["query.weight"].T
    scale = np.float32(p.shape[-1] ** -0.5)
    attention = _softmax(keys @ queries.transpose(0, 2, 1) * scale + away.transpose(0, 2, 1), axis=2)
    seen = attention @ q
    pooled = _softmax(_linear(weights, "pool", q) + away, axis=1)
    near = batch.words[:, :, 0:1] + batch.words[:, :, 1:2]
    near = near / (near.sum(1, keepdims=True) + np.float32(1e-6))
    u = np.tanh(_linear(weights, "summary", np.concatenate([(pooled * q).sum(1), (near * q).sum(1)], axis=1)))
    joined = np.concatenate([p, seen, p * seen, p * u[:, None], batch.tokens], axis=2)
    h = np.maximum(_linear(weights, "join", joined) + u[:, None], 0)
    for layer in _layers(weights, "before"):
        h = _block(weights, f"before.{layer}", h, mask)
    segments = _Segments(batch.sentence, total)
    facts = np.concatenate([batch.facts, np.zeros((1, batch.facts.shape[1]), np.float32)])
    looked = _linear(weights, "look", np.concatenate([segments.pool(h), facts], axis=1))
    h = h + np.maximum(looked, 0)[batch.sentence]
    for layer in _layers(weights, "after"):
        h = _block(weights, f"after.{layer}", h, mask)
    h = _normalize(h, weights["final.weight"], weights["final.bias"])
    spans = _spans(weights, h, batch.sentence, total, batch.kind)
    pools = segments.pool(h)[:total]
    joined = np.concatenate([pools, batch.facts, u[owner]], axis=1)
    sentences = _linear(weights, "sentence_out", np.maximum(_linear(weights, "sentence_hidden", joined), 0))
    best = np.full((size, batch.facts.shape[1]), -1.0, np.float32)
    np.maximum.at(best, owner, batch.facts)
    whole = np.concatenate([(h + (1 - mask) * _BLOCKED).max(1), u, best], axis=1)
    null = _linear(weights, "null_out", np.maximum(_linear(weights, "null_hidden", whole), 0))
    return NetworkScores(spans, sentences[:, 0], null[:, 0])


class _Segments:
    """Runs of tokens that belong to the same sentence, for means and maxima over them."""

    def __init__(self, sentence: Ints, total: int) -> None:
        flat = sentence.reshape(-1)
        self.starts = np.flatnonzero(np.concatenate(([True], flat[1:] != flat[:-1])))
        self.owners = flat[self.starts]
        self.total = total
        self.counts = np.maximum(np.bincount(flat, minlength=total + 1), 1).astype(np.float32)[:, None]

    def pool(self, h: Floats) -> Floats:
        """Return mean and maximum (N + 1, 2 d); the last row stands for padding."""
        flat = h.reshape(-1, h.shape[-1])
        sums = np.zeros((self.total + 1, h.shape[-1]), np.float32)
        tops = np.full((self.total + 1, h.shape[-1]), _BLOCKED, np.float32)
        # Padding comes in several runs, a sentence in exactly one.
        np.add.at(sums, self.owners, np.add.reduceat(flat, self.starts, axis=0))
        np.maximum.at(tops, self.owners, np.maximum.reduceat(flat, self.starts, axis=0))
        return np.concatenate([sums / self.counts, np.maximum(tops, -50)], axis=1)


def _spans(weights: Mapping[str, Floats], h: Floats, sentence: Ints, total: int, kind: Ints) -> Floats:
    width = sentence.shape[1]
    start, end = _linear(weights, "start", h)[:, :, 0], _linear(weights, "end", h)[:, :, 0]
    left, right = _linear(weights, "left", h), _linear(weights, "right", h)
    # All products at once, then the band of LONGEST diagonals.
    product = left @ right.transpose(0, 2, 1)
    at = np.arange(width)[:, None] + np.arange(LONGEST)[None, :]
    inside = at < width
    at = np.minimum(at, width - 1)
    rows = np.arange(width)[:, None]
    score = product[:, rows, at] * np.float32(0.15) + start[:, :, None] + end[:, at]
    allowed = (sentence[:, at] == sentence[:, :, None]) & (sentence < total)[:, :, None] & inside
    result: Floats = np.where(allowed, score, _BLOCKED) + weights["length"][kind][:, None, :]
    return result.astype(np.float32)


def _layers(weights: Mapping[str, Floats], name: str) -> range:
    count = 0
    while f"{name}.{count}.norm.weight" in weights:
        count += 1
    return range(count)


def _block(weights: Mapping[str, Floats], name: str, states: Floats, mask: Floats) -> Floats:
    """Normalise, convolve each channel, mix the channels, gate, add."""
    inner = _normalize(states, weights[f"{name}.norm.weight"], weights[f"{name}.norm.bias"]) * mask
    kernel = weights[f"{name}.convolution.weight"][:, 0, :]
    width = inner.shape[1]
    taps = kernel.shape[1]
    # The only dilated block is the first one after the look at the sentence.
    dilation = 2 if name == "after.0" else 1
    reach = dilation * (taps // 2)
    padded = np.pad(inner, ((0, 0), (reach, reach), (0, 0)))
    total = np.broadcast_to(weights[f"{name}.convolution.bias"], inner.shape).copy()
    for k in range(taps):
        total += padded[:, k * dilation : k * dilation + width] * kernel[:, k]
    mixed = _linear(weights, f"{name}.mix", total)
    half = mixed.shape[-1] // 2
    result: Floats = states + mixed[:, :, :half] / (1 + np.exp(-mixed[:, :, half:]))
    return result


def _linear(weights: Mapping[str, Floats], name: str, values: Floats) -> Floats:
    weight = weights[f"{name}.weight"]
    # One large product: NumPy would make one call of the linear algebra library for each passage.
    flat = values.reshape(-1, values.shape[-1]) @ weight.T
    flat += weights[f"{name}.bias"]
    result: Floats = flat.reshape(*values.shape[:-1], len(weight))
    return result


def _normalize(values: Floats, scale: Floats, shift: Floats) -> Floats:
    centered = values - values.mean(-1, keepdims=True)
    variance = (centered * centered).mean(-1, keepdims=True)
    result: Floats = centered / np.sqrt(variance + np.float32(1e-5)) * scale + shift
    return result


def _softmax(values: Floats, *, axis: int) -> Floats:
    powers = np.exp(values - values.max(axis, keepdims=True))
    result: Floats = powers / powers.sum(axis, keepdims=True)
    return result
